/** What playbooks may name of a configuration: instances of providers, and roles. */
export type Outline = {
  readonly instances: { readonly [provider: string]: readonly string[] }
  /** How many persons have each role. A role that is only named, such as under permissions, has an entry too. */
  readonly roles: { readonly [role: string]: number }
}

type Source = {
  readonly providers: { readonly [provider: string]: object }
  readonly people: readonly { readonly roles: readonly string[] }[]
  readonly permissions: { readonly [verb: string]: readonly string[] }
  readonly alerts: {
    readonly routes: readonly {
      readonly name: string
      readonly approve?: { readonly from: string } | undefined
    }[]
  }
}

/** Needs no secrets, so that `lint` can make it on a machine that has none. */
export function outlineOf({ providers, people, permissions, alerts }: Source): Outline {
  const instances = Object.entries(providers).map(([name, of]) => [name, Object.keys(of)] as const)
  const gates = alerts.routes.flatMap(({ approve }) => (approve === undefined ? [] : [approve.from]))
  const named = [...people.flatMap(({ roles }) => roles), ...Object.values(permissions).flat(), ...gates]
  const roles = [...new Set(named)].map((role) => [role, held(people, role)] as const)
  return { instances: Object.fromEntries(instances), roles: Object.fromEntries(roles) }
}

function held(people: Source['people'], role: string): number {
  return people.filter(({ roles }) => roles.includes(role)).length
}
