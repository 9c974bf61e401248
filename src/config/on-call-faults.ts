import { urlFault } from '../core/outbound.ts'
import { groupOf, type OnCallSystem } from '../core/person.ts'
import type { Path } from '../core/yaml.ts'
import { endpointFault } from './audit-faults.ts'
import { type Fault, pathWords } from './fault.ts'
import type { ConfigFile } from './schema.ts'

const systems: readonly OnCallSystem[] = ['pagerduty', 'opsgenie']

/** What is wrong with on-call systems and the schedules of roles besides the form of their values. */
export function onCallFaults(file: ConfigFile): Fault[] {
  const roles = Object.entries(file.roles).flatMap(([role, { schedules }]) =>
    schedules.flatMap((schedule, at) =>
      scheduleFaults(file, schedule, { role, path: ['roles', role, 'schedules', at] }),
    ),
  )
  return [...systems.flatMap((system) => addressFaults(file, system)), ...roles]
}

function addressFaults({ onCall }: ConfigFile, system: OnCallSystem): Fault[] {
  const url = onCall[system]?.url
  const fault = url === undefined ? undefined : (urlFault(url) ?? endpointFault(url))
  if (fault === undefined) return []
  const path = ['onCall', system, 'url']
  const remedy = 'Give an https address, or leave it out.'
  return [{ code: 'config.bad-value', message: `${pathWords(path)}: ${fault}`, remedy, path }]
}

function scheduleFaults(
  { onCall, people }: ConfigFile,
  schedule: string,
  { role, path }: { readonly role: string; readonly path: Path },
): Fault[] {
  const { system } = groupOf(schedule)
  if (system === 'slack') return []
  const fault = { code: 'config.unknown-name', path } as const
  if (onCall[system] === undefined) {
    const message = `role ${role} has a schedule of ${system}, and there is no onCall.${system}`
    return [{ ...fault, message, remedy: `Add ${system} under onCall, with its credentials.` }]
  }
  if (people.some((person) => person[system] !== undefined)) return []
  const message = `nobody can have the role ${role} by ${schedule}: no person has an id of ${system}`
  return [
    { ...fault, message, severity: 'warning', remedy: `Add ${system}: to those people who are on call.` },
  ]
}
