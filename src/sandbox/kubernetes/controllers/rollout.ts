import { portion } from '../pods.ts'
import { at, type Obj } from '../value.ts'

/** What a rolling update needs to know of one ReplicaSet. */
export type Share = { readonly replicas: number; readonly available: number }

export type Limits = { readonly desired: number; readonly surge: number; readonly unavailable: number }

export function limitsOf(deployment: Obj, desired: number): Limits {
  const rolling = at(deployment, 'spec', 'strategy', 'rollingUpdate')
  const surge = portion(at(rolling, 'maxSurge'), desired, 'up')
  const unavailable = portion(at(rolling, 'maxUnavailable'), desired, 'down')
  return { desired, surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

function sum(shares: readonly Share[], key: keyof Share): number {
  return shares.reduce((total, share) => total + share[key], 0)
}

/** One step of a rolling update: the next counts of the new ReplicaSet and of the old ones, in their order. */
export function rollingStep(
  fresh: Share,
  old: readonly Share[],
  limits: Limits,
): { fresh: number; old: number[] } {
  const { desired, surge, unavailable } = limits
  const total = fresh.replicas + sum(old, 'replicas')
  const room = Math.max(0, desired + surge - total)
  const grown = fresh.replicas > desired ? desired : fresh.replicas + Math.min(room, desired - fresh.replicas)
  const least = desired - unavailable
  let spare = total - least - (fresh.replicas - fresh.available)
  const healthyOnly = old.map((share) => {
    const dropped = Math.max(0, Math.min(share.replicas - share.available, spare))
    spare -= dropped
    return share.replicas - dropped
  })
  let surplus = fresh.available + sum(old, 'available') - least
  const next = healthyOnly.map((replicas, i) => {
    const dropped = Math.max(0, Math.min(replicas, old[i]?.available ?? 0, surplus))
    surplus -= dropped
    return replicas - dropped
  })
  return { fresh: grown, old: next }
}
