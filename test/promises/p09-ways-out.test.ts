import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import type { PlaybookInfo } from '../../src/core/playbook.ts'
import type { Store } from '../../src/core/ports.ts'
import { makeKnown } from '../../src/core/scrub/known.ts'
import { scrubbedStore } from '../../src/core/scrub/store.ts'
import { drawMermaid, drawSvg } from '../../src/playbook/draw/draw.ts'
import { scrubbedAnswer } from '../../src/surfaces/api/scrubbed.ts'
import { startHttp } from '../../src/surfaces/api/http.ts'
import { annotations } from '../../src/surfaces/cli/text/annotations.ts'
import { clean, cleanLines, toJson, toJsonLine } from '../../src/surfaces/cli/text/clean.ts'
import { code, fence, link, mention, plain, prose } from '../../src/surfaces/slack/text.ts'
import { encodings, findsIn, leaks } from '../support/canary.ts'
import { hostile, obeyed } from '../support/hostile.ts'
import { createFake } from '../surfaces/api/fake-firebreak.ts'
import { keepLog } from '../surfaces/api/keep-log.ts'

// P9 at each way out by itself: whatever gets to it, no secret leaves, and nothing of outsiders is obeyed.

const samplePlaybook: PlaybookInfo = {
  name: 'sample',
  title: '',
  severity: 'low',
  because: 'drill',
  covers: { atlas: [], owaspLlm: [] },
  inputs: {},
  steps: [{ id: 'a', action: 'toy.set', title: 'A', effect: 'reversible', needs: [], repeats: false }],
  digest: '',
  file: '',
}

const canary = `it's "hidden" & <so> ${randomBytes(6).toString('hex')}`
const token = `ghp_${randomBytes(60)
  .toString('base64')
  .replaceAll(/[^A-Za-z0-9]/g, '')
  .slice(0, 36)}`
makeKnown(canary)

function at(file: string): string {
  return pathToFileURL(join(import.meta.dirname, '../../src', file)).href
}

/** A program of a few lines, run as a process of its own: both outputs. */
function program(lines: string): {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
} {
  const script = `
    const [{ createLog }, { guardProcess }, { Secret }] = await Promise.all([
      import('${at('log.ts')}'), import('${at('output.ts')}'), import('${at('core/secret.ts')}')])
    const canary = ${JSON.stringify(canary)}
    const hostile = ${JSON.stringify(hostile)}
    const encodings = ${JSON.stringify(Object.values(encodings).map((write) => write(canary)))}
    Object(new Secret(canary))
    ${lines}`
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
}

describe('the log', () => {
  const { stderr, status } = program(`
    const log = createLog('debug')
    for (const text of [...encodings, '${token}']) log.info({ note: text, [text]: 1, deep: [{ text }] }, 'it says ' + text)
    log.error({ err: Object.assign(new Error('outer ' + canary + '\\n    at ' + canary + ':1:1'), {
      cause: new AggregateError([new Error(canary)], canary, { cause: new TypeError(canary) }) }) }, 'failed')
    for (const text of hostile) log.warn({ text }, text)`)

  it('holds no secret, in messages, fields, names of fields, errors or causes', () => {
    expect(status).toBe(0)
    expect(leaks({ stderr }, { canary, token })).toEqual([])
    expect(stderr).toContain('[redacted: known secret]')
    expect(stderr).toContain('"type":"TypeError"')
  })

  it('has one line for each record, which is JSON, and nothing that a terminal obeys', () => {
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(Object.keys(encodings).length + 1 + 1 + hostile.length)
    for (const line of lines) {
      expect(line).not.toMatch(obeyed)
      expect(JSON.parse(line)).toHaveProperty('msg')
    }
  })
})

describe('a process that dies', () => {
  it.each([
    [
      'of an error that nobody caught',
      `setTimeout(() => { throw Object.assign(new Error(canary), { canary }) })`,
    ],
    ['of a promise that nobody caught', `void Promise.reject(new Error(canary, { cause: canary }))`],
    ['of something that is no error', `void Promise.reject(canary)`],
  ])('%s says so in one line without what was in it', (_, lines) => {
    const { stdout, stderr, status } = program(`guardProcess(); ${lines}`)
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(leaks({ stderr }, { canary })).toEqual([])
    expect(JSON.parse(stderr)).toMatchObject({ level: 60, msg: expect.stringContaining('nobody caught') })
  })

  it('the check would find it: Node itself prints what was in it', () => {
    expect(findsIn(program(`void Promise.reject(new Error(canary))`).stderr, canary)).not.toEqual([])
  })
})

describe('the outputs of the process', () => {
  it('hold no secret, written by whomever, also in pieces', () => {
    const { stdout, stderr } = program(`
      guardProcess()
      console.log('say', canary); console.error({ canary }); console.warn('${token}')
      for (const char of 'in pieces: ' + canary + ' end\\n') process.stdout.write(char)
      process.stdout.write('later: ' + canary.slice(0, 9))
      setTimeout(() => process.stdout.write(canary.slice(9) + ' end'), 20)`)
    expect(leaks({ stdout, stderr }, { canary, token })).toEqual([])
    expect(stdout).toContain('in pieces: [redacted: known secret] end\n')
    expect(stdout.endsWith('later: [redacted: known secret] end')).toBe(true)
  })

  it('let everything else pass as it is, bytes too, and call back', () => {
    const { stdout } = program(`
      guardProcess()
      process.stdout.write(new Uint8Array([137, 80, 78, 71]))
      process.stdout.write('no line end', () => process.stdout.write(' and after', 'utf8', () => process.exit(0)))`)
    expect(stdout.slice(1)).toBe('PNGno line end and after')
  })
})

describe('HTTP answers', () => {
  const fake = createFake()
  const outcome = { fingerprint: 'f', decision: 'ignore', reason: `it said ${canary} and ${token}` } as const
  const closing: (() => Promise<void>)[] = []
  afterAll(() => Promise.all(closing.map((close) => close())))

  async function ask(alert: () => Promise<readonly (typeof outcome)[]>): Promise<string> {
    const server = await startHttp({
      app: { ...fake.app, alert },
      host: '127.0.0.1',
      port: 0,
      sources: { open: {} },
      version: canary,
      health: () => ({ ready: true, parts: { [token]: canary } }),
      log: keepLog(),
    })
    closing.push(server.close)
    const answers = await Promise.all([
      fetch(`${server.url}/alerts/open`, { method: 'POST', body: '{}' }),
      fetch(`${server.url}/readyz`),
      fetch(`${server.url}/${token}`),
    ])
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    for (const text of texts) JSON.parse(text)
    return texts.join('\n')
  }

  it('hold no secret, and stay JSON', async () => {
    const text = await ask(() => Promise.resolve([outcome]))
    expect(leaks({ text }, { canary, token })).toEqual([])
    expect(text).toContain('it said [redacted: known secret] and [redacted: GitHub token]')
  })

  it('hold none when they tell of a failure', async () => {
    const text = await ask(() =>
      Promise.reject(new FirebreakError('alert.unreadable', canary, { remedy: token })),
    )
    expect(leaks({ text }, { canary, token })).toEqual([])
  })
})

it('a stream of events holds no secret, however it is cut, and its events come at once', async () => {
  const event = (n: number) => `data: ${JSON.stringify({ n, said: `${canary} ${token}\n` })}\nid: ${n}\n\n`
  const bytes = Buffer.from(event(1) + event(2))
  const source = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>()
  const answer = await scrubbedAnswer(
    new Response(source.readable, { headers: { 'content-type': 'text/event-stream' } }),
  )
  const writer = source.writable.getWriter()
  if (answer.body === null) throw new Error('there is no stream')
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  const [first, second] = [Buffer.byteLength(event(1)), bytes.length]
  for (const cut of [
    [0, 30],
    [30, first],
    [first, first + 50],
  ] as const)
    void writer.write(bytes.subarray(...cut))
  let text = ''
  while (!text.includes('id: 1\n\n')) text += (await reader.read()).value ?? ''
  void writer.write(bytes.subarray(first + 50, second)).then(() => writer.close())
  for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value
  expect(leaks({ text }, { canary, token })).toEqual([])
  const data = text.split('\n').filter((line) => line.startsWith('data: '))
  expect(data.map((line) => JSON.parse(line.slice(6)).n)).toEqual([1, 2])
})

describe('the journal', () => {
  it('is given no secret: facts of people and alerts are searched for everything, facts of steps for what is known', async () => {
    const given: unknown[] = []
    const inner: Partial<Store> = {
      commit: (commit) => Promise.resolve(void given.push(commit) as unknown as []),
      settle: (...settled) => Promise.resolve(void given.push(settled)),
      memo: {
        get: () => Promise.resolve(undefined),
        set: (...memo) => Promise.resolve(void given.push(memo)),
      },
    }
    const store = scrubbedStore(inner as Store)
    const actor = { kind: 'system' } as const
    const failed = {
      type: 'step.failed',
      actor,
      run: 'r',
      n: 1,
      step: 's',
      data: { code: 'c', message: canary, remedy: '' },
    } as const
    const frozen = { type: 'freeze.set', actor, data: { reason: `${canary} ${token}` } } as const
    const notice = { id: 'n', run: 'r', step: 's', channel: 'c', text: `password=${token} ${canary}` }
    await store.commit({ facts: [failed, frozen], outbox: [notice] })
    await store.settle('n', failed)
    await store.memo.set('k', canary)
    expect(leaks({ given: JSON.stringify(given) }, { canary, token })).toEqual([])
    expect(given).toHaveLength(3)
  })
})

describe('text of outsiders', () => {
  it('is escaped for Slack, and cannot mention, link, format or hide', () => {
    for (const text of hostile) {
      for (const shown of [
        prose(text),
        prose(text, 20),
        code(text),
        fence(text),
        mention(text),
        link(text),
      ]) {
        expect(shown).not.toMatch(/<[!@#]|<https?:\/\/evil|<mailto:/)
        expect(shown.replaceAll('@\u{200B}', '@').replaceAll('\n', ' ')).not.toMatch(obeyed)
      }
      expect(prose(text)).not.toMatch(/[*_~`]|@(?!\u{200B})/u)
      expect(code(text).slice(1, -1)).not.toMatch(/[`\n]/)
      expect(fence(text).slice(4, -4)).not.toContain('`')
      expect(plain(text, 75).replaceAll('\n', ' ')).not.toMatch(obeyed)
    }
  })

  it('is no more than text for a terminal', () => {
    for (const text of hostile) {
      expect(clean(text)).not.toMatch(obeyed)
      expect(clean(text)).not.toContain('\n')
      expect(cleanLines(text).replaceAll('\n', ' ')).not.toMatch(obeyed)
      for (const json of [toJson({ text, [text]: 1 }), toJsonLine([text])]) {
        expect(json.replaceAll('\n', ' ')).not.toMatch(obeyed)
        expect(JSON.stringify(JSON.parse(json))).toContain(JSON.stringify(text).slice(1, -1))
      }
    }
  })

  it('is no more than text in what a code host shows of a check', () => {
    for (const text of hostile) {
      const diagnostic = {
        code: 'usage.bad-arguments',
        severity: 'error',
        file: text,
        line: 1,
        column: 1,
        message: text,
        remedy: text,
        excerpt: text,
      } as const
      const shown = annotations({ files: [], diagnostics: [diagnostic] }, '/')
      expect(shown).not.toMatch(/[\n\r]/)
      expect(shown).not.toMatch(obeyed)
    }
  })

  it('is no more than text in a drawing', async () => {
    for (const text of hostile) {
      const info = { ...samplePlaybook, title: text }
      const svg = await drawSvg({ info })
      expect(svg).not.toMatch(/<script|<img|onload=alert\(1\)>|onerror=alert\(1\)>/)
      expect(svg.replaceAll('\n', ' ')).not.toMatch(obeyed)
      const mermaid = drawMermaid({ info })
      expect(mermaid).not.toMatch(/<script|<img|<svg/)
      expect(mermaid.replaceAll('\n', ' ')).not.toMatch(obeyed)
    }
  })
})
