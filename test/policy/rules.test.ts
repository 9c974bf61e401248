import { expect, it } from 'vitest'
import type { PermissionRule } from '../../src/core/rules.ts'
import { ruleBook } from '../../src/policy/rules.ts'
import { rule } from './rules.ts'

function found(rules: readonly PermissionRule[], playbook: string): string | undefined {
  return ruleBook(rules).find('run', { playbook })?.name
}

function all(rules: readonly PermissionRule[], playbook: string): readonly string[] {
  return ruleBook(rules)
    .all('run', { playbook })
    .map(({ name }) => name)
}

const wide = rule('wide', { playbooks: ['*'] })
const leaks = rule('leaks', { playbooks: ['*', 'leaked-*'] })
const exact = rule('exact', { playbooks: ['other', 'leaked-key'] })

it('all rules that fit are in their order, the most specific first, whatever the order in the file', () => {
  for (const rules of [
    [wide, leaks, exact],
    [exact, leaks, wide],
    [leaks, exact, wide],
  ]) {
    expect(all(rules, 'Leaked-KEY')).toEqual(['exact', 'leaks', 'wide'])
    expect(found(rules, 'Leaked-KEY')).toBe('exact')
  }
})

it('of the patterns of one rule the most specific that fits counts, wherever it stands', () => {
  for (const playbooks of [
    ['*', 'leaked-key'],
    ['leaked-key', '*'],
  ]) {
    const rules = [rule('many', { playbooks }), rule('leaks', { playbooks: ['leaked-*'] })]
    expect(found(rules, 'leaked-key')).toBe('many')
    expect(found(rules, 'leaked-model')).toBe('leaks')
    expect(found(rules, 'model')).toBe('many')
  }
})

it('a rule that could be more specific, and is not for this, does not overrule one that is', () => {
  const first = rule('first', { playbooks: ['exactly-this-one', 'x-*'] })
  const second = rule('second', { playbooks: ['exactly-that-one', '*'] })
  expect(found([first, second], 'x-1')).toBe('first')
  expect(found([second, first], 'x-1')).toBe('first')
  expect(all([second, first], 'x-1')).toEqual(['first', 'second'])
  const third = rule('third', { playbooks: ['x-*'] })
  expect(all([second, third], 'x-1')).toEqual(['third', 'second'])
})

it('a rule about no playbook at all fits none, and a verb that no rule names has none', () => {
  const none = rule('none', { playbooks: [] })
  expect(found([none], 'leaked-key')).toBeUndefined()
  expect(all([none], 'leaked-key')).toEqual([])
  expect(ruleBook([wide]).all('cancel', { playbook: 'x' })).toEqual([])
  expect(ruleBook([wide]).find('cancel', { playbook: 'x' })).toBeUndefined()
})
