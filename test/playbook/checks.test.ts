import { describe, expect, it } from 'vitest'
import { errorPages } from '../../src/core/errors.ts'
import { diagnosticsOf, samples } from './corpus.ts'

const broken = samples('broken')

/** What no single file of text can show: other files, the command line, TypeScript, the reading itself. */
const elsewhere = new Set([
  'playbook.definition',
  'playbook.duplicate-name',
  'playbook.file',
  'playbook.inner-refused',
  'playbook.recursion',
  'playbook.refused',
  'playbook.run',
  'playbook.unknown',
])

describe('a broken playbook', () => {
  it('is here for every code of the checker', () => {
    const codes = Object.keys(errorPages).filter(
      (code) => code.startsWith('playbook.') && !elsewhere.has(code),
    )
    const shown = new Set(broken.flatMap(({ expected }) => expected.map((line) => line.split(' ')[0])))
    expect(codes.filter((code) => !shown.has(code))).toEqual([])
  })

  it('is here in more than a hundred kinds, each of which says what it must get', () => {
    expect(broken.length).toBeGreaterThanOrEqual(100)
    for (const { file, expected } of broken) expect(expected, file).not.toEqual([])
  })

  it.each(broken)('$file gets exactly its diagnostics', (sample) => {
    const found = diagnosticsOf(sample)
    expect(found.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual(sample.expected)
    for (const { code, message, remedy, excerpt, column } of found) {
      expect(errorPages[code].length).toBeGreaterThan(20)
      expect([message, remedy].every((text) => text.length > 5)).toBe(true)
      expect(excerpt.split('\n').at(-1)).toBe(`${' '.repeat(column - 1)}^`)
    }
  })
})
