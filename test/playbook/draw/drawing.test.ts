import { Resvg } from '@resvg/resvg-js'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { markColours, paper, tones } from '../../../src/playbook/draw/colours.ts'
import { drawMermaid, drawPng, drawSvg } from '../../../src/playbook/draw/draw.ts'
import { widthOf, wrap } from '../../../src/playbook/draw/text.ts'
import { leakedKey, playbook, randomPlaybook, step } from './playbooks.ts'

const hostile =
  '</text><script>alert(1)</script>\u202e"&\'\u0000\ud800 `%%{init: {}}%%` ]]> --> end; #35; 漢字'

/** What is written in an SVG, in the order of the file. */
function words(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text)
}

function viewBox(svg: string): { width: number; height: number } {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []
  return { width: Number(width), height: Number(height) }
}

/** The smallest letters, in pixels, when the drawing is as wide as a phone. */
function smallestOnPhone(svg: string): number {
  const sizes = [...svg.matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => Number(size))
  return Math.min(...sizes) * (390 / viewBox(svg).width)
}

const luminance = (colour: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const contrast = (a: string, b: string): number => {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

describe('a drawing', () => {
  it('says in words what each step does to the world, who is asked, what repeats and on what condition', async () => {
    const drawn = words(await drawSvg({ info: leakedKey }))
    for (const word of ['read', 'reversible', 'irreversible', 'tells people', '2 approvers', 'for each']) {
      expect(drawn).toContain(word)
    }
    expect(drawn.join(' ')).toContain('if steps.owner.userName == &quot;ci&quot;')
    expect(drawn).toContain('if something failed')
  })

  it('says of a containment when it ends and how, and how long a run may take', async () => {
    const info = playbook(
      [
        step('down', { ttlMs: 14_400_000, onExpiry: 'undo' }),
        step('off', { ttlMs: 86_400_000, onExpiry: 'ask', repeats: true }),
      ],
      { timeoutMs: 7_200_000 },
    )
    const drawn = words(await drawSvg({ info }))
    for (const word of ['undone after 4h', 'asks after 1d', 'for each']) expect(drawn).toContain(word)
    expect(drawn).toContain('leaked-key, severity high, at most 2h')
    expect(drawMermaid({ info })).toContain('reversible, undone after 4h')
  })

  it('has what is done at the end below a line, after all else', async () => {
    const svg = await drawSvg({ info: leakedKey })
    expect(words(svg)).toContain('at the end')
    const groups = svg.split('<g ')
    const at = (id: string): number =>
      Number(/,([\d.]+)\)/.exec(groups.find((group) => group.includes(`>${id}<`)) ?? '')?.[1])
    expect(at('page')).toBeGreaterThan(Math.max(...['owner', 'disable', 'secrets', 'missing'].map(at)))
  })

  it('leaves out the arrows that others imply', async () => {
    // secrets needs owner and disable, which needs owner itself.
    const heads = (await drawSvg({ info: leakedKey })).match(/<path d="M[^"]*Z" fill="#7d8590"\/>/g)
    expect(heads).toHaveLength(3)
    expect(drawMermaid({ info: leakedKey }).match(/-->/g)).toHaveLength(3)
  })

  it('is legible on a phone with any six steps: no letter under 12 pixels at 390', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time, to name the seed
      const svg = await drawSvg({ info: randomPlaybook(seed, 6) })
      expect(smallestOnPhone(svg), `seed ${seed}`).toBeGreaterThanOrEqual(12)
    }
  })

  it('stays legible on a phone with forty steps, and grows downwards instead', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time, to name the seed
      const svg = await drawSvg({ info: randomPlaybook(seed, 40) })
      expect(smallestOnPhone(svg), `seed ${seed}`).toBeGreaterThanOrEqual(11)
      expect(viewBox(svg).height).toBeGreaterThan(1500)
      for (let i = 0; i < 40; i++) expect(svg).toContain(`<title>step${i}WithALongishName: Rotate</title>`)
    }
  })

  it('is as wide as its widest row where more columns are wished', async () => {
    const steps = Array.from({ length: 4 }, (_, i) => step(`s${i}`))
    expect(viewBox(await drawSvg({ info: playbook(steps), columns: 8 })).width).toBe(780)
    expect(viewBox(await drawSvg({ info: playbook(steps) })).width).toBe(390)
  })

  it('escapes what a hostile playbook says, and drops what XML cannot hold', async () => {
    const info = playbook(
      [step(hostile, { action: hostile, title: hostile, when: hostile.repeat(5), repeats: true })],
      {
        title: hostile,
        name: hostile,
      },
    )
    const svg = await drawSvg({ info })
    const tags = [...svg.matchAll(/<\/?([a-z]+)/g)].map(([, name]) => name)
    expect(new Set(tags)).toEqual(new Set(['g', 'path', 'rect', 'svg', 'text', 'title']))
    expect(svg.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
    expect(svg).not.toMatch(/&(?!(amp|lt|gt|quot|apos);)/)
    // A parser takes it whole.
    expect((await drawPng({ info })).length).toBeGreaterThan(1000)
  })

  it('breaks long names instead of running over', async () => {
    const info = playbook([step('averyvery'.repeat(7)), step('other')])
    const svg = await drawSvg({ info })
    const lines = words(svg).filter((word) => /^[avery]+$/.test(word))
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) expect(widthOf(line, 14)).toBeLessThanOrEqual(176)
  })

  it('can be of a playbook that only has closing steps, or one step', async () => {
    expect(words(await drawSvg({ info: playbook([step('page', { when: 'always()' })]) }))).toContain(
      'in any case',
    )
    expect(words(await drawSvg({ info: playbook([step('only')]) }))).not.toContain('at the end')
  })
})

describe('a PNG', () => {
  it('has twice the pixels of the drawing, and text without any font of the machine', async () => {
    const svg = await drawSvg({ info: leakedKey })
    const png = Buffer.from(await drawPng({ info: leakedKey }))
    expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    expect(png.readUInt32BE(16)).toBe(2 * viewBox(svg).width)
    expect(png.readUInt32BE(20)).toBe(2 * viewBox(svg).height)
    const mute = new Resvg(svg.replaceAll(/<text.*?<\/text>/g, ''), {
      fitTo: { mode: 'zoom', value: 2 },
    }).render()
    expect(png.equals(Buffer.from(mute.asPng()))).toBe(false)
    expect(png.length).toBeGreaterThan(1.5 * mute.asPng().length)
  })

  it('is made smaller rather than taller than viewers take', async () => {
    const chain = Array.from({ length: 120 }, (_, i) =>
      step(`s${i}`, { needs: i === 0 ? [] : [`s${i - 1}`] }),
    )
    const png = Buffer.from(await drawPng({ info: playbook(chain) }))
    expect(png.readUInt32BE(20)).toBeLessThanOrEqual(16_384)
  })
})

describe('text', () => {
  it('is never wider than measured, in either weight', () => {
    const resolve = createRequire(import.meta.url).resolve
    const fontFiles = [
      '400Regular/IBMPlexSans_400Regular.ttf',
      '600SemiBold/IBMPlexSans_600SemiBold.ttf',
    ].map((file) => resolve(`@expo-google-fonts/ibm-plex-sans/${file}`))
    const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: 'IBM Plex Sans' }
    const letters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
    for (const letter of [...letters, 'Ж', 'Ω', 'é', 'Ł']) {
      for (const weight of [400, 600]) {
        const escaped = `&#${letter.codePointAt(0)};`.repeat(20)
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="60"><text y="40" font-size="20" font-weight="${weight}" font-family="IBM Plex Sans">${escaped}</text></svg>`
        const drawn = new Resvg(svg, { font }).getBBox()?.width ?? Infinity
        expect(drawn, `${letter} ${weight}`).toBeLessThanOrEqual(widthOf(letter.repeat(20), 20) + 1)
      }
    }
  })

  it('is cut with an ellipsis where even the last line does not hold it', () => {
    const lines = wrap('one two three four five six seven eight nine ten', { width: 60, size: 12, lines: 2 })
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/…$/)
    for (const line of lines) expect(widthOf(line, 12)).toBeLessThanOrEqual(60)
    expect(wrap('', { width: 60, size: 12, lines: 2 })).toEqual([])
  })
})

describe('colours', () => {
  it('have the contrasts that they promise', () => {
    for (const { ink, tint } of Object.values(tones)) expect(contrast(ink, tint)).toBeGreaterThanOrEqual(7)
    for (const colour of Object.values(markColours))
      expect(contrast(colour, paper.ground)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(paper.faint, paper.pale)).toBeGreaterThanOrEqual(5)
    expect(contrast('#777777', '#888888')).toBeLessThan(2)
  })
})

describe('Mermaid', () => {
  it('names nodes itself, and writes nothing of a hostile playbook as it is', () => {
    const info = playbook(
      [step(hostile, { action: hostile, when: hostile }), step('end', { needs: [hostile] })],
      {
        title: hostile,
      },
    )
    const text = drawMermaid({ info })
    expect(text).toContain('s1 --> s2')
    const quoted = String.raw`"(?:[\p{L}\p{M}\p{N} .,_-]|#\d+;|<br\/>)*"`
    const grammar = new RegExp(
      [
        'flowchart TB',
        String.raw` {2}subgraph (?:main|closing) \[${quoted}\]`,
        ' {4}direction TB',
        String.raw` {4}s\d+(?:\[${quoted}\]|\[\[${quoted}\]\])`,
        ' {2}end',
        String.raw` {2}s\d+ --> s\d+`,
        ' {2}main -\\.-> closing',
        String.raw` {2}classDef [a-z]+ (?:(?:fill|stroke|color):#[0-9a-f]{6}|stroke-width:3px|,)+`,
        String.raw` {2}class s\d+(?:,s\d+)* [a-z]+`,
      ]
        .map((line) => `^${line}$`)
        .join('|'),
      'u',
    )
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(grammar)
    expect('    s1["a"] --> evil').not.toMatch(grammar)
  })
})
