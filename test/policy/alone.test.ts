import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/core/person.ts'
import type { PermissionRule } from '../../src/core/rules.ts'
import type { ApprovalState, RunState } from '../../src/core/run.ts'
import { judgeAlone, judgeReview, whyNotAlone } from '../../src/policy/alone.ts'
import { type Point, ruleBook } from '../../src/policy/rules.ts'
import { at, authority, click, gate, requestFor, runWith, start } from './people.ts'

const request = requestFor([gate('disable', 'approver', 2), gate('scale', 'approver', 1)])
const run = runWith(request, click('URITA'), 'rita')
const why = 'ten chars.'

/** What each gate of the request is about. */
const about = (_: ApprovalState, { scope }: { scope: string }): readonly Point[] => [
  { playbook: 'p', because: 'drill', step: scope, effect: scope === 'scale' ? 'reversible' : 'irreversible' },
]

type Change = Partial<Parameters<typeof judgeAlone>[0]>

function judge(account: Account, change: Change = {}) {
  const asked = { run, request, digest: request.digest, account, now: start, authority, about, reason: why }
  return judgeAlone({ ...asked, ...change })
}

function verdict(judged: ReturnType<typeof judgeAlone>): string {
  return judged.kind === 'refused' ? judged.code : judged.person.id
}

function ruled(rule: Partial<PermissionRule>) {
  const full = { name: 'r', line: 1, verbs: ['breakGlass' as const], who: [], routes: [], ...rule }
  return { authority: { ...authority, rules: ruleBook([full]) } }
}

describe('one person may act alone', () => {
  it.each([
    ['who could have approved', click('UANN'), 'ann'],
    ['who asked for the run', click('URITA'), 'rita'],
    ['but not without the role', click('UOLI'), 'authority.missing-role'],
    ['but not as a guest', click('UANN', 'guest'), 'authority.bad-standing'],
    ['but not by an account of nobody', click('UNOBODY'), 'authority.unknown-account'],
    ['but not from a local shell', { via: 'os', user: 'ann' } as const, 'authority.unknown-account'],
    ['but not as an alert', { via: 'alert', source: 'am' } as const, 'authority.unknown-account'],
  ])('%s', (_, account, said) => {
    expect(verdict(judge(account))).toBe(said)
  })

  it.each<[string, Change, string]>([
    ['of ten characters', { reason: '1234567890' }, 'ann'],
    ['of nine', { reason: '123456789' }, 'review.reason-missing'],
    ['of nine between spaces', { reason: ' 123456789 \n' }, 'review.reason-missing'],
    ['of nothing', { reason: '' }, 'review.reason-missing'],
  ])('with a reason %s', (_, change, said) => {
    expect(verdict(judge(click('UANN'), change))).toBe(said)
  })

  it('and says what a reason is for', () => {
    expect(judge(click('UANN'), { reason: 'x' })).toMatchObject({
      message: 'acting alone needs a reason of at least 10 characters',
      remedy: 'Say in a sentence why it cannot wait for the others: they are told it, and it is reviewed.',
    })
  })

  it.each<[string, Change, string]>([
    ['another plan', { digest: 'sha256:other' }, 'approval.other-plan'],
    ['a request whose time is over', { now: start + 60_000 }, 'approval.expired'],
    ['a request that is settled', { request: { ...request, status: 'satisfied' } }, 'approval.not-open'],
    ['a request of another run', { request: { ...request, request: 'r9' } }, 'approval.not-open'],
    ['a run that is over', { run: { ...run, status: 'cancelled' } }, 'approval.not-open'],
  ])('never about %s', (_, change, said) => {
    expect(verdict(judge(click('UANN'), change))).toBe(said)
  })

  it('as the most specific rule says of each step that the request covers', () => {
    const only = ruled({ effects: ['irreversible'], who: ['responder'] })
    expect(verdict(judge(click('UANN'), only))).toBe('authority.missing-role')
    expect(verdict(judge(click('URITA'), only))).toBe('rita')
    expect(verdict(judge(click('UANN'), ruled({ effects: ['read'], who: ['responder'] })))).toBe('ann')
    const less = requestFor([gate('scale', 'approver', 1)])
    expect(whyNotAlone({ account: click('UANN'), request: less, about, ...only })).toBeUndefined()
    expect(whyNotAlone({ account: click('UANN'), request, about, ...only })?.code).toBe(
      'authority.missing-role',
    )
  })

  it('but not with others: a rule that asks is a rule that says no', () => {
    const approve = { from: 'responder', count: 1, withinMs: 60_000 }
    const asks = ruled({ effects: ['irreversible'], ask: { who: ['approver'], approve } })
    expect(judge(click('UANN'), asks)).toMatchObject({
      code: 'authority.missing-role',
      message: 'Ann may not act alone here: a rule of permissions asks others as well',
      remedy: 'Ask for the approvals, or change the rule.',
    })
  })
})

describe('the review of it', () => {
  const review = { by: 'ann', reason: why, at: at(5) }
  const evidence = { kind: 'slack', team: 'T1', user: 'UANN' } as const
  const bypassed = { request: 'r1', digest: 'sha256:plan', person: 'ann', evidence, told: [] }
  const word = { ...bypassed, account: click('UANN'), reason: why, at: at(5) }
  const approvals: ApprovalState[] = [{ ...request, status: 'satisfied', bypassed: word }]
  const due: RunState = { ...run, approvals, review }
  const look = (account: Account, of: RunState = due, more: object = {}) =>
    judgeReview({ run: of, account, authority, points: [], ...more })

  it.each([
    ['is another’s', click('UBOB'), 'bob'],
    ['is not of who acted alone', click('UANN'), 'review.own'],
    ['is not of who asked for the run', click('URITA'), 'review.own'],
    ['is not of somebody without the role', click('UOLI'), 'authority.missing-role'],
    ['is not of a guest', click('UBOB', 'guest'), 'authority.bad-standing'],
  ])('%s', (_, account, said) => {
    expect(verdict(look(account))).toBe(said)
  })

  it('is not of who acted alone before somebody else did, in the same run', () => {
    const both = [
      { ...request, status: 'voided' as const, bypassed: word },
      { ...request, request: 'r2', bypassed: { ...word, request: 'r2', person: 'bob' } },
    ]
    const twice = { ...due, approvals: both, review: { ...review, by: 'bob' } }
    expect(verdict(look(click('UANN'), twice))).toBe('review.own')
    expect(verdict(look(click('UBOB'), twice))).toBe('review.own')
    expect(verdict(look(click('UGUS'), twice))).toBe('gus')
  })

  it('says whom else to ask', () => {
    expect(look(click('UANN'))).toMatchObject({
      message: 'Ann asked for this run or acted alone in it, and nobody reviews their own act',
      remedy: 'Ask another person who may review.',
    })
  })

  it('is not of who asked, though the log knew no person for the account then', () => {
    expect(verdict(look(click('URITA'), { ...runWith(request, click('URITA')), review }))).toBe('review.own')
  })

  it('is not due where nobody acted alone, or where it was made', () => {
    expect(look(click('UBOB'), run)).toMatchObject({
      code: 'review.not-due',
      message: 'run run-1 waits for no review: nobody has acted alone in it',
      remedy: 'Nothing to do.',
    })
    const reviewed = { person: 'gus', account: click('UGUS'), evidence, reason: 'ok', at: at(9) }
    expect(look(click('UBOB'), { ...run, review: { ...review, reviewed } })).toMatchObject({
      code: 'review.not-due',
      message: 'run run-1 waits for no review: it has been reviewed',
    })
  })

  it('is whose the most specific rule says, of what the run was about', () => {
    const points: Point[] = [{ playbook: 'p', because: 'drill', step: 'disable', effect: 'irreversible' }]
    const only = ruled({ verbs: ['review'], effects: ['irreversible'], who: ['responder'] })
    expect(verdict(look(click('UBOB'), due, { points, ...only }))).toBe('authority.missing-role')
    expect(verdict(look(click('UBOB'), due, only))).toBe('bob')
  })
})

it('what is wrong with the request is said first, and a review that counts names who made it', () => {
  const over = { run: { ...run, status: 'cancelled' as const }, reason: '' }
  expect(verdict(judge(click('UANN'), over))).toBe('approval.not-open')
  expect(verdict(judge(click('UOLI'), { ...over, reason: why }))).toBe('approval.not-open')
  const review = { by: 'ann', reason: why, at: at(0) }
  const judged = judgeReview({ run: { ...run, review }, account: click('UBOB'), authority, points: [] })
  expect(judged).toMatchObject({ kind: 'counted', person: { id: 'bob' } })
})
