import type { Fact } from '../../src/core/fact.ts'
import { fold, isOver } from '../../src/core/run.ts'
import type { Boundary } from '../../src/engine/boundary.ts'
import { faultsOf, type Grounds, type Stop } from './crash.ts'
import { factsOf, kill, startReplica, untilNothing, type Process } from './harness.ts'
import { points } from './points.ts'

/** A database that a survivor watches, so that whoever dies on it is taken over. */
export type SharedGrounds = Grounds & {
  readonly store: string
  readonly state: string
  readonly survivor: Process
}

type Held = { readonly victim: Process; readonly runs: ReadonlySet<string> }

/** The survivor may be first to take a run that rested, which then is not held: such a kind is tried again, at another phase of its timer. */
const AGAIN_MS = 1300

/** One of several processes, with runs held at the boundary. */
async function holdThere(grounds: SharedGrounds, boundary: Boundary, stop: Stop): Promise<Held> {
  const { store, state, world } = grounds
  const victim = await startReplica({
    state,
    store,
    world: world.url,
    sender: `${boundary}.${stop}`,
    hold: boundary,
    deaf: stop === 'SIGSTOP',
  })
  const { kinds } = points[boundary]
  const began = performance.now()
  let tries = 0
  await untilNothing(20_000, async () => {
    const there = new Set((await victim.call('held')).map(({ playbook }) => playbook))
    const missing = kinds.filter((kind) => !there.has(kind))
    if (missing.length === 0) return undefined
    if (performance.now() - began >= tries * AGAIN_MS) {
      tries += 1
      const named = (kind: string) => ({ playbook: kind, thing: `${boundary}.${kind}.${stop}.${tries}` })
      await victim.call('start', missing.map(named))
    }
    const errors = await victim.call('errors')
    return `${missing.join(', ')} never came to ${boundary}: ${errors.slice(-5).join(' | ')}`
  })
  return { victim, runs: new Set((await victim.call('held')).map(({ run }) => run)) }
}

/** Killed or stopped with runs held at the boundary; the survivor goes on with them. Gives what is wrong afterwards. */
export async function strikeShared(
  grounds: SharedGrounds,
  boundary: Boundary,
  stop: Stop,
): Promise<string[]> {
  const { victim, runs } = await holdThere(grounds, boundary, stop)
  if (stop === 'SIGKILL') await kill(victim)
  else victim.signal('SIGSTOP')
  await untilSettled(grounds, runs)
  const stray = stop === 'SIGSTOP' ? await wakeZombie(grounds, victim, runs) : []
  const facts = await factsOf(grounds.store, runs)
  return [...stray, ...faultsOf({ facts, seen: await grounds.world.call('log'), stop, count: runs.size })]
}

/** Until these runs are over, or wait for a person: by what the journal says, whoever writes it. */
function untilSettled({ store, survivor }: SharedGrounds, runs: ReadonlySet<string>): Promise<void> {
  return untilNothing(40_000, async () => {
    const states = statesOf(await factsOf(store, runs), runs)
    const open = states.filter(({ status }) => !isOver(status) && status !== 'parked')
    if (open.length === 0) return undefined
    const errors = await survivor.call('errors')
    const named = open.map(({ id, status, requested }) => `${id} ${requested.playbook.name} ${status}`)
    return `still open: ${named.join('; ')}; ${errors.slice(-5).join(' | ')}`
  })
}

function statesOf(facts: readonly Fact[], runs: ReadonlySet<string>) {
  return [...runs].flatMap((run) => fold(facts.filter((fact) => fact.run === run)) ?? [])
}

/** The stopped process goes on from exactly where it was, when others have done its work: it may write nothing about it. */
async function wakeZombie(
  { store }: SharedGrounds,
  victim: Process,
  runs: ReadonlySet<string>,
): Promise<string[]> {
  const ownFacts = async () => (await factsOf(store, runs)).length
  const before = await ownFacts()
  victim.signal('SIGCONT')
  await victim.call('release')
  // Whatever it still has in hand has ended then.
  await victim.close()
  const after = await ownFacts()
  return after === before ? [] : [`the zombie wrote ${after - before} facts`]
}
