import { mayHold, type PermissionConfig } from './permissions.ts'

/** What playbooks may name of a configuration: instances of providers, and roles. */
export type Outline = {
  readonly instances: { readonly [provider: string]: readonly string[] }
  /** How many persons have each role, or may have it by a Slack group. A role that is only named, such as under permissions, has an entry too. */
  readonly roles: { readonly [role: string]: number }
}

type Source = Pick<PermissionConfig, 'people' | 'groups' | 'permissions' | 'rules'> & {
  readonly providers: { readonly [provider: string]: object }
  readonly alerts: {
    readonly routes: readonly {
      readonly name: string
      readonly approve?: { readonly from: string } | undefined
    }[]
  }
}

/** Needs no secrets, so that `lint` can make it on a machine that has none. */
export function outlineOf(source: Source): Outline {
  const { providers, people, groups, permissions, rules, alerts } = source
  const instances = Object.entries(providers).map(([name, of]) => [name, Object.keys(of)] as const)
  const gates = alerts.routes.flatMap(({ approve }) => (approve === undefined ? [] : [approve.from]))
  const named = [
    ...people.flatMap(({ roles }) => roles),
    ...Object.keys(groups),
    ...Object.values(permissions).flat(),
    ...rules.flatMap(({ who, ask }) => [...who, ...(ask?.who ?? [])]),
    ...gates,
  ]
  const roles = [...new Set(named)].map((role) => [role, mayHold(source, role)] as const)
  return { instances: Object.fromEntries(instances), roles: Object.fromEntries(roles) }
}
