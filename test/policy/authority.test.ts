import { describe, expect, it } from 'vitest'
import type { Account, Standing } from '../../src/core/person.ts'
import type { Verb } from '../../src/core/rules.ts'
import { mayDo } from '../../src/policy/authority.ts'
import { authority, click } from './people.ts'

describe('who may do what', () => {
  it.each<[Verb, Account, string]>([
    ['run', click('URITA'), 'rita'],
    ['plan', click('UANN'), 'ann'],
    ['thaw', click('UBOB'), 'bob'],
    ['run', click('UOLI'), 'authority.missing-role'],
    ['freeze', click('UOLI'), 'authority.missing-role'],
    ['run', click('UNOBODY'), 'authority.unknown-account'],
    ['run', { via: 'ssh', fingerprint: 'SHA256:other' }, 'authority.unknown-account'],
    ['run', { via: 'os', user: 'root@host' }, 'authority.unknown-account'],
    ['run', { via: 'alert', source: 'alertmanager' }, 'authority.unknown-account'],
  ])('%s by %j: %s', (verb, account, expected) => {
    const permission = mayDo({ verb }, account, authority)
    expect(permission.allow ? permission.person.id : permission.code).toBe(expected)
  })

  it.each<[Standing, string]>([
    ['guest', 'authority.bad-standing'],
    ['external', 'authority.bad-standing'],
    ['deactivated', 'authority.bad-standing'],
    ['bot', 'authority.bad-standing'],
    ['unknown', 'authority.standing-unknown'],
  ])('an account that is %s may do nothing, even with every role', (standing, code) => {
    for (const verb of ['plan', 'run', 'cancel', 'undo', 'freeze', 'thaw'] as const) {
      expect(mayDo({ verb }, click('URITA', standing), authority)).toMatchObject({ allow: false, code })
    }
  })

  it('nobody may do anything where nothing is configured', () => {
    const none = {
      plan: [],
      run: [],
      cancel: [],
      undo: [],
      resume: [],
      renew: [],
      keep: [],
      freeze: [],
      thaw: [],
      hold: [],
    }
    expect(mayDo({ verb: 'plan' }, click('URITA'), { ...authority, permissions: none }).allow).toBe(false)
    expect(mayDo({ verb: 'plan' }, click('URITA'), { ...authority, people: [] }).allow).toBe(false)
  })

  it('the answer names the rule and what to do', () => {
    const refused = mayDo({ verb: 'thaw' }, click('UOLI'), authority)
    expect(refused).toMatchObject({
      message: expect.stringContaining('permissions.thaw names approver'),
      remedy: expect.stringContaining('approver'),
    })
  })
})
