import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { loadPlaybook } from '../../src/playbook/load.ts'
import { randomFrom } from '../support/random.ts'
import { samples } from './corpus.ts'
import { registry } from './registry.ts'

// Whatever a file holds, the loader answers, soon, with a playbook or with diagnostics that have a place.

/** Far above what the slowest of these takes on a busy machine, far below what would be called hanging. */
const SOON_MS = 3000

function answers(text: string): string[] {
  const from = performance.now()
  const loaded = loadPlaybook(text, 'fuzz.yaml', registry)
  expect(performance.now() - from).toBeLessThan(SOON_MS)
  if (loaded.ok) return []
  expect(loaded.diagnostics.length).toBeGreaterThan(0)
  expect(loaded.diagnostics.length).toBeLessThanOrEqual(200)
  for (const { line, column, message, remedy } of loaded.diagnostics) {
    expect([line > 0, column > 0, message !== '', remedy !== '']).toEqual([true, true, true, true])
  }
  return loaded.diagnostics.map(({ code }) => code)
}

const head = 'name: fuzz\ntitle: Fuzz\nseverity: low\nbecause: drill\n'
const message = '{ action: slack.post, with: { channel: a, text: b } }'
const many = (count: number, make: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join('')

describe('a hostile file', () => {
  const laughs = many(12, (i) =>
    i === 0 ? 'a0: &a0 [lol, lol]\n' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}, *a${i - 1}, *a${i - 1}]\n`,
  )
  it.each([
    ['a billion laughs', laughs, 'yaml.forbidden'],
    ['ten megabytes of text', `${head}steps: { a: "${'x'.repeat(10 * 2 ** 20)}" }\n`, 'yaml.too-large'],
    ['ten megabytes of brackets', '['.repeat(10 * 2 ** 20), 'yaml.too-large'],
    ['deep lists', '['.repeat(100_000), 'yaml.too-deep'],
    ['deep dashes', '- '.repeat(100_000), 'yaml.too-deep'],
    ['deep maps', '{a: '.repeat(60_000), 'yaml.too-deep'],
    ['deep blocks', many(300, (i) => `${' '.repeat(i)}a:\n`), 'yaml.too-deep'],
    [
      'deep values',
      `${head}steps: { a: { action: slack.post, with: ${'{ a: '.repeat(50)}1${' }'.repeat(50)} } }\n`,
      'playbook.unknown-field',
    ],
    [
      'a merge of maps',
      `${head}steps: { a: { <<: [{ action: slack.post }], with: {} } }\n`,
      'yaml.forbidden',
    ],
    ['a tag that makes code', `${head}steps: { a: !!js/function "x" }\n`, 'yaml.forbidden'],
    ['a prototype', `${head}steps: { __proto__: ${message} }\n`, 'yaml.bad-value'],
    ['a directive', `%YAML 1.1\n---\n${head}`, 'yaml.forbidden'],
    [
      'five thousand steps',
      `${head}steps:\n${many(4000, (i) => `  s${i}: ${message}\n`)}`,
      'playbook.bad-value',
    ],
    [
      'five thousand steps and a fault',
      `${head}x: 1\nsteps:\n${many(4000, (i) => `  s${i}: ${message}\n`)}`,
      'playbook.unknown-key',
    ],
    [
      'ten thousand unknown keys',
      `${head}steps: { a: ${message} }\n${many(10_000, (i) => `k${i}: 1\n`)}`,
      'playbook.unknown-key',
    ],
    [
      'ten thousand bad steps',
      `${head}steps:\n${many(10_000, (i) => `  s-${i}: {}\n`)}`,
      'playbook.bad-value',
    ],
    [
      'thousands of expressions',
      `${head}steps:\n${many(150, (i) => `  s${i}: { action: aws.label-user, with: { name: a, tags: { ${many(30, (j) => `k${j}: "\${{ steps.s${(i + 1) % 150}.name }}", `)} } } }\n`)}`,
      'playbook.cycle',
    ],
    [
      'everything after everything',
      `${head}steps:\n${many(150, (i) => `  s${i}: { when: 1 > 2, after: [${many(i, (j) => `s${j},`)}], action: slack.post, with: { channel: a, text: b } }\n`)}`,
      undefined,
    ],
    [
      'a long expression',
      `${head}steps: { a: { when: "${'!'.repeat(5000)}true", action: slack.post, with: { channel: a, text: b } } }\n`,
      'expr.too-large',
    ],
    [
      'a wide expression',
      `${head}steps: { a: { when: "true${' && true'.repeat(250)}", action: slack.post, with: { channel: a, text: b } } }\n`,
      'expr.too-large',
    ],
    [
      'braces without end',
      `${head}steps: { a: { action: slack.post, with: { channel: a, text: "${'${{'.repeat(20_000)}" } } }\n`,
      'expr.syntax',
    ],
    [
      'a pattern that explodes',
      `${head}inputs: { a: { type: string, description: A, pattern: "((a{0,100}){0,100}){0,100}" } }\nsteps: { a: ${message} }\n`,
      'playbook.bad-input',
    ],
    [
      'types in types',
      `${head}inputs: { a: ${'{ type: array, description: A, items: '.repeat(50)}{ type: string }${' }'.repeat(50)} }\nsteps: { a: ${message} }\n`,
      undefined,
    ],
  ])('of %s is answered', (_, text, code) => {
    const codes = answers(text)
    if (code !== undefined) expect(codes).toContain(code)
  })

  it('of random bytes is answered', () => {
    const random = randomFrom(1)
    for (let i = 0; i < 300; i++) {
      const bytes = Array.from({ length: Math.floor(random() * 400) }, () => Math.floor(random() * 256))
      answers(Buffer.from(bytes).toString(i % 2 === 0 ? 'utf8' : 'latin1'))
    }
  })

  it('of random YAML is answered', () => {
    const random = randomFrom(2)
    const marks = [
      '&a ',
      '*a',
      '!!str ',
      '!x ',
      '<<: ',
      '? ',
      '- ',
      ': ',
      '{',
      '}',
      '[',
      ']',
      '|\n',
      '>-\n',
      '"',
      "'",
      '#',
      '\n',
      '  ',
      ',',
      '---\n',
      '...\n',
      '%YAML\n',
      'a',
      'steps',
      'null',
      '~',
      '1e999',
      '0x1f',
      '.inf',
      '${{',
      '}}',
    ]
    for (let i = 0; i < 600; i++) {
      const parts = Array.from({ length: Math.floor(random() * 60) }, () => pick(marks, random))
      answers((i % 3 === 0 ? head : '') + parts.join(''))
    }
  })

  it('that was a good or broken one before somebody hit the keyboard is answered', () => {
    const random = randomFrom(3)
    const texts = [...samples('good'), ...samples('broken')].map(({ text }) => text)
    for (let i = 0; i < 600; i++) answers(hit(pick(texts, random), random))
  })
})

function pick<T>(from: readonly T[], random: () => number): T {
  const one = from[Math.floor(random() * from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

/** A character lost, doubled, or replaced; a line lost, doubled or moved. */
function hit(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length)
  const lines = text.split('\n')
  const line = Math.floor(random() * lines.length)
  switch (Math.floor(random() * 5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1)
    case 1:
      return text.slice(0, at) + text.slice(at, at + 5) + text.slice(at)
    case 2:
      return text.slice(0, at) + pick('{}[]:,&*!|>"\'${ \n-'.split(''), random) + text.slice(at + 1)
    case 3:
      return lines.toSpliced(line, 1).join('\n')
    default:
      return [...lines.toSpliced(line, 1), lines[line]].join('\n')
  }
}
