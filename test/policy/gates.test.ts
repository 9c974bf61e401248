import { describe, expect, it } from 'vitest'
import type { Gate } from '../../src/core/plan.ts'
import type { ApprovalState } from '../../src/core/run.ts'
import { gateStatus, requestStatus } from '../../src/policy/gates.ts'
import { at, authority, click, gate, requestFor, runWith, start } from './people.ts'

// Gates of one scope in the company of each other; how a single one is judged is in approval.test.ts.

const requester = runWith(requestFor([]), click('URITA'), 'rita').requester
const context = { authority, about: () => [], now: start, requester, standing: () => undefined }
const evidence = { kind: 'slack', team: 'T1', user: 'U' } as const

/** A request for these gates that these persons have approved, second after second. */
function approved(gates: Gate[], ...persons: string[]): ApprovalState {
  const given = persons.map((person, i) => {
    const account = click(`U${person.toUpperCase()}`)
    return { request: 'r1', digest: 'sha256:plan', person, account, evidence, at: at(i * 1000) }
  })
  return { ...requestFor(gates), given }
}

function missingOf(gates: Gate[], ...persons: string[]): string[] {
  const request = approved(gates, ...persons)
  return gates.map((one) => gateStatus(request, one, context).missing)
}

describe('gates of one step', () => {
  const one = gate('disable', 'approver', 1)
  const two = gate('disable', 'approver', 2)

  it('that are the same need twice as many persons, and neither is met by half of them', () => {
    expect(missingOf([one, one], 'ann')).toEqual([
      '1 of 1 approver for disable',
      '1 of 1 approver for disable',
    ])
    expect(missingOf([one, one], 'ann', 'bob')).toEqual(['', ''])
    expect(missingOf([two, two], 'ann', 'bob', 'gus')).toEqual([
      '1 of 2 approvers for disable',
      '1 of 2 approvers for disable',
    ])
  })

  it('that differ in their time alone need persons of their own', () => {
    const soon = { ...one, withinMs: 1000 }
    expect(missingOf([one, soon], 'ann')).toEqual(['', '1 of 1 approver for disable'])
    // Ann was in time for both, and moves to the one for which Bob was too late.
    expect(missingOf([one, soon], 'ann', 'bob')).toEqual(['', ''])
    expect(missingOf([soon, one], 'ann', 'bob')).toEqual(['', ''])
    expect(missingOf([soon, soon], 'ann', 'bob')).not.toEqual(['', ''])
  })

  it('of different steps, or by different rules, take the same person', () => {
    expect(missingOf([one, gate('scale', 'approver', 1)], 'ann')).toEqual(['', ''])
    expect(missingOf([one, { ...one, rule: 'approvals/irreversible' }], 'ann')).toEqual(['', ''])
    expect(missingOf([one, gate('run', 'approver', 1)], 'ann')).toEqual(['', ''])
  })

  it('by one rule take a person each', () => {
    const ruled = { ...one, rule: 'approvals/irreversible' }
    expect(missingOf([ruled, { ...ruled, from: 'responder' }], 'ann')).toEqual([
      '',
      '1 of 1 responder for disable (approvals/irreversible)',
    ])
  })
})

const eligible = (request: ApprovalState) => requestStatus(request, context).eligible.map(({ id }) => id)

describe('who could still help', () => {
  it('is whoever adds a person, while any is missing', () => {
    const two = gate('disable', 'approver', 2)
    expect(eligible(approved([two]))).toEqual(['ann', 'bob', 'gus'])
    expect(eligible(approved([two], 'ann'))).toEqual(['bob', 'gus'])
    expect(eligible(approved([two], 'ann', 'bob'))).toEqual([])
  })

  it('is not who has a role of a gate that is met, where another is not', () => {
    const gates = [gate('disable', 'approver', 1), gate('scale', 'observer', 1)]
    expect(eligible(approved(gates, 'ann'))).toEqual(['oli'])
  })
})
