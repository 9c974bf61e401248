import type { OnCallConfig } from '../config/config.ts'
import type { PermissionConfig } from '../config/permissions.ts'
import { groupOf, type OnCallSystem } from '../core/person.ts'
import type { Clock, OnCall } from '../core/ports.ts'
import type { DoctorPart } from '../core/wire.ts'
import { connectOpsgenie } from '../providers/on-call/opsgenie.ts'
import { connectPagerDuty } from '../providers/on-call/pagerduty.ts'

type OnCallSystems = { readonly [S in OnCallSystem]?: OnCall }

/** The on-call systems that are configured. Nothing is asked yet. */
export function connectOnCall({ pagerduty, opsgenie }: OnCallConfig, clock: Clock): OnCallSystems {
  return {
    ...(pagerduty && { pagerduty: connectPagerDuty(pagerduty, clock) }),
    ...(opsgenie && { opsgenie: connectOpsgenie(opsgenie) }),
  }
}

type Asked = Pick<PermissionConfig, 'people' | 'groups'> & { readonly onCall: OnCallConfig }

/** For `doctor`: every schedule that gives a role, whether its system answers now, and with whom. */
export async function onCallParts(config: Asked, clock: Clock): Promise<DoctorPart[]> {
  const systems = connectOnCall(config.onCall, clock)
  const schedules = [...new Set(Object.values(config.groups).flat())].flatMap((group) => {
    const { system, id } = groupOf(group)
    const onCall = system === 'slack' ? undefined : systems[system]
    return system === 'slack' || onCall === undefined ? [] : [{ group, system, id, onCall }]
  })
  const idle = Object.keys(systems).filter((name) => schedules.every(({ system }) => system !== name))
  return [
    ...(await Promise.all(schedules.map((schedule) => partOf(schedule, config)))),
    ...idle.map((name) => ({ name, identity: 'no role names a schedule of it', ok: true })),
  ]
}

type Schedule = {
  /** As roles name it. */
  readonly group: string
  readonly system: OnCallSystem
  readonly id: string
  readonly onCall: OnCall
}

async function partOf(
  { group: name, system, id, onCall }: Schedule,
  { people }: Pick<Asked, 'people'>,
): Promise<DoctorPart> {
  const answer = await onCall.members(id)
  if ('unknown' in answer) {
    const remedy = `Check onCall.${system}, its credentials and the network: its roles are worth nothing meanwhile.`
    return { name, identity: '', ok: false, detail: answer.unknown, remedy }
  }
  const bound = people.filter((person) => answer.members.includes(person[system] ?? ''))
  const identity = `on call now: ${bound.map((person) => person.id).join(', ') || 'nobody who is known'}`
  const unbound = answer.members.filter((member) => bound.every((person) => person[system] !== member))
  if (unbound.length > 0) {
    const remedy = `Add ${system}: to these people, or they have no role by being on call.`
    return { name, identity, ok: false, detail: `bound to no person: ${unbound.join(', ')}`, remedy }
  }
  return answer.members.length > 0
    ? { name, identity, ok: true }
    : { name, identity, ok: true, detail: empty[system] }
}

const empty: { readonly [S in OnCallSystem]: string } = {
  pagerduty: 'it answers the same for a schedule that does not exist, or that no escalation policy names',
  opsgenie: 'it answers the same for a schedule that is switched off',
}
