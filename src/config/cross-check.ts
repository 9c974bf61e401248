import { parseSshKey } from '../core/ssh-key.ts'
import type { Path } from '../core/yaml.ts'
import { auditFaults } from './audit-faults.ts'
import { type Fault, pathWords } from './fault.ts'
import { guardrailFaults } from './guardrail-faults.ts'
import { permissionFaults } from './permission-faults.ts'
import { onCallFaults } from './on-call-faults.ts'
import { holdersOf, mayHold } from './permissions.ts'
import type { ConfigFile } from './schema.ts'

// What one value alone cannot show: names that refer to nothing, and two entries that claim the same.

export function crossFaults(file: ConfigFile): Fault[] {
  return [
    ...peopleFaults(file),
    ...routeFaults(file),
    ...ruleFaults(file),
    ...auditFaults(file),
    ...permissionFaults(file),
    ...guardrailFaults(file),
    ...onCallFaults(file),
    ...roleWarnings(file),
  ]
}

function peopleFaults({ people }: ConfigFile): Fault[] {
  const keys = people.flatMap((person, at) =>
    person.sshKeys.map((line, index) => ({
      path: ['people', at, 'sshKeys', index],
      value: parseSshKey(line)?.fingerprint,
    })),
  )
  const unusable = keys.filter(({ value }) => value === undefined).map(({ path }) => badKey(path))
  const ids = people.map(({ id }, at) => ({ path: ['people', at, 'id'], value: id }))
  const accounts = (['slack', 'pagerduty', 'opsgenie'] as const).map((system) =>
    people.map((person, at) => ({ path: ['people', at, system], value: person[system]?.toLowerCase() })),
  )
  return [...unusable, ...repeated(ids), ...accounts.flatMap(repeated), ...repeated(keys)]
}

/** A key or account of two persons would make two approvers of one human. */
function repeated(entries: readonly { path: Path; value: string | undefined }[]): Fault[] {
  const seen = new Map<string, Path>()
  return entries.flatMap(({ path, value }) => {
    if (value === undefined) return []
    const first = seen.get(value)
    seen.set(value, first ?? path)
    return first === undefined ? [] : [duplicate(path, first)]
  })
}

function routeFaults({ alerts }: ConfigFile): Fault[] {
  const names = alerts.routes.map(({ name }, at) => ({ path: ['alerts', 'routes', at, 'name'], value: name }))
  const faults = alerts.routes.flatMap((route, at) => {
    const path = ['alerts', 'routes', at]
    const unknown = Object.hasOwn(alerts.sources, route.source)
      ? []
      : [unknownSource([...path, 'source'], route.source)]
    return [...unknown, ...playbookFaults(route, path), ...matchFaults(route, path)]
  })
  return [...repeated(names), ...faults]
}

type Route = ConfigFile['alerts']['routes'][number]

function playbookFaults(route: Route, path: Path): Fault[] {
  const starts = route.mode !== 'ignore'
  if (starts === (route.playbook !== undefined)) return []
  return [
    {
      code: 'config.bad-value',
      message: starts
        ? `route ${route.name} names no playbook`
        : `route ${route.name} ignores, yet names a playbook`,
      remedy: starts ? 'Add playbook: NAME, or say mode: ignore.' : 'Remove playbook, or say mode: propose.',
      path,
    },
  ]
}

/** Whatever an alert says may start an *auto* route without a match: that is never meant. */
function matchFaults(route: Route, path: Path): Fault[] {
  if (route.mode === 'ignore' || Object.keys(route.match).length > 0) return []
  return [
    {
      code: 'config.bad-value',
      message: `route ${route.name} matches every alert of ${route.source}`,
      remedy: 'Name at least one label, such as alertname.',
      path: [...path, 'match'],
    },
  ]
}

function ruleFaults({ guardrails }: ConfigFile): Fault[] {
  return guardrails.neverTouch.flatMap(({ labels = {}, ...rule }, at): Fault[] => {
    if (Object.keys({ ...labels, ...rule }).length > 0) return []
    return [
      {
        code: 'config.bad-value',
        message: 'this neverTouch rule says nothing',
        remedy: 'Give a kind, id, name, namespace, account or labels; `*` stands for any characters.',
        path: ['guardrails', 'neverTouch', at],
      },
    ]
  })
}

/** A role that too few persons have: the gate could never be passed. */
function roleWarnings(file: ConfigFile): Fault[] {
  const { people, alerts } = file
  const holders = holdersOf(file)
  const { rules: _, ...permissions } = file.permissions
  const held = (role: string) => mayHold(holders, role)
  const gates = alerts.routes.flatMap(({ approve }, at) => {
    if (approve === undefined || held(approve.from) >= approve.count) return []
    const message = `${approve.count} persons with the role ${approve.from} must agree, and there are ${held(approve.from)}`
    return [warning(['alerts', 'routes', at, 'approve'], message)]
  })
  if (people.length === 0) return gates
  const verbs = Object.entries(permissions).flatMap(([verb, roles]) =>
    roles.some((role) => held(role) > 0)
      ? []
      : [warning(['permissions', verb], `nobody may ${verb}: no person has the role ${roles.join(' or ')}`)],
  )
  return [...gates, ...verbs]
}

function warning(path: Path, message: string): Fault {
  return {
    code: 'config.unknown-name',
    severity: 'warning',
    message,
    remedy: 'Give the role to enough persons under people, or name another.',
    path,
  }
}

function badKey(path: Path): Fault {
  return {
    code: 'config.bad-key',
    message: `${pathWords(path)} is not an SSH public key that can be used`,
    remedy: 'Paste one line of an id_*.pub file: ed25519, ecdsa, sk-*, or RSA of 2048 bits or more.',
    path,
  }
}

function duplicate(path: Path, first: Path): Fault {
  return {
    code: 'config.duplicate',
    message: `${pathWords(path)} is the same as ${pathWords(first)}`,
    remedy: 'Keep one of the two.',
    path,
  }
}

function unknownSource(path: Path, source: string): Fault {
  return {
    code: 'config.unknown-name',
    message: `alerts.sources has no ${source}`,
    remedy: `Add ${source} under alerts.sources, with its token.`,
    path,
  }
}
