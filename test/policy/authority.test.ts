import { describe, expect, it } from 'vitest'
import type { Account, Standing } from '../../src/core/person.ts'
import type { PermissionRule, Verb } from '../../src/core/rules.ts'
import { type Authority, judgeSigner, mayDo } from '../../src/policy/authority.ts'
import { ruleBook } from '../../src/policy/rules.ts'
import { authority, click } from './people.ts'
import { rule } from './rules.ts'

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
      breakGlass: [],
      review: [],
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

function withRules(...rules: readonly PermissionRule[]): Authority {
  return { ...authority, rules: ruleBook(rules) }
}

describe('a person, and a rule that names others', () => {
  const points = [{ step: 'wipe', effect: 'irreversible', environment: 'production' }] as const
  const wipes = rule('wipes', {
    line: 7,
    effects: ['irreversible'],
    who: ['lead'],
    ask: { who: ['responder'], approve: { from: 'approver', count: 2, withinMs: 1000 } },
  })

  it('may, if people agree first; who is named by nothing may not, and is told the rule and the step', () => {
    const rules = withRules(wipes)
    const permitted = mayDo({ verb: 'run', points }, click('URITA'), rules)
    expect(permitted).toMatchObject({
      allow: true,
      person: { id: 'rita' },
      gates: [{ scope: 'wipe', from: 'approver', count: 2, rule: 'permissions/wipes' }],
    })
    expect(mayDo({ verb: 'run', points }, click('UANN'), rules)).toEqual({
      allow: false,
      code: 'authority.missing-role',
      message:
        'Ann may not run: wipe (irreversible) on something of production; permissions.rules wipes (line 7) names lead, responder, and ann has approver',
      remedy: 'Ask a lead or responder, or have the role added to ann under people or roles.',
    })
  })

  it('that names nobody lets nobody, and where nothing is known of the step, none is named', () => {
    const nobody = rule('nobody', { verbs: ['run'], effects: ['irreversible'] })
    expect(
      mayDo({ verb: 'run', points: [{ effect: 'irreversible' }] }, click('UANN'), withRules(nobody)),
    ).toEqual({
      allow: false,
      code: 'authority.missing-role',
      message:
        'Ann may not run: (irreversible); permissions.rules nobody (line 1) names no role, and ann has approver',
      remedy: 'Nobody may: change the rule if that is not meant.',
    })
    const bare = rule('bare', { verbs: ['run'] })
    expect(mayDo({ verb: 'run' }, click('UANN'), withRules(bare))).toMatchObject({
      message: 'Ann may not run; permissions.rules bare (line 1) names no role, and ann has approver',
    })
  })

  it('by the table: the step is not what decides, and who has no role is told so', () => {
    const people = authority.people.map((person) => ({ ...person, roles: [] }))
    expect(mayDo({ verb: 'run', points }, click('UANN'), { ...authority, people })).toMatchObject({
      message: 'Ann may not run; permissions.run names responder, approver, and ann has no role',
      remedy: 'Ask a responder or approver, or have the role added to ann under people or roles.',
    })
  })
})

describe('roles that were known a while ago', () => {
  const then: Authority = {
    ...authority,
    remembered: ({ id }) => (id === 'oli' ? ['responder', 'approver'] : []),
    doubt: (role) => (role === 'approver' ? 'Slack does not answer' : undefined),
  }

  it('are enough to plan, to freeze and to cancel, and for nothing else', () => {
    for (const verb of ['plan', 'freeze', 'cancel'] as const)
      expect(mayDo({ verb }, click('UOLI'), then).allow, verb).toBe(true)
    for (const verb of [
      'run',
      'undo',
      'resume',
      'renew',
      'keep',
      'thaw',
      'hold',
      'breakGlass',
      'review',
    ] as const)
      expect(mayDo({ verb }, click('UOLI'), then), verb).toEqual({
        allow: false,
        code: 'authority.group-unknown',
        message: `nobody can say now whether Oli may ${verb}: Slack does not answer`,
        remedy: 'Try again in a minute, or ask somebody who has the role by name, under people or roles.',
      })
  })

  it('that nobody doubts are no excuse: who has none of the roles has none', () => {
    const doubted = { ...then, doubt: (role: string) => (role === 'observer' ? 'Slack is slow' : undefined) }
    expect(mayDo({ verb: 'run' }, click('UOLI'), doubted)).toMatchObject({ code: 'authority.missing-role' })
  })
})

describe('an account that decides nothing says why, and what to do', () => {
  it.each<[Standing, string]>([
    ['guest', 'a guest of the workspace'],
    ['external', 'from another organisation (Slack Connect)'],
    ['deactivated', 'a deactivated account'],
    ['bot', 'a bot or an app'],
  ])('%s', (standing, words) => {
    expect(mayDo({ verb: 'run' }, click('URITA', standing), authority)).toEqual({
      allow: false,
      code: 'authority.bad-standing',
      message: `this account is ${words}; only a full member decides`,
      remedy: 'Ask a full member of the workspace who is listed under people.',
    })
  })

  it('Slack cannot be asked', () => {
    expect(mayDo({ verb: 'run' }, click('URITA', 'unknown'), authority)).toEqual({
      allow: false,
      code: 'authority.standing-unknown',
      message: 'Slack could not be asked whether this account is a full member, so it decides nothing',
      remedy: 'Try again, or decide on the command line with an SSH signature.',
    })
  })

  it.each<[Account, string, RegExp]>([
    [click('UNOBODY'), 'Slack UNOBODY', /^Have the Slack member id added .* restart Firebreak\.$/],
    [
      { via: 'ssh', fingerprint: 'SHA256:x' },
      'SSH key SHA256:x',
      /^Have the public key added .* restart Firebreak\.$/,
    ],
    [{ via: 'os', user: 'root@host' }, 'local user root@host', /a local account proves no person\.$/],
    [{ via: 'alert', source: 'am' }, 'alerts from am', /^Alerts start what a route allows/],
  ])('%j', (account, words, remedy) => {
    expect(mayDo({ verb: 'run' }, account, authority)).toEqual({
      allow: false,
      code: 'authority.unknown-account',
      message: `no person is bound to this account (${words})`,
      remedy: expect.stringMatching(remedy),
    })
  })
})

it('a signature is not enough of somebody of whom Slack says that they have left', () => {
  for (const standing of [undefined, 'member', 'unknown'] as const)
    expect(judgeSigner(standing), standing).toBeUndefined()
  for (const standing of ['guest', 'external', 'deactivated', 'bot'] as const)
    expect(judgeSigner(standing), standing).toMatchObject({ code: 'authority.bad-standing' })
})
