import { recurringFault } from '../core/recurring.ts'
import { patternsMeet } from '../core/rule-order.ts'
import type { About } from '../core/rules.ts'
import type { Path } from '../core/yaml.ts'
import type { Fault } from './fault.ts'
import { duringOf, type WindowEntry } from './guardrails.ts'
import {
  bad,
  named,
  sameName,
  unknownEnvironments,
  unknownInstances,
  unknownRoutes,
  warning,
} from './permission-faults.ts'
import { holdersOf, mayHold } from './permissions.ts'
import type { ConfigFile } from './schema.ts'

/** What is wrong with guardrails besides the form of their values. */
export function guardrailFaults(file: ConfigFile): Fault[] {
  const { budgets, breakers, windows } = file.guardrails
  const kinds: readonly (readonly [Path, readonly Entry[]])[] = [
    [['guardrails', 'budgets'], budgets],
    [['guardrails', 'breakers'], breakers],
    [['guardrails', 'windows'], windows],
    [['approvals'], file.approvals],
  ]
  return [
    ...kinds.flatMap(([path, entries]) => entryFaults(file, entries, path)),
    ...budgets.flatMap(({ each }, at) => twiceApart(each, ['guardrails', 'budgets', at])),
    ...breakers.flatMap(({ each }, at) => twiceApart(each, ['guardrails', 'breakers', at])),
    ...windows.flatMap(({ during }, at) => duringFaults(during, ['guardrails', 'windows', at, 'during'])),
    ...thawWarnings(file),
  ]
}

type AskEntry = { readonly from: string; readonly count: number }
type Asks = AskEntry | readonly AskEntry[]
type Entry = { readonly [K in keyof About]?: About[K] | undefined } & {
  readonly name: string
  readonly ask?: Asks
  readonly over?: string | { readonly ask: Asks }
}

function entryFaults(file: ConfigFile, entries: readonly Entry[], path: Path): Fault[] {
  const seen = new Set<string>()
  return entries.flatMap((entry, at) => {
    const here = [...path, at]
    const repeated = seen.has(entry.name) ? [sameName([...here, 'name'], entry.name)] : []
    seen.add(entry.name)
    return [...repeated, ...aboutFaults(file, entry, here), ...askWarnings(file, entry, here)]
  })
}

function aboutFaults(file: ConfigFile, entry: Entry, path: Path): Fault[] {
  return [
    ...unknownEnvironments(file, entry.environments, path),
    ...unknownInstances(file, entry, path),
    ...unknownRoutes(file, entry, path),
    ...unknownProviders(file, entry, path),
  ]
}

/** The bot's own actions, such as the one that rotates its key, are of no configured provider. */
const OWN = 'firebreak'

function unknownProviders(file: ConfigFile, { providers = [], actions = [] }: Entry, path: Path): Fault[] {
  const known = [...Object.keys(file.providers), OWN]
  const remedy = `Known are: ${known.join(', ')}.`
  const unknown = providers.flatMap((provider, at) =>
    known.includes(provider)
      ? []
      : [named([...path, 'providers', at], `there is no provider ${provider}`, remedy)],
  )
  const idle = actions.flatMap((pattern, at) =>
    known.some((provider) => patternsMeet(pattern, `${provider}.*`))
      ? []
      : [named([...path, 'actions', at], `no action has a name like ${pattern}`, `${remedy} Such as aws.*`)],
  )
  return [...unknown, ...idle]
}

/** People who are asked must be there, and for several groups enough of them: a person counts for one. */
function askWarnings(file: ConfigFile, { ask, over }: Entry, path: Path): Fault[] {
  const asked = [ask ?? (typeof over === 'object' ? over.ask : [])].flat()
  const where = [...path, ask === undefined ? 'over' : 'ask']
  const remedy = 'Give the role to enough persons under people or roles, or name another.'
  const holders = holdersOf(file)
  const lacking = asked.filter(({ from, count }) => mayHold(holders, from) < count)
  if (lacking.length > 0) {
    return lacking.map(({ from }) => warning(where, `too few persons have the role ${from}`, remedy))
  }
  const wanted = asked.reduce((sum, { count }) => sum + count, 0)
  const roles = [...new Set(asked.map(({ from }) => from))]
  if (peopleWith(file, roles) >= wanted) return []
  const message = `${wanted} distinct persons must agree, and fewer have the roles ${roles.join(', ')}`
  return [warning(where, message, remedy)]
}

function peopleWith(file: ConfigFile, roles: readonly string[]): number {
  const holders = holdersOf(file)
  return holders.people.filter((person) =>
    roles.some((role) => mayHold({ ...holders, people: [person] }, role) > 0),
  ).length
}

function twiceApart(each: readonly string[], path: Path): Fault[] {
  if (new Set(each).size === each.length) return []
  return [bad([...path, 'each'], 'each names one thing twice', 'Name each of them once.')]
}

function duringFaults(entry: WindowEntry['during'], path: Path): Fault[] {
  const during = duringOf(entry)
  if ('cron' in during) {
    const fault = recurringFault(during)
    return fault === undefined ? [] : [bad([...path, fault.part], fault.says, fault.remedy)]
  }
  if (during.from < during.until) return []
  return [bad([...path, 'until'], 'it ends before it begins', 'Give a moment after from.')]
}

/** Lifting a freeze is the one thing that nobody can do alone by accident, and that must not become impossible. */
function thawWarnings(file: ConfigFile): Fault[] {
  const { count } = file.guardrails.thaw
  const path = ['guardrails', 'thaw', 'count']
  const may = peopleWith(file, file.permissions.thaw)
  if (count === 1) return [warning(path, 'one person alone can lift a freeze', 'Say count: 2 or more.')]
  // That nobody at all may is warned of with the other permissions.
  if (may === 0 || may >= count) return []
  const message = `${count} people lift a freeze together, and ${may} may: nobody could lift one`
  return [warning(path, message, 'Give one of the roles under permissions.thaw to more persons.')]
}
