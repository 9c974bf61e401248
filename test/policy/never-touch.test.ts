import { describe, expect, it } from 'vitest'
import { globMatches } from '../../src/policy/glob.ts'
import { neverTouch } from '../../src/policy/never-touch.ts'

describe('globs', () => {
  it.each<[string, string, boolean]>([
    ['prod-*', 'prod-1', true],
    ['prod-*', 'PROD-1', true],
    ['prod-*', 'preprod-1', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*a*b*c', 'xxaxxbxxc', true],
    ['*a*b*c', 'xxaxxbxx', false],
    ['arn:aws:iam::*:user/root*', 'arn:aws:iam::1:user/rooted', true],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
    ['ab**', 'ab', true],
  ])('%s against %s: %s', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected)
  })

  it('hostile patterns take no time', () => {
    const start = performance.now()
    expect(globMatches('*a'.repeat(500), `${'a'.repeat(5000)}b`)).toBe(false)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('targets that are never touched', () => {
  const target = { kind: 'kubernetes.deployment', id: 'uid-1', name: 'models/llm' }
  const guard = {
    rules: [{ kind: 'kubernetes.*', name: 'models/*' }],
    own: ['AKIAFIREBREAK', 'ops/firebreak'],
  }

  it('a rule must match in every field it gives', () => {
    expect(neverTouch(target, guard)?.reason).toContain('models/*')
    expect(neverTouch({ ...target, kind: 'aws.secret' }, guard)).toBeUndefined()
    expect(neverTouch({ ...target, name: 'web/llm' }, guard)).toBeUndefined()
    expect(neverTouch(target, { rules: [{}], own: [''] })).toBeUndefined()
  })

  it.each(['kube-system/coredns', 'main/kube-system/coredns', 'KUBE-SYSTEM/x'])(
    '%s is always guarded',
    (name) => {
      expect(neverTouch({ ...target, name }, { rules: [], own: [] })?.reason).toContain('kube-system')
    },
  )

  it('what the bot lives on is always guarded, by id and by name', () => {
    expect(neverTouch({ kind: 'aws.access-key', id: 'akiafirebreak', name: 'key' }, guard)?.reason).toContain(
      'itself',
    )
    expect(neverTouch({ ...target, name: 'ops/firebreak' }, guard)?.reason).toContain('itself')
  })
})
