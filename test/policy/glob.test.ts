import { expect, it } from 'vitest'
import { compileGlob, globMatches } from '../../src/policy/glob.ts'

/** All texts of these letters, up to a length. */
function texts(letters: string, length: number): string[] {
  if (length === 0) return ['']
  const shorter = texts(letters, length - 1)
  return ['', ...shorter.flatMap((text) => Array.from(letters, (letter) => letter + text))]
}

/** What a pattern means, said as plainly as can be. */
function means(pattern: string, text: string): boolean {
  const [first, ...rest] = Array.from(pattern)
  const [head, ...tail] = Array.from(text)
  if (first === undefined) return head === undefined
  if (first === '*')
    return means(rest.join(''), text) || (head !== undefined && means(pattern, tail.join('')))
  return head !== undefined && (first === '?' || first === head) && means(rest.join(''), tail.join(''))
}

it('every small pattern matches exactly the small texts that it means', () => {
  const [patterns, given] = [new Set(texts('ab?*', 5)), new Set(texts('ab', 5))]
  for (const pattern of patterns) {
    const matches = compileGlob(pattern)
    const wrong = [...given].filter((text) => matches(text) !== means(pattern, text))
    expect(wrong, pattern).toEqual([])
  }
})

it('a question mark is one character, whatever it takes to write it', () => {
  for (const text of ['x', 'é', '😀', '\ud800']) {
    expect(globMatches('?', text)).toBe(true)
    expect(globMatches('??', text)).toBe(false)
    expect(globMatches('a?*c', `a${text}c`)).toBe(true)
  }
  expect(globMatches('*😀', 'a😀')).toBe(true)
  expect(globMatches('*😀', 'a😁')).toBe(false)
})

it('letters match in either case, on either side', () => {
  expect(globMatches('PROD-*', 'prod-Éa')).toBe(true)
  expect(globMatches('prod-é*', 'PROD-ÉA')).toBe(true)
})
