import type { ApproveRule } from '../core/playbook.ts'
import type { Gate } from '../core/plan.ts'
import type { PermissionRule, RouteAuthority, RuleVerb, Verb } from '../core/rules.ts'
import type { Point, RuleBook } from './rules.ts'

/** What the configuration says about who may do what. */
export type Permissions = {
  readonly permissions: { readonly [V in Verb]: readonly string[] }
  readonly rules: RuleBook
}

/** What somebody wants, and all that it is about. Without points it is about nothing in particular, such as a freeze. */
export type Asked = { readonly verb: Verb | 'approve'; readonly points?: readonly Point[] }

/**
 * On whose authority: a person's, by roles; an alert's, by what its route was given; or that of whoever may open the state
 * folder, who is nobody in particular. Only the first approves, cancels or undoes anything.
 */
export type Asker =
  | { readonly kind: 'person'; readonly roles: readonly string[] }
  | { readonly kind: 'route'; readonly name: string; readonly authority?: RouteAuthority }
  | { readonly kind: 'owner' }

/** What decided: a rule; the table of roles, or what stands in its place for askers that have no roles. */
export type Source =
  | { readonly kind: 'rule'; readonly rule: PermissionRule }
  | { readonly kind: 'table'; readonly verb: Verb; readonly roles: readonly string[] }
  | { readonly kind: 'gate' | 'owner' }
  | { readonly kind: 'route'; readonly name: string }

export type Decided = {
  readonly outcome: 'allow' | 'ask' | 'deny'
  readonly point: Point
  readonly by: Source
  /** Who must agree: where the outcome is `ask`. */
  readonly approve?: ApproveRule
}

export type Verdict = Decided & {
  /** Each point with its own decision. */
  readonly each: readonly Decided[]
}

/** Where people must be asked and nothing says who. */
export const SOMEBODY: ApproveRule = { from: 'approver', count: 1, withinMs: 30 * 60_000 }

/** Pure. Every point is decided by the most specific rule that fits it, and the strictest decision is that of the whole. */
export function decide(permissions: Permissions, asker: Asker, { verb, points }: Asked): Verdict {
  const wanted = points === undefined || points.length === 0 ? [{}] : points
  const each = wanted.map((point) => decidePoint(permissions, asker, { verb, point }))
  const strictest =
    each.find(({ outcome }) => outcome === 'deny') ?? each.find(({ outcome }) => outcome === 'ask') ?? each[0]
  if (strictest === undefined) throw new Error('there is always a point')
  return { ...strictest, each }
}

/** The people who must agree before these steps act. */
export function gatesOf({ each }: Verdict): Gate[] {
  return each.flatMap(({ point, approve, by }) =>
    approve === undefined || point.step === undefined
      ? []
      : [{ scope: point.step, ...approve, ...ruleOf(by) }],
  )
}

function ruleOf(by: Source): { readonly rule?: string } {
  if (by.kind === 'rule') return { rule: `permissions/${by.rule.name}` }
  return by.kind === 'route' ? { rule: `route/${by.name}` } : {}
}

type One = { readonly verb: Asked['verb']; readonly point: Point }

function decidePoint(permissions: Permissions, asker: Asker, { verb, point }: One): Decided {
  const rule = isRuleVerb(verb) ? permissions.rules.find(verb, point) : undefined
  if (rule !== undefined) return withinGrant(asker, { ...byRule(rule, asker, point), point })
  return withinGrant(asker, { ...byDefault(permissions, asker, verb), point })
}

function isRuleVerb(verb: Asked['verb']): verb is RuleVerb {
  return verb !== 'freeze' && verb !== 'thaw'
}

type Said = Omit<Decided, 'point'>

function byRule(rule: PermissionRule, asker: Asker, point: Point): Said {
  const by = { kind: 'rule', rule } as const
  const outcome = asker.kind === 'person' ? forRoles(rule, asker.roles) : forNobody(rule, asker)
  if (outcome !== 'ask') return { outcome, by }
  // Nobody is asked about what changes nothing.
  if (!acts(point)) return { outcome: 'allow', by }
  return { outcome, by, approve: rule.ask?.approve ?? askedBy(asker) }
}

function forRoles({ who, ask }: PermissionRule, roles: readonly string[]): Decided['outcome'] {
  if (shares(who, roles)) return 'allow'
  return ask !== undefined && shares(ask.who, roles) ? 'ask' : 'deny'
}

/** No person asks: where somebody may, somebody can be asked. */
function forNobody({ who, routes, ask }: PermissionRule, asker: Asker): Decided['outcome'] {
  if (asker.kind === 'route' && routes.includes(asker.name)) return 'allow'
  return who.length === 0 && ask === undefined ? 'deny' : 'ask'
}

function askedBy(asker: Asker): ApproveRule {
  return (asker.kind === 'route' ? asker.authority?.ask : undefined) ?? SOMEBODY
}

function byDefault(permissions: Permissions, asker: Asker, verb: Asked['verb']): Said {
  if (asker.kind === 'route') return { outcome: 'allow', by: { kind: 'route', name: asker.name } }
  if (asker.kind === 'owner') return { outcome: 'allow', by: { kind: 'owner' } }
  // The gate names its own role, which is judged beside this.
  if (verb === 'approve') return { outcome: 'allow', by: { kind: 'gate' } }
  const roles = permissions.permissions[verb]
  return {
    outcome: shares(roles, asker.roles) ? 'allow' : 'deny',
    by: { kind: 'table', verb, roles },
  }
}

/** A rule never gives a route more than its own entry does. */
function withinGrant(asker: Asker, decided: Decided): Decided {
  if (asker.kind !== 'route' || decided.outcome !== 'allow' || !acts(decided.point)) return decided
  const { effects, environments } = asker.authority ?? {}
  const { effect, environment } = decided.point
  const covered = isIn(effects, effect) && isIn(environments, environment)
  if (covered) return decided
  return { ...decided, outcome: 'ask', by: { kind: 'route', name: asker.name }, approve: askedBy(asker) }
}

function isIn<T>(given: readonly T[] | undefined, value: T | undefined): boolean {
  return given === undefined || (value !== undefined && given.includes(value))
}

function acts({ effect }: Point): boolean {
  return effect === 'reversible' || effect === 'irreversible'
}

function shares(one: readonly string[], other: readonly string[]): boolean {
  return one.some((role) => other.includes(role))
}

/** What decided, for people: `permissions.rules production (firebreak.yaml line 12)`. */
export function sourceWords(by: Source): string {
  switch (by.kind) {
    case 'rule':
      return `permissions.rules ${by.rule.name} (line ${by.rule.line})`
    case 'table':
      return `permissions.${by.verb}`
    case 'gate':
      return 'the role of the gate'
    case 'route':
      return `alerts.routes ${by.name}`
    case 'owner':
      return 'whoever may open the state folder'
  }
}

/** Who may, by what decided. */
export function whoMay(by: Source): readonly string[] {
  if (by.kind === 'table') return by.roles
  if (by.kind !== 'rule') return []
  return [...by.rule.who, ...(by.rule.ask?.who ?? [])]
}

/** `irreversible in production`, or an empty text where nothing is known. */
export function pointWords({ step, playbook, effect, instance, environment }: Point): string {
  const where = environment === undefined ? instance : `${instance ?? 'something'} of ${environment}`
  const what = [step, effect && `(${effect})`, where && `on ${where}`].filter((part) => part !== undefined)
  return [...what, ...(playbook === undefined ? [] : [`of ${playbook}`])].join(' ')
}
