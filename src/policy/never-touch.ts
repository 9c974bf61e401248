import type { Target } from '../core/change.ts'
import type { NeverTouchRule } from '../core/rules.ts'
import { globMatches } from './glob.ts'

/** The rule that forbids a target, in words for people. */
export type Forbidden = { readonly reason: string }

/**
 * Whatever the configuration says: the system namespace of a cluster, without which nothing can be put back. Targets in
 * a namespace are named `namespace/name`, with or without the cluster or the kind in front.
 */
const always: readonly NeverTouchRule[] = [
  { name: 'kube-system/*' },
  { name: '*/kube-system/*' },
  { kind: '*namespace', name: 'kube-system' },
  { kind: '*namespace', name: '*/kube-system' },
]

type Guard = {
  readonly rules: readonly NeverTouchRule[]
  /** Ids and names of what the bot itself lives on: its access keys, users, secrets, deployment. */
  readonly own: readonly string[]
}

/** The reason why a target is never touched, or undefined. */
export function neverTouch(target: Target, { rules, own }: Guard): Forbidden | undefined {
  const mine = own.find((identity) => isSame(identity, target.id) || isSame(identity, target.name))
  if (mine !== undefined) return { reason: `${target.name} is what Firebreak itself lives on` }
  const rule = [...always, ...rules].find((candidate) => forbids(candidate, target))
  return rule === undefined ? undefined : { reason: `${target.name} is never touched: ${words(rule)}` }
}

function isSame(one: string, other: string): boolean {
  return one !== '' && one.toLowerCase() === other.toLowerCase()
}

/** A rule that says nothing forbids nothing: it is refused when the configuration is read. */
function forbids(rule: NeverTouchRule, target: Target): boolean {
  const fields = [
    [rule.kind, target.kind],
    [rule.id, target.id],
    [rule.name, target.name],
  ] as const
  const given = fields.filter(([pattern]) => pattern !== undefined)
  return given.length > 0 && given.every(([pattern = '', text]) => globMatches(pattern, text))
}

function words(rule: NeverTouchRule): string {
  const parts = [
    rule.kind === undefined ? [] : [`kind ${rule.kind}`],
    rule.id === undefined ? [] : [`id ${rule.id}`],
    rule.name === undefined ? [] : [`name ${rule.name}`],
  ]
  return parts.flat().join(', ')
}
