import { describe, expect, it } from 'vitest'
import { parseYaml } from '../../src/core/yaml.ts'

function refusals(text: string): string[] {
  const parsed = parseYaml(text, 'f.yaml')
  return parsed.ok ? [] : parsed.diagnostics.map(({ code, line, column }) => `${code} ${line}:${column}`)
}

function read(text: string) {
  const parsed = parseYaml(text, 'f.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics))
  return parsed
}

function spot({ line, column }: { line: number; column: number }): string {
  return `${line}:${column}`
}

describe('strict YAML', () => {
  it('gives plain JSON, with exact integers and the order of keys', () => {
    const { value } = read('z: 9007199254740991\na: [1.5, -2, true, null, "x", 0x1f, yes]\ne:\n')
    expect(value).toEqual({ z: 9_007_199_254_740_991, a: [1.5, -2, true, null, 'x', 31, 'yes'], e: null })
    expect(JSON.stringify(value)).toMatch(/^{"z"/)
  })

  it.each<[string, string, string[]]>([
    ['an alias and its anchor', 'a: &x [1]\nb: *x', ['yaml.forbidden 1:7', 'yaml.forbidden 2:4']],
    ['a merge key', 'd: {<<: {a: 1}}', ['yaml.forbidden 1:5']],
    ['a tag of the schema', 'a: !!str 1', ['yaml.forbidden 1:10']],
    ['a tag of its own', 'a: !foo 1', ['yaml.forbidden 1:4']],
    [
      'a directive, which could bring YAML 1.1 and its `no` back',
      '%YAML 1.1\n---\na: no',
      ['yaml.forbidden 1:1'],
    ],
    ['a second document', 'a: 1\n---\nb: 2', ['yaml.documents 2:1']],
    ['a key that stands twice', 'a: 1\nb: 2\na: 3', ['yaml.duplicate-key 3:1']],
    ['a key that stands twice in a flow map', 'm: {a: 1, "a": 2}', ['yaml.duplicate-key 1:11']],
    ['an integer above 2^53', 'a: 9007199254740993', ['yaml.bad-value 1:4']],
    ['infinity', 'a: .inf', ['yaml.bad-value 1:4']],
    ['a number as a key', '1: a', ['yaml.bad-value 1:1']],
    ['__proto__ as a key', '{a: 1, __proto__: {x: 1}}', ['yaml.bad-value 1:8']],
    ['a list as a key', '? [a]\n: b', ['yaml.bad-value 1:3']],
    ['a text that reads backwards', 'a: "x\u202Ey"', ['yaml.bad-value 1:6']],
    ['half a character', 'a: "\\ud800"', ['yaml.bad-value 1:4']],
    ['an unclosed list', 'a: [1,', ['yaml.syntax 1:7']],
    ['a tab as indentation', '\ta: 1', ['yaml.syntax 1:1']],
  ])('refuses %s at its place', (_name, text, expected) => {
    expect(refusals(text)).toEqual(expected)
  })

  it.each([
    ['- '.repeat(100_000), 'yaml.too-deep'],
    ['['.repeat(100_000), 'yaml.too-deep'],
    ['? '.repeat(100_000), 'yaml.too-deep'],
    ['{a: '.repeat(200), 'yaml.too-deep'],
    ['x'.repeat(300_000), 'yaml.too-large'],
  ])('refuses hostile nesting and size before it costs anything', (text, code) => {
    expect(refusals(text)[0]).toMatch(code)
  })

  it('takes as many keys as fit without slowing down with their square', () => {
    const text = Array.from({ length: 15_000 }, (_, i) => `k${i}: ${i}`).join('\n')
    const start = performance.now()
    read(text)
    expect(performance.now() - start).toBeLessThan(3000)
  })

  it('shows the line with a caret', () => {
    const parsed = parseYaml('name: x\nlist: *y\n', 'f.yaml')
    expect(parsed.ok ? [] : parsed.diagnostics).toMatchObject([
      { file: 'f.yaml', line: 2, column: 7, excerpt: 'list: *y\n      ^', severity: 'error' },
    ])
  })

  it('finds values, keys, characters of a text, and the nearest place of what is absent', () => {
    const yaml = read('name: x\nwith:\n  text: "Key ${{ a }}"\n  list: [1, {b: 2}]\n')
    expect(spot(yaml.at(['with', 'text']))).toBe('3:9')
    expect(spot(yaml.atKey(['with', 'text']))).toBe('3:3')
    expect(spot(yaml.within(['with', 'text'], 4))).toBe('3:14')
    expect(spot(yaml.at(['with', 'list', 1, 'b']))).toBe('4:17')
    expect(spot(yaml.at(['with', 'absent']))).toBe('3:3')
    expect(spot(yaml.at(['absent']))).toBe('1:1')
  })
})
