import type { PermissionRule } from '../../src/core/rules.ts'
import { decide } from '../../src/policy/decision.ts'
import { ruleBook } from '../../src/policy/rules.ts'
import { atMost, type Figure } from './figure.ts'
import { latencyOf, median, round } from './stats.ts'

const RULES = 1000
const ROUNDS = 2000
const nobody: readonly string[] = []

/** A third names places, a third patterns of playbooks, a third exact playbooks: each set as hard to search as it gets. */
function rule(i: number): PermissionRule {
  const about = [
    { instances: [`aws/account-${i}`], effects: ['irreversible'] as const },
    { playbooks: [`*-playbook-${i}-*`] },
    { playbooks: [`playbook-${i}`], because: ['leak'] as const },
  ][i % 3]
  return { name: `r${i}`, line: i, verbs: ['run', 'approve'], who: ['lead'], routes: [], ...about }
}

/** The decision about one step of a request that no rule fits, so that all of them are looked at. */
export function policyFigures(): Figure[] {
  const permissions = {
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
    },
    rules: ruleBook(Array.from({ length: RULES }, (_, i) => rule(i))),
  }
  const asker = { kind: 'person', roles: ['responder'] } as const
  const times = Array.from({ length: ROUNDS }, (_, i) => {
    const points = [
      { playbook: `leaked-key-${i}`, effect: 'irreversible', instance: 'aws/main', because: 'leak' },
    ] as const
    const began = performance.now()
    if (decide(permissions, asker, { verb: 'run', points }).outcome !== 'allow')
      throw new Error('not allowed')
    return performance.now() - began
  })
  const value = median(times)
  return [
    {
      name: `policy, one decision with ${RULES} rules`,
      unit: 'ms',
      value: round(value),
      spread: latencyOf(times),
      budget: atMost(0.2, value, 'ms'),
    },
  ]
}
