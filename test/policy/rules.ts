import type { PermissionRule, RuleVerb } from '../../src/core/rules.ts'
import type { Asker, Permissions } from '../../src/policy/decision.ts'
import { type Point, ruleBook } from '../../src/policy/rules.ts'
import { authority } from './people.ts'

/** A rule about running, unless it says otherwise. */
export function rule(name: string, more: Partial<PermissionRule>): PermissionRule {
  return { name, line: 1, verbs: ['run'], who: [], routes: [], ...more }
}

export function permissionsWith(...rules: readonly PermissionRule[]): Permissions {
  return { permissions: authority.permissions, rules: ruleBook(rules) }
}

export function person(...roles: string[]): Asker {
  return { kind: 'person', roles }
}

/** A source of chance that gives the same again for the same seed (mulberry32). */
export function chance(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const pick = <T>(list: readonly T[]): T => {
    const found = list[Math.floor(next() * list.length)]
    if (found === undefined) throw new Error('an empty list')
    return found
  }
  /** Some of them, at least one. */
  const some = <T>(list: readonly T[]): T[] => {
    const found = list.filter(() => next() < 0.4)
    return found.length === 0 ? [pick(list)] : found
  }
  const maybe = <T>(value: () => T): T | undefined => (next() < 0.4 ? value() : undefined)
  const shuffle = <T>(list: readonly T[]): T[] =>
    list
      .map((item) => [next(), item] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, item]) => item)
  return { next, pick, some, maybe, shuffle }
}

export type Chance = ReturnType<typeof chance>

export const roles = ['responder', 'approver', 'lead', 'intern']
const instances = ['kubernetes/gpu', 'kubernetes/lab', 'aws/main']
const environments = ['production', 'lab']
const effects = ['read', 'reversible', 'irreversible'] as const
const playbooks = ['leaked-key', 'leaked-*', '*-key', 'l?aked-key', 'model', '*']
const because = ['leak', 'defect', 'drill'] as const
const severities = ['low', 'critical'] as const
const verbs = ['plan', 'run', 'approve', 'undo'] as const satisfies readonly RuleVerb[]

export function randomRule({ maybe, some, next }: Chance, name: string): PermissionRule {
  const about = {
    instances: maybe(() => some(instances)),
    environments: maybe(() => some(environments)),
    effects: maybe(() => some(effects)),
    playbooks: maybe(() => some(playbooks)),
    because: maybe(() => some(because)),
    severities: maybe(() => some(severities)),
  }
  const given = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined))
  const who = next() < 0.2 ? [] : some(roles)
  const asks = next() < 0.3
  return rule(name, {
    verbs: asks ? ['run'] : some(verbs),
    ...(Object.keys(given).length === 0 ? { effects: some(effects) } : given),
    who,
    ...(asks ? { ask: { who: some(roles), approve: { from: 'approver', count: 1, withinMs: 1000 } } } : {}),
  })
}

function randomPoint({ maybe, pick }: Chance): Point {
  const point = {
    step: 'one',
    playbook: maybe(() => pick(['leaked-key', 'leaked-model', 'other-key', 'model'])),
    effect: maybe(() => pick(effects)),
    instance: maybe(() => pick(instances)),
    environment: maybe(() => pick(environments)),
    because: maybe(() => pick(because)),
    severity: maybe(() => pick(severities)),
  }
  return Object.fromEntries(Object.entries(point).filter(([, value]) => value !== undefined))
}

export function randomAsked(of: Chance) {
  const points = Array.from({ length: 1 + Math.floor(of.next() * 3) }, () => randomPoint(of))
  return { verb: of.pick(verbs), points }
}
