import type { Fact } from '../../src/core/fact.ts'
import type { Boundary } from '../../src/engine/boundary.ts'
import type { Remote } from '../bench/remote.ts'
import { tempFolder } from '../support/bot.ts'
import { examine, gaps } from './check.ts'
import { factsIn, kill, startReplica, untilNothing, untilQuiet, type Process } from './harness.ts'
import { kinds } from './playbooks.ts'
import { points } from './points.ts'
import type { Seen, World } from './world.ts'

export type Grounds = { readonly world: Remote<World> & { readonly url: string } }

/** Until every run that comes to this boundary is held at it. */
function untilHeld(replica: Process, count: number, ms = 20_000): Promise<void> {
  return untilNothing(ms, async () => {
    const held = await replica.call('held')
    if (held.length >= count) return undefined
    const errors = await replica.call('errors')
    return `${held.length} of ${count} came to ${replica.settings.hold}: ${errors.slice(-5).join(' | ')}`
  })
}

export type Stop = 'SIGKILL' | 'SIGSTOP'

/** An embedded bot with a run of every kind, held at the boundary and struck there; then it goes on, or another one does. */
export async function strikeEmbedded({ world }: Grounds, boundary: Boundary, stop: Stop): Promise<string[]> {
  const state = tempFolder()
  const settings = { state, world: world.url, sender: boundary }
  const { after } = points[boundary]
  const wanted = kinds.map((kind) => ({ playbook: kind, thing: `${boundary}.${stop}.${kind}` }))
  let victim = await startReplica({ ...settings, hold: after ?? boundary })
  await victim.call('start', wanted)
  if (after !== undefined) {
    await untilHeld(victim, points[after].kinds.length)
    await kill(victim)
    victim = await startReplica({ ...settings, hold: boundary })
  }
  await untilHeld(victim, points[boundary].kinds.length)
  const survivor = stop === 'SIGKILL' ? await dieAndReturn(victim) : await hangAndGoOn(victim)
  await untilQuiet(survivor, 30_000)
  const report = await survivor.call('verify')
  await survivor.close()
  const facts = factsIn(state)
  const broken = report.ok ? gaps(facts) : ['the log does not verify']
  return [...broken, ...faultsOf({ facts, seen: await world.call('log'), stop, count: kinds.length })]
}

async function dieAndReturn(victim: Process): Promise<Process> {
  await kill(victim)
  const { hold: _, ...settings } = victim.settings
  return startReplica(settings)
}

/** Longer than a call may start after its intent (START_LIMIT_MS). */
const HANG_MS = 2300

async function hangAndGoOn(victim: Process): Promise<Process> {
  victim.signal('SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, HANG_MS))
  victim.signal('SIGCONT')
  await victim.call('release')
  return victim
}

type Struck = {
  readonly facts: readonly Fact[]
  readonly seen: readonly Seen[]
  readonly stop: Stop
  /** Of runs. */
  readonly count: number
}

/** What is wrong with runs that were struck: besides what must never be, an effect that nothing guards happens once, too. */
export function faultsOf({ facts, seen, stop, count }: Struck): string[] {
  const runs = new Set(facts.flatMap(({ run }) => run ?? []))
  const own = seen.filter(({ key }) => key !== undefined && runs.has(key.slice(0, key.indexOf('/'))))
  const { violations, ...found } = examine({ facts, seen: own, accepted: [] })
  const { succeeded, parked, failed, duplicates } = found
  return [
    ...violations,
    ...(found.runs === count ? [] : [`${found.runs} of ${count} runs`]),
    ...(succeeded + parked + failed === count
      ? []
      : [`${succeeded} succeeded, ${parked} parked of ${count}`]),
    ...(stop === 'SIGSTOP' || failed === 0 ? [] : [`${failed} failed`]),
    ...(duplicates === 0 ? [] : [`${duplicates} effects happened twice`]),
  ]
}
