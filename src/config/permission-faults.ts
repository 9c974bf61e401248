import { tiesOf } from '../core/rule-order.ts'
import type { Path } from '../core/yaml.ts'
import type { Fault } from './fault.ts'
import { aboutKeys } from './permission-schema.ts'
import { holdersOf, mayHold, permissionsOf } from './permissions.ts'
import type { ConfigFile } from './schema.ts'

/** What is wrong with roles, environments and rules besides the form of their values. */
export function permissionFaults(file: ConfigFile): Fault[] {
  return [
    ...roleFaults(file),
    ...environmentFaults(file),
    ...file.permissions.rules.flatMap((rule, at) => ruleFaults(file, rule, ['permissions', 'rules', at])),
    ...file.alerts.routes.flatMap((route, at) =>
      unknownEnvironments(file, route.authority?.environments, ['alerts', 'routes', at, 'authority']),
    ),
    ...ambiguous(file),
  ]
}

function roleFaults({ roles, people, slack }: ConfigFile): Fault[] {
  return Object.entries(roles).flatMap(([role, { people: ids, slackGroups, schedules }]) => {
    const path = ['roles', role]
    const unknown = ids.flatMap((id, at) =>
      people.some((person) => person.id === id)
        ? []
        : [named([...path, 'people', at], `there is no person ${id}`, 'Add the person under people.')],
    )
    if (slackGroups.length > 0 && slack === undefined)
      return [...unknown, bad(path, `role ${role} has Slack groups, and there is no slack`, 'Add slack.')]
    return ids.length + slackGroups.length + schedules.length > 0
      ? unknown
      : [bad(path, `role ${role} is given to nobody`, 'Name people, slackGroups or schedules.')]
  })
}

function environmentFaults(file: ConfigFile): Fault[] {
  const all = instancesOf(file)
  const seen = new Map<string, string>()
  const faults = Object.entries(file.environments).flatMap(([environment, instances]) =>
    instances.flatMap((instance, at): Fault[] => {
      const path = ['environments', environment, at]
      const first = seen.get(instance)
      seen.set(instance, first ?? environment)
      if (first !== undefined) return [twice(path, instance, first)]
      return all.includes(instance) ? [] : [unknownInstance(path, instance, all)]
    }),
  )
  const left = seen.size === 0 ? [] : all.filter((instance) => !seen.has(instance))
  return [...faults, ...left.map(outside)]
}

function instancesOf({ providers }: ConfigFile): string[] {
  return Object.entries(providers).flatMap(([provider, of]) =>
    Object.keys(of).map((instance) => `${provider}/${instance}`),
  )
}

/** A rule about an environment says nothing about what is in none: easily forgotten, and never meant. */
function outside(instance: string): Fault {
  const message = `${instance} is in no environment, so that no rule about environments protects it`
  const remedy = 'Put it into one, if need be one of its own.'
  return { code: 'config.unknown-name', severity: 'warning', message, remedy, path: ['environments'] }
}

type Rule = ConfigFile['permissions']['rules'][number]

function ruleFaults(file: ConfigFile, rule: Rule, path: Path): Fault[] {
  return [
    ...wholeFaults(rule, path),
    ...askFaults(rule, path),
    ...unknownEnvironments(file, rule.environments, path),
    ...unknownInstances(file, rule, path),
    ...unknownRoutes(file, rule, path),
    ...unheld(file, rule, path),
  ]
}

function wholeFaults(rule: Rule, path: Path): Fault[] {
  const given = Object.entries(rule).filter(([key, value]) => aboutKeys.includes(key) && value !== undefined)
  if (given.length > 0) return []
  const remedy = `Name at least one of ${aboutKeys.join(', ')}, or say it under permissions.VERB.`
  return [bad(path, `rule ${rule.name} is about everything`, remedy)]
}

function askFaults({ name, verbs, ask, routes }: Rule, path: Path): Fault[] {
  const onlyRun = verbs.every((verb) => verb === 'run')
  if (ask !== undefined && !onlyRun)
    return [bad([...path, 'ask'], `rule ${name} asks people about more than a run`, 'Say verbs: [run].')]
  return routes.length > 0 && !verbs.includes('run')
    ? [bad([...path, 'routes'], `rule ${name} names routes, which only run`, 'Say verbs: [run].')]
    : []
}

export function unknownEnvironments(
  file: ConfigFile,
  given: readonly string[] | undefined,
  path: Path,
): Fault[] {
  return (given ?? []).flatMap((environment, at) =>
    Object.hasOwn(file.environments, environment)
      ? []
      : [
          named(
            [...path, 'environments', at],
            `there is no environment ${environment}`,
            `Add it under environments. Known are: ${Object.keys(file.environments).join(', ') || 'none'}.`,
          ),
        ],
  )
}

type Placed = { readonly instances?: readonly string[] | undefined }

export function unknownInstances(file: ConfigFile, { instances }: Placed, path: Path): Fault[] {
  const all = instancesOf(file)
  return (instances ?? []).flatMap((instance, at) =>
    all.includes(instance) ? [] : [unknownInstance([...path, 'instances', at], instance, all)],
  )
}

export function unknownRoutes(
  { alerts }: ConfigFile,
  { routes = [] }: { readonly routes?: readonly string[] | undefined },
  path: Path,
): Fault[] {
  return routes.flatMap((name, at) =>
    alerts.routes.some((route) => route.name === name)
      ? []
      : [named([...path, 'routes', at], `there is no route ${name}`, 'Add it under alerts.routes.')],
  )
}

/** An empty list says that nobody may; a list of roles that nobody has is a slip. */
function unheld(file: ConfigFile, { name, who, ask }: Rule, path: Path): Fault[] {
  const holders = holdersOf(file)
  const roles = [...who, ...(ask?.who ?? [])]
  const idle = roles.length > 0 && roles.every((role) => mayHold(holders, role) === 0)
  const lacking = ask !== undefined && mayHold(holders, ask.approve.from) < ask.approve.count
  const remedy = 'Give the role to enough persons under people or roles, or name another.'
  return [
    ...(idle ? [warning(path, `rule ${name} names only roles that nobody has`, remedy)] : []),
    ...(lacking
      ? [warning([...path, 'ask'], `too few persons have the role ${ask.approve.from}`, remedy)]
      : []),
  ]
}

function ambiguous(file: ConfigFile): Fault[] {
  const { rules } = permissionsOf(file)
  const names = new Map<string, number>()
  const repeated = rules.flatMap(({ name }, at) => {
    const first = names.get(name)
    names.set(name, first ?? at)
    return first === undefined ? [] : [sameName(['permissions', 'rules', at, 'name'], name)]
  })
  const ties = tiesOf(rules).map(({ first, second }): Fault => {
    const [one, other] = [rules[first]?.name ?? '', rules[second]?.name ?? '']
    return {
      code: 'config.ambiguous',
      message: `rules ${one} and ${other} fit the same requests, and neither is more specific`,
      remedy:
        'Let one of them name more (an instance, an effect, the exact playbook), or make them one rule.',
      path: ['permissions', 'rules', second],
    }
  })
  return [...repeated, ...ties]
}

export function sameName(path: Path, name: string): Fault {
  const remedy = 'Give each rule a name of its own: answers refer to it.'
  return { code: 'config.duplicate', message: `there are two rules ${name}`, remedy, path }
}

function twice(path: Path, instance: string, first: string): Fault {
  const message = `${instance} is in ${first} already`
  return { code: 'config.duplicate', message, remedy: 'An instance is in one environment.', path }
}

function unknownInstance(path: Path, instance: string, all: readonly string[]): Fault {
  return named(path, `there is no instance ${instance}`, `Under providers are: ${all.join(', ') || 'none'}.`)
}

export function named(path: Path, message: string, remedy: string): Fault {
  return { code: 'config.unknown-name', message, remedy, path }
}

export function bad(path: Path, message: string, remedy: string): Fault {
  return { code: 'config.bad-value', message, remedy, path }
}

export function warning(path: Path, message: string, remedy: string): Fault {
  return { code: 'config.unknown-name', severity: 'warning', message, remedy, path }
}
