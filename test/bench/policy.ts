import type { About, Guardrails, PermissionRule } from '../../src/core/rules.ts'
import { decide, type Permissions } from '../../src/policy/decision.ts'
import { ruleBook } from '../../src/policy/rules.ts'
import { type Deed, guardBook, rulingOf } from '../../src/policy/ruling.ts'
import { atMost, type Figure } from './figure.ts'
import { latencyOf, median, round } from './stats.ts'

const RULES = 1000
const ROUNDS = 2000
const nobody: readonly string[] = []

/** A third names places, a third patterns of playbooks, a third exact playbooks: each set as hard to search as it gets. */
function aboutOf(i: number): About {
  const all: readonly About[] = [
    { instances: [`aws/account-${i}`], effects: ['irreversible'] },
    { playbooks: [`*-playbook-${i}-*`] },
    { playbooks: [`playbook-${i}`], because: ['leak'] },
  ]
  return all[i % all.length] ?? {}
}

function rule(i: number): PermissionRule {
  return { name: `r${i}`, line: i, verbs: ['run', 'approve'], who: ['lead'], routes: [], ...aboutOf(i) }
}

function permissionsOf(count: number): Permissions {
  return {
    permissions: {
      plan: nobody,
      run: ['responder'],
      cancel: nobody,
      undo: nobody,
      resume: nobody,
      renew: nobody,
      keep: nobody,
      hold: nobody,
      freeze: nobody,
      thaw: nobody,
      breakGlass: nobody,
      review: nobody,
    },
    rules: ruleBook(Array.from({ length: count }, (_, i) => rule(i))),
  }
}

const asker = { kind: 'person', roles: ['responder'] } as const

function deedOf(i: number): Deed {
  return {
    step: 'disable',
    playbook: `leaked-key-${i}`,
    effect: 'irreversible',
    instance: 'aws/main',
    environment: 'production',
    because: 'leak',
    severity: 'high',
    action: 'aws.deactivate-access-key',
    risk: { targets: 3, touched: 3, fleet: 40, loses: false, undo: true, confidence: 'predicted' },
  }
}

function allow(permissions: Permissions, deed: Deed): void {
  if (decide(permissions, asker, { verb: 'run', points: [deed] }).outcome !== 'allow')
    throw new Error('not allowed')
}

/** Of each kind so many. Every tenth is about this very effect; no other one is, and all of them are looked at. */
function guardrailsOf(each: number): Guardrails {
  const ask = { from: 'approver', count: 1, withinMs: 60_000 }
  const list = Array.from({ length: each }, (_, i) => ({
    name: `g${i}`,
    line: i,
    about: i % 10 === 0 ? { environments: ['production'] } : aboutOf(i),
  }))
  return {
    neverTouch: [],
    budgets: list.map((base) => ({
      ...base,
      limit: { kind: 'percent', value: 20 },
      windowMs: 3_600_000,
      each: ['environment'],
      over: 'wait',
    })),
    breakers: list.map((base) => ({ ...base, failures: 3, windowMs: 3_600_000, each: ['provider'], ask })),
    windows: list.map((base, i) => ({
      ...base,
      during: { cron: `${i % 60} ${i % 24} * * FRI`, forMs: 6 * 3_600_000, timezone: 'Europe/Berlin' },
      outside: false,
      over: 'wait',
    })),
    approvals: list.map((base) => ({ ...base, targets: 2, share: 50, ask: [ask] })),
    thaw: { count: 2, withinMs: 60_000 },
  }
}

/** The least that could be done: a thousand comparisons of names, one for each rule. */
function comparing(names: readonly string[], i: number): number {
  const wanted = `leaked-key-${i}`
  return names.filter((name) => name !== wanted).length
}

function timesOf(work: (i: number) => void): number[] {
  return Array.from({ length: ROUNDS }, (_, i) => {
    const began = performance.now()
    work(i)
    return performance.now() - began
  })
}

/** The decision about one step of a request, with and without guardrails: so many rules in all. */
export function policyFigures(): Figure[] {
  const names = Array.from({ length: RULES }, (_, i) => `playbook-${i}`)
  const bare = median(
    timesOf((i) => {
      if (comparing(names, i) !== RULES) throw new Error('one is the same')
    }),
  )
  const figure = (name: string, times: readonly number[]): Figure => {
    const value = median(times)
    return {
      name,
      unit: 'ms',
      value: round(value),
      spread: latencyOf(times),
      reference: { what: `${RULES} comparisons of names`, value: round(bare), ratio: round(value / bare) },
      budget: atMost(0.2, value, 'ms'),
    }
  }
  const alone = permissionsOf(RULES)
  const some = permissionsOf(RULES / 5)
  const book = guardBook(guardrailsOf(RULES / 5))
  const began = Date.UTC(2026, 0, 1)
  return [
    figure(
      `policy, one decision with ${RULES} rules`,
      timesOf((i) => allow(alone, deedOf(i))),
    ),
    figure(
      `policy and guardrails, one decision with ${RULES} rules of all kinds`,
      timesOf((i) => {
        allow(some, deedOf(i))
        // Half a minute later each time: windows begin and end in between.
        const { counts } = rulingOf(book, deedOf(i), began + i * 30_000)
        if (counts.length === 0) throw new Error('nothing is counted')
      }),
    ),
  ]
}
