import { setTimeout as sleep } from 'node:timers/promises'
import { sharedState, startReplica, startWorld, untilNothing, type Process } from '../chaos/harness.ts'
import { atMost, type Figure } from './figure.ts'
import type { Remote } from './remote.ts'
import { withPostgres } from './postgres.ts'
import { round, spreadOf } from './stats.ts'
import type { World } from '../chaos/world.ts'

const ROUNDS = 5

type Grounds = {
  readonly world: Remote<World>
  readonly settings: { readonly state: string; readonly store: string; readonly world: string }
}

/** One of two replicas is killed, or stopped, with a run in hand; how long until the other has done what was next. */
export function takeOverFigures(): Promise<Figure[]> {
  return withPostgres(async (postgres) => {
    const world = await startWorld()
    const settings = { state: sharedState(), store: await postgres.createDatabase(), world: world.url }
    const survivor = await startReplica({ ...settings, sender: 'survivor', silent: true })
    const killed: number[] = []
    const hung: number[] = []
    for (let i = 0; i < ROUNDS; i++) {
      // oxlint-disable no-await-in-loop -- one blow at a time
      killed.push(await strike({ world, settings }, 'SIGKILL', i))
      hung.push(await strike({ world, settings }, 'SIGSTOP', i))
      // oxlint-enable no-await-in-loop
    }
    survivor.signal('SIGKILL')
    await world.close()
    return [
      figureOf('kill -9 of one of two replicas → its run goes on', killed, 2000),
      figureOf('hang (SIGSTOP) of one of two replicas → its run goes on', hung, 10_000),
    ]
  })
}

function figureOf(name: string, ms: readonly number[], limit: number): Figure {
  const spread = spreadOf(ms)
  const note = 'to the next effect in the world; Restate, measured elsewhere: 550 ms after a kill'
  return {
    name,
    unit: 'ms',
    value: round(spread.max),
    spread,
    budget: atMost(limit, spread.max, 'ms (max)'),
    note,
  }
}

/** Held right before an intent, so that nothing is in doubt and nothing need be waited for. */
async function strike(
  { world, settings }: Grounds,
  signal: 'SIGKILL' | 'SIGSTOP',
  round: number,
): Promise<number> {
  const victim: Process = await startReplica({ ...settings, sender: 'victim', hold: 'before-intent' })
  const thing = `${signal}-${round}`
  await victim.call('start', [{ playbook: 'conditional', thing }])
  await untilNothing(10_000, async () =>
    (await victim.call('held')).length > 0 ? undefined : 'nothing is held',
  )
  // The survivor knows of it by then.
  await sleep(1100)
  const began = Date.now()
  victim.signal(signal)
  let landed: number | undefined
  await untilNothing(15_000, async () => {
    landed = (await world.call('log')).find(({ target, effect }) => target === thing && effect)?.time
    return landed === undefined ? 'no effect' : undefined
  })
  victim.signal('SIGKILL')
  await victim.ended
  return (landed ?? NaN) - began
}
