import type { Account, Person, Standing } from '../../src/core/person.ts'
import type { Gate } from '../../src/core/plan.ts'
import type { ApprovalState, RunState } from '../../src/core/run.ts'
import type { Authority } from '../../src/policy/authority.ts'
import { ruleBook } from '../../src/policy/rules.ts'

/** A cast: a requester with two accounts, two approvers of whom one has two accounts, a third, and a guest. */
export const people: readonly Person[] = [
  person('rita', ['responder', 'approver'], 'URITA'),
  person('ann', ['approver'], 'UANN'),
  person('bob', ['approver'], 'UBOB'),
  person('gus', ['approver'], 'UGUS'),
  person('oli', ['observer'], 'UOLI'),
]

export const authority: Authority = {
  people,
  rules: ruleBook([]),
  remembered: () => [],
  doubt: () => undefined,
  permissions: {
    plan: ['responder', 'approver'],
    run: ['responder', 'approver'],
    cancel: ['responder', 'approver'],
    undo: ['responder', 'approver'],
    resume: ['approver'],
    renew: ['responder', 'approver'],
    keep: ['approver'],
    freeze: ['responder', 'approver'],
    thaw: ['approver'],
    hold: ['approver'],
    breakGlass: ['approver'],
    review: ['approver'],
  },
}

function person(id: string, roles: string[], slack: string): Person {
  return { id, name: id.charAt(0).toUpperCase() + id.slice(1), roles, slack, sshKeys: [] }
}

export function click(user: string, standing: Standing = 'member'): Account {
  return { via: 'slack', team: 'T1', user, standing }
}

export const start = Date.parse('2026-01-01T00:00:00Z')
export const at = (ms: number): string => new Date(start + ms).toISOString()

export function gate(scope: string, from: string, count: number): Gate {
  return { scope, from, count, withinMs: 60_000 }
}

export function requestFor(gates: Gate[]): ApprovalState {
  return {
    request: 'r1',
    digest: 'sha256:plan',
    lines: { disable: 'sha256:line' },
    gates,
    expires: at(60_000),
    at: at(0),
    given: [],
    status: 'open',
  }
}

export function runWith(request: ApprovalState, by: Account = click('URITA'), person?: string): RunState {
  return {
    id: 'run-1',
    n: 3,
    status: 'awaiting-approval',
    mode: 'run',
    requested: {
      mode: 'run',
      playbook: { name: 'p', title: 'P', digest: 'sha256:p', text: '' },
      because: 'drill',
      inputs: {},
      config: 'sha256:c',
      contracts: {},
    },
    requester: { kind: 'account', account: by, ...(person === undefined ? {} : { person }) },
    because: 'drill',
    approvals: [request],
    steps: {},
    recoveries: 0,
    requestedAt: at(0),
  }
}
