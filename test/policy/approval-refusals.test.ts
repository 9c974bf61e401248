import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/core/person.ts'
import type { Gate } from '../../src/core/plan.ts'
import type { PermissionRule } from '../../src/core/rules.ts'
import type { ApprovalState, RunState } from '../../src/core/run.ts'
import { judgeApproval, judgeRejection, type Judgement } from '../../src/policy/approval.ts'
import { gateStatus, isRequester, requestStatus } from '../../src/policy/gates.ts'
import { type Point, ruleBook } from '../../src/policy/rules.ts'
import { at, authority, click, gate, people, requestFor, runWith, start } from './people.ts'
import { rule } from './rules.ts'

// What people are told when their answer does not count, and rules that keep who has the role of a gate from approving.

const one = gate('disable', 'approver', 1)
const evidence = { kind: 'slack', team: 'T1', user: 'U' } as const

type Case = {
  readonly gates?: Gate[]
  readonly request?: Partial<ApprovalState>
  readonly run?: Partial<RunState>
  readonly rules?: readonly PermissionRule[]
  readonly more?: Partial<Judgement>
}

const wiping: Point = { step: 'disable', effect: 'irreversible', environment: 'production' }

function judgement(
  account: Account,
  { gates = [one], request, run, rules = [], more }: Case = {},
): Judgement {
  const asked: ApprovalState = { ...requestFor(gates), ...request }
  return {
    run: { ...runWith(asked, click('URITA'), 'rita'), ...run },
    request: asked,
    digest: 'sha256:plan',
    account,
    now: start,
    authority: { ...authority, rules: ruleBook(rules) },
    about: () => [wiping],
    ...more,
  }
}

const approve = (account: Account, of: Case = {}) => judgeApproval(judgement(account, of))
const reject = (account: Account, of: Case = {}) => judgeRejection(judgement(account, of))
const given = (person: string) => {
  const account = click(`U${person.toUpperCase()}`)
  return { request: 'r1', digest: 'sha256:plan', person, account, evidence, at: at(0) }
}
const refused = (code: string, message: string, remedy: string) => ({
  kind: 'refused',
  code,
  message,
  remedy,
})

const told = (why: string) =>
  refused(
    'approval.not-open',
    `this request is not open: ${why}`,
    'Look at run run-1: if it still waits, it shows a newer request.',
  )

describe('an answer to a request that is over', () => {
  it.each<[string, Case]>([
    ['the run is cancelled', { run: { status: 'cancelled' } }],
    ['it has all the approvals it needs', { request: { status: 'satisfied' } }],
    ['the plan has changed', { request: { status: 'voided' } }],
    ['replicas differ', { request: { status: 'voided', voided: 'replicas differ' } }],
    ['it is rejected', { request: { status: 'rejected' } }],
    ['it is expired', { request: { status: 'expired' } }],
    ['it belongs to another run', { run: { approvals: [] } }],
  ])('says that %s', (why, of) => {
    expect(approve(click('UANN'), of)).toEqual(told(why))
    expect(reject(click('UANN'), of)).toEqual(told(why))
  })

  it('counts for one of several requests of a run', () => {
    const other = { ...requestFor([one]), request: 'r0' }
    const of = { run: { approvals: [other, requestFor([one])] } }
    expect(approve(click('UANN'), of)).toMatchObject({ kind: 'counted', person: { id: 'ann' } })
  })

  it('says until when it was, and which plan waits', () => {
    expect(approve(click('UANN'), { more: { now: start + 60_000 } })).toEqual(
      refused(
        'approval.expired',
        `this request was open until ${at(60_000)}; an answer that comes later is no approval`,
        'Start the playbook again and approve its fresh plan.',
      ),
    )
    expect(approve(click('UANN'), { more: { digest: 'sha256:other' } })).toEqual(
      refused(
        'approval.other-plan',
        'the decision is about another plan than the one that waits',
        'Open the run again, read the plan as it is now, and decide about that.',
      ),
    )
  })
})

/** Oli with other roles. */
const having = (roles: string[]) => ({
  ...authority,
  people: people.map((person) => ({ ...person, roles: person.id === 'oli' ? roles : person.roles })),
})

describe('a person whose approval does not count', () => {
  const another = 'Ask another person with the role of the gate.'

  it('asked for it, or has approved already', () => {
    expect(approve(click('URITA'))).toEqual(
      refused(
        'approval.own-request',
        'Rita asked for this run, and nobody approves their own request, by whatever account',
        another,
      ),
    )
    expect(approve(click('UANN'), { request: { given: [given('ann')] } })).toEqual(
      refused(
        'approval.twice',
        'Ann has already approved this request; persons count, not accounts',
        another,
      ),
    )
  })

  it('has none of the roles, each named once', () => {
    const gates = [one, gate('scale', 'approver', 2), gate('scale', 'lead', 1)]
    expect(approve(click('UOLI'), { gates })).toEqual(
      refused(
        'approval.missing-role',
        'Oli has observer; this request is decided by approver or lead',
        'Ask a person with that role.',
      ),
    )
    expect(approve(click('UOLI'), { more: { authority: having([]) } })).toMatchObject({
      message: 'Oli has no role; this request is decided by approver',
    })
    expect(approve(click('UOLI'), { more: { authority: having(['x', 'y']) } })).toMatchObject({
      message: 'Oli has x, y; this request is decided by approver',
    })
    // Whoever may cancel may reject.
    expect(reject(click('UOLI'), { gates: [gate('disable', 'lead', 1)] })).toMatchObject({
      message: 'Oli has observer; this request is decided by lead or responder or approver',
    })
  })

  it('may have the role, but nobody can say so now', () => {
    const doubtful = {
      ...authority,
      doubt: (role: string) => (role === 'lead' ? 'Slack is slow' : undefined),
    }
    const of = { gates: [one, gate('disable', 'lead', 1)], more: { authority: doubtful } }
    expect(approve(click('UOLI'), of)).toEqual(
      refused(
        'authority.group-unknown',
        'nobody can say now whether Oli may decide about this: Slack is slow',
        'Try again in a minute, or ask somebody who has the role by name, under people or roles.',
      ),
    )
  })
})

it('who has the role of one of several gates may reject, also where they may not cancel', () => {
  const gates = [one, gate('disable', 'observer', 1)]
  expect(reject(click('UOLI'), { gates })).toMatchObject({ kind: 'counted', person: { id: 'oli' } })
})

const aboutScope: Judgement['about'] = (_, { scope }) => (scope === 'look' ? [{ step: 'look' }] : [wiping])

describe('a rule about approving', () => {
  const payments = rule('payments', {
    line: 4,
    verbs: ['approve'],
    environments: ['production'],
    who: ['lead'],
  })
  const nobody = rule('nobody', { line: 5, verbs: ['approve'], effects: ['irreversible'] })

  it('keeps who has the role of the gate from it, and says which', () => {
    expect(approve(click('UANN'), { rules: [payments] })).toEqual(
      refused(
        'approval.missing-role',
        'Ann may not approve this: permissions.rules payments (line 4) names lead',
        'Ask a person who has the role of the gate, approver, and may approve by that rule.',
      ),
    )
    expect(approve(click('UANN'), { rules: [nobody] })).toMatchObject({
      message: 'Ann may not approve this: permissions.rules nobody (line 5) names nobody',
    })
    const two = { ...payments, who: ['lead', 'security'] }
    expect(approve(click('UANN'), { rules: [two] })).toMatchObject({
      message: 'Ann may not approve this: permissions.rules payments (line 4) names lead, security',
    })
    expect(approve(click('UANN'), { rules: [{ ...payments, who: ['approver'] }] })).toMatchObject({
      kind: 'counted',
    })
  })

  it('leaves those gates that it is not about', () => {
    const gates = [one, gate('look', 'approver', 1)]
    for (const order of [gates, gates.toReversed()])
      expect(
        approve(click('UANN'), { gates: order, rules: [payments], more: { about: aboutScope } }),
      ).toMatchObject({
        kind: 'counted',
      })
  })

  it('takes its force from an approval that was given before, and from who could still help', () => {
    const request = { ...requestFor([one]), given: [given('ann')] }
    const context = (...rules: readonly PermissionRule[]) => ({
      authority: { ...authority, rules: ruleBook(rules) },
      about: () => [wiping],
      now: start,
      requester: runWith(request, click('URITA'), 'rita').requester,
      standing: () => undefined,
    })
    expect(gateStatus(request, one, context()).satisfied).toBe(true)
    expect(gateStatus(request, one, context(payments)).satisfied).toBe(false)
    const helpers = (...rules: readonly PermissionRule[]) =>
      requestStatus(requestFor([one]), context(...rules)).eligible.map(({ id }) => id)
    expect(helpers()).toEqual(['ann', 'bob', 'gus'])
    expect(helpers(payments)).toEqual([])
  })
})

describe('a gate', () => {
  const request = { ...requestFor([one]), given: [given('ann')] }
  const context = {
    authority,
    about: () => [],
    now: start,
    requester: runWith(request, click('URITA'), 'rita').requester,
    standing: () => undefined,
  }

  it('is satisfied while its request is open, and after it was', () => {
    for (const status of ['open', 'satisfied'] as const)
      expect(gateStatus({ ...request, status }, one, context)).toEqual({
        satisfied: true,
        expired: false,
        missing: '',
      })
    expect(requestStatus(request, context)).toEqual({ satisfied: true, missing: [], eligible: [] })
  })

  it('that the request has not asked for is not satisfied by it, whoever has approved', () => {
    expect(gateStatus(request, gate('scale', 'approver', 2), context)).toEqual({
      satisfied: false,
      expired: false,
      missing: '2 of 2 approvers for scale',
    })
  })

  it('expires at the end of its own time, to the millisecond, unless it was met before', () => {
    const short = { ...one, withinMs: 10_000 }
    const asked = { ...request, gates: [short], given: [] }
    const when = (now: number, of: ApprovalState = asked) =>
      gateStatus(of, short, { ...context, now }).expired
    expect([start, start + 9999, start + 10_000, start + 10_001].map((now) => when(now))).toEqual([
      false,
      false,
      true,
      true,
    ])
    expect(when(start + 10_000, { ...asked, given: [given('ann')] })).toBe(false)
    const long = { ...one, withinMs: 90_000 }
    const status = (now: number) => gateStatus({ ...asked, gates: [long] }, long, { ...context, now }).expired
    expect([start + 59_999, start + 60_000].map(status)).toEqual([false, true])
  })
})

const asked = (account: Account, person?: string) =>
  ({ kind: 'account', account, ...(person === undefined ? {} : { person }) }) as const

it('who asked is known by the person that was recorded, and by whom the account names today', () => {
  const [rita, ann] = people
  if (rita === undefined || ann === undefined) throw new Error('no cast')
  expect(isRequester(rita, asked(click('UGONE'), 'rita'), people)).toBe(true)
  expect(isRequester(rita, asked(click('URITA')), people)).toBe(true)
  expect(isRequester(rita, asked(click('URITA'), 'ann'), people)).toBe(true)
  expect(isRequester(rita, asked(click('UGONE')), people)).toBe(false)
  expect(isRequester(ann, asked(click('URITA'), 'rita'), people)).toBe(false)
  expect(isRequester(rita, { kind: 'system' }, people)).toBe(false)
})
