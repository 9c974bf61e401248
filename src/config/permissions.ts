import { parseDuration } from '../core/duration.ts'
import { groupOf, type Person } from '../core/person.ts'
import type { ApproveRule } from '../core/playbook.ts'
import type { PermissionRule, RouteAuthority, Verb } from '../core/rules.ts'
import { withoutUndefined } from './defined.ts'
import type { ConfigFile } from './schema.ts'

/** The part of the configuration that says who may do what. It needs no secrets, so that a file can be tried anywhere. */
export type PermissionConfig = {
  /** With the roles that the file gives them by name. */
  readonly people: readonly Person[]
  /** Slack user groups and schedules by role: who is in one of them now has it. */
  readonly groups: { readonly [role: string]: readonly string[] }
  readonly permissions: { readonly [V in Verb]: readonly string[] }
  readonly rules: readonly PermissionRule[]
  /** By instance: `kubernetes/gpu` → `production`. */
  readonly environments: { readonly [instance: string]: string }
}

/** `lineOf` says where a rule stands; where nobody asks, finding that out is saved. */
export function permissionsOf(
  content: ConfigFile,
  lineOf: (index: number) => number = () => 0,
): PermissionConfig {
  const { rules, ...permissions } = content.permissions
  const environments = Object.entries(content.environments).flatMap(([environment, instances]) =>
    instances.map((instance) => [instance, environment] as const),
  )
  return {
    ...holdersOf(content),
    permissions,
    rules: rules.map((rule, index) => ruleOf(rule, lineOf(index))),
    environments: Object.fromEntries(environments),
  }
}

/** The roles of `people` and those of `roles` are one list. */
export function holdersOf({
  people,
  roles,
}: Pick<ConfigFile, 'people' | 'roles'>): Pick<PermissionConfig, 'people' | 'groups'> {
  const given = Object.entries(roles)
  const groups = given.flatMap(([role, { slackGroups, schedules }]) => {
    const all = [...slackGroups, ...schedules]
    return all.length === 0 ? [] : [[role, all] as const]
  })
  const named = people.map(({ opsgenie, ...person }) => {
    const more = given.flatMap(([role, of]) => (of.people.includes(person.id) ? [role] : []))
    // A mail address, of which the system may give either case.
    const mail = withoutUndefined({ opsgenie: opsgenie?.toLowerCase() })
    return { ...person, ...mail, roles: [...new Set([...person.roles, ...more])] }
  })
  return { people: named, groups: Object.fromEntries(groups) }
}

/** How many persons can have a role: those who are named, and whoever has an account that may be in one of its groups. */
export function mayHold(
  { people, groups }: Pick<PermissionConfig, 'people' | 'groups'>,
  role: string,
): number {
  const of = Object.hasOwn(groups, role) ? (groups[role] ?? []) : []
  const may = (person: Person) => of.some((group) => person[groupOf(group).system] !== undefined)
  return people.filter((person) => person.roles.includes(role) || may(person)).length
}

type Rule = ConfigFile['permissions']['rules'][number]

function ruleOf({ name, verbs, who, routes, ask, ...about }: Rule, line: number): PermissionRule {
  const asked = ask === undefined ? {} : { ask: { who: ask.who, approve: approveOf(ask.approve) } }
  return { name, line, verbs, ...withoutUndefined(about), who, routes, ...asked }
}

type ApproveEntry = NonNullable<Rule['ask']>['approve']

export function approveOf({ from, count, within }: ApproveEntry): ApproveRule {
  // The schema has checked the form of the duration.
  return { from, count, withinMs: parseDuration(within) ?? 0 }
}

type Authority = NonNullable<ConfigFile['alerts']['routes'][number]['authority']>

export function authorityOf({ effects, environments, ask }: Authority): RouteAuthority {
  return {
    ...withoutUndefined({ effects, environments }),
    ...(ask === undefined ? {} : { ask: approveOf(ask) }),
  }
}
