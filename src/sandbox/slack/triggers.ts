import { randomBytes } from 'node:crypto'
import { invalidArguments, refuse } from './refusal.ts'
import type { World } from './world.ts'

/** A trigger lives 3 seconds and works once [documented]. */
const lifetime = 3000

type Trigger = { user: string; expires: number; used: boolean }

export type Triggers = {
  issue(user: string): string
  /** The person behind the trigger; refuses with the names of the method reference. */
  exchange(triggerId: string | undefined): string
}

function digits(): string {
  return String(randomBytes(5).readUIntBE(0, 5))
}

export function createTriggers(world: World): Triggers {
  const known = new Map<string, Trigger>()
  return {
    issue: (user) => {
      const id = `${digits()}.${digits()}.${randomBytes(16).toString('hex')}`
      known.set(id, { user, expires: world.clock.now() + lifetime, used: false })
      return id
    },
    exchange: (id) => {
      if (id === undefined) return invalidArguments('missing required field: trigger_id')
      const trigger = known.get(id)
      if (trigger === undefined) return refuse('invalid_trigger_id')
      if (trigger.used) return refuse('exchanged_trigger_id')
      if (world.clock.now() > trigger.expires) return refuse('expired_trigger_id')
      trigger.used = true
      return trigger.user
    },
  }
}
