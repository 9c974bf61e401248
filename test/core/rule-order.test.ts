import { describe, expect, it } from 'vitest'
import { patternsMeet, tiesOf, weightOf } from '../../src/core/rule-order.ts'
import { globMatches } from '../../src/policy/glob.ts'
import { chance, rule } from '../policy/rules.ts'

function tie(one: object, other: object): number {
  return tiesOf([rule('one', one), rule('other', other)]).length
}

describe('of two rules, the more specific one', () => {
  const ladder = [
    rule('severity', { severities: ['low'] }),
    rule('because', { because: ['leak'] }),
    rule('because and severity', { because: ['leak'], severities: ['low'] }),
    rule('any playbook', { playbooks: ['*'] }),
    rule('pattern', { playbooks: ['a-*'], because: ['leak'], severities: ['low'] }),
    rule('longer pattern', { playbooks: ['ab-*'] }),
    rule('exact', { playbooks: ['a'] }),
    rule('effect', { effects: ['reversible'] }),
    rule('effect and exact', { effects: ['reversible'], playbooks: ['a'] }),
    rule('environment', { environments: ['production'] }),
    rule('environment and all', { environments: ['production'], effects: ['read'], playbooks: ['a'] }),
    rule('instance', { instances: ['aws/main'] }),
    rule('both places', { instances: ['aws/main'], environments: ['production'] }),
  ]

  it('is the one further down this list', () => {
    const weights = ladder.map((one) => weightOf(one, one.playbooks?.[0]))
    expect(weights).toEqual(weights.toSorted((a, b) => a - b))
    expect(new Set(weights).size).toBe(weights.length)
  })

  it('does not exist where they name as much and could both fit', () => {
    expect(tie({ effects: ['read'] }, { effects: ['read', 'reversible'] })).toBe(1)
    expect(tie({ effects: ['read'] }, { effects: ['reversible'] })).toBe(0)
    expect(tie({ effects: ['read'] }, { effects: ['read'], verbs: ['plan'] })).toBe(0)
    expect(tie({ effects: ['read'] }, { effects: ['read'], because: ['leak'] })).toBe(0)
    expect(tie({ playbooks: ['leak-*'] }, { playbooks: ['*-leak'] })).toBe(1)
    expect(tie({ playbooks: ['leak-*'] }, { playbooks: ['bad-*'] })).toBe(0)
    expect(tie({ playbooks: ['a', 'b'] }, { playbooks: ['c', 'b'] })).toBe(1)
    expect(tie({ environments: ['lab'] }, { environments: ['production'] })).toBe(0)
    expect(tie({ playbooks: ['a-*', '*-a', 'a-*'] }, { playbooks: ['b'] })).toBe(0)
    expect(tie({ severities: ['low'] }, { severities: ['low'] })).toBe(1)
    expect(tie({ because: ['leak'] }, { because: ['drill'] })).toBe(0)
    expect(tie({ instances: ['aws/main'] }, { instances: ['aws/main'] })).toBe(1)
    expect(tie({ instances: ['aws/main'] }, { instances: ['aws/other'] })).toBe(0)
  })

  it('is found among a thousand rules at once', () => {
    const many = Array.from({ length: 1000 }, (_, i) => rule(`r${i}`, { playbooks: [`p${i}-*`] }))
    const began = performance.now()
    expect(tiesOf(many)).toEqual([])
    expect(tiesOf([...many, rule('last', { playbooks: ['p9?9-*'] })]).length).toBe(0)
    expect(tiesOf([...many, rule('last', { playbooks: ['p999-*'] })])).toEqual([{ first: 999, second: 1000 }])
    expect(performance.now() - began).toBeLessThan(3000)
  })
})

describe('two patterns meet', () => {
  it.each<[string, string, boolean]>([
    ['a', 'a', true],
    ['a', 'A', true],
    ['a', 'b', false],
    ['*', '', true],
    ['?', '', false],
    ['a*', '*b', true],
    ['a*b', 'a?b', true],
    ['a?', 'a', false],
    ['a*c', 'b*', false],
    ['*a*', '*b*', true],
    ['**', '*', true],
  ])('%s and %s: %s', (one, other, meet) => {
    expect(patternsMeet(one, other)).toBe(meet)
    expect(patternsMeet(other, one)).toBe(meet)
  })

  it('exactly when some short text fits both', () => {
    const letters = ['a', 'b']
    let texts = ['']
    for (let i = 0; i < 6; i += 1)
      texts = [...new Set([...texts, ...texts.flatMap((text) => letters.map((letter) => text + letter))])]
    const of = chance(7)
    for (let i = 0; i < 1500; i += 1) {
      const pattern = () =>
        Array.from({ length: 1 + of.next() * 3 }, () => of.pick(['a', 'b', '*', '?'])).join('')
      const [one, other] = [pattern(), pattern()]
      const found = texts.some((text) => globMatches(one, text) && globMatches(other, text))
      expect([one, other, patternsMeet(one, other)]).toEqual([one, other, found])
    }
  })
})
