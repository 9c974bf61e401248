import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/core/person.ts'
import { type ApprovalState, type RunState, runStates, isOver, stepStates } from '../../src/core/run.ts'
import { judgeWithdrawal } from '../../src/policy/withdrawal.ts'
import { at, authority, click, gate, requestFor, runWith } from './people.ts'

const two = gate('disable', 'approver', 2)

function given(person: string, request = 'r1'): ApprovalState['given'][number] {
  const account = click(`U${person.toUpperCase()}`)
  const evidence = { kind: 'slack', team: 'T1', user: account.via } as const
  return { request, digest: 'sha256:plan', person, account, evidence, at: at(1) }
}

function asked(change: Partial<ApprovalState> = {}): ApprovalState {
  return { ...requestFor([two]), given: [given('ann')], ...change }
}

function runOf(approvals: readonly ApprovalState[], change: Partial<RunState> = {}): RunState {
  return { ...runWith(requestFor([two])), approvals, ...change }
}

const judge = (run: RunState, account: Account = click('UANN')) =>
  judgeWithdrawal({ run, account, authority })
const code = (run: RunState, account?: Account) => {
  const judged = judge(run, account)
  return 'code' in judged ? judged.code : judged.requests.join()
}

describe('who has approved', () => {
  it('takes it back from the request, open or satisfied', () => {
    expect(judge(runOf([asked()]))).toEqual({ person: 'ann', requests: ['r1'] })
    expect(code(runOf([asked({ status: 'satisfied' })]))).toBe('r1')
  })

  it('takes it back from every request that they have approved, and from no other', () => {
    const requests = [
      asked(),
      asked({ request: 'r2', given: [given('bob')] }),
      asked({ request: 'r3', given: [given('bob'), given('ann')] }),
    ]
    expect(code(runOf(requests))).toBe('r1,r3')
  })

  it.each(['voided', 'rejected', 'expired'] as const)('takes nothing back from one that is %s', (status) => {
    expect(code(runOf([asked({ status })]))).toBe('approval.nothing-to-withdraw')
    expect(code(runOf([asked({ status }), asked({ request: 'r2' })]))).toBe('r2')
  })

  it('is known: another person, a guest, and an account of nobody take nothing back', () => {
    const run = runOf([asked()])
    expect(judge(run, click('UBOB'))).toMatchObject({
      code: 'approval.nothing-to-withdraw',
      message: 'Bob has approved nothing in this run that could be taken back',
      remedy: 'Look at the run: it shows who has approved what.',
    })
    expect(code(run, click('UANN', 'guest'))).toBe('authority.bad-standing')
    expect(code(run, click('UNOBODY'))).toBe('authority.unknown-account')
  })
})

const steps = (disable: keyof typeof stepStates, scale?: keyof typeof stepStates): RunState['steps'] => ({
  disable: { id: 'disable', status: disable },
  ...(scale === undefined ? {} : { scale: { id: 'scale', status: scale } }),
})

describe('it is too late', () => {
  const lines = { disable: 'sha256:line', scale: 'sha256:other' }
  it.each(Object.keys(stepStates) as (keyof typeof stepStates)[])('or not, where a step is %s', (status) => {
    const run = runOf([asked({ status: 'satisfied' })], { steps: steps(status) })
    expect(code(run)).toBe(status === 'pending' ? 'r1' : 'approval.too-late')
  })

  it('only when all that the request covers has begun', () => {
    const covers = asked({ lines, status: 'satisfied' })
    expect(code(runOf([covers], { steps: steps('succeeded') }))).toBe('r1')
    expect(code(runOf([covers], { steps: steps('intended', 'pending') }))).toBe('r1')
    expect(judge(runOf([covers], { steps: steps('intended', 'failed') }))).toMatchObject({
      code: 'approval.too-late',
      message: 'everything that Ann approved has begun',
      remedy: 'Cancel the run to stop the rest, or undo what it did.',
    })
  })

  it('for one request, and not for another', () => {
    const begun = asked({ status: 'satisfied' })
    const next = asked({ request: 'r2', lines: { scale: 'sha256:other' } })
    expect(code(runOf([begun, next], { steps: steps('applied') }))).toBe('r2')
  })

  it.each(Object.keys(runStates) as (keyof typeof runStates)[])('or not, in a run that is %s', (status) => {
    const judged = judge(runOf([asked()], { status }))
    if (!isOver(status)) return expect(judged).toMatchObject({ requests: ['r1'] })
    return expect(judged).toMatchObject({
      code: 'run.over',
      message: `Run run-1 has ended: ${status}`,
      remedy: 'Nothing to do.',
    })
  })
})
