import type { Fact } from '../../core/fact.ts'
import type { Rota } from '../../core/ports.ts'
import { drained, type Driver } from '../driver.ts'
import { at } from '../boundary.ts'
import { openRun } from '../journal.ts'
import type { EngineParts } from '../parts.ts'
import { drive, type Driven, type Wanted } from './drive.ts'
import { createWorkflows, type Place, type Workflows } from './workflows.ts'

/** Timers and whatever nobody has called out are found this often. */
const LOOK_MS = 1000

export type SharedDriver = Driver & {
  /** Starts the engine. The lock by which others learn of this process's end is taken before. */
  readonly launch: () => Promise<void>
  /** Facts that other processes committed. */
  readonly hear: (facts: readonly Fact[]) => void
  /** Takes over what a process that is dead or hung had in hand. */
  readonly takeOver: (executor: string) => Promise<void>
}

type Sharing = {
  readonly parts: EngineParts
  readonly rota: Rota
  readonly inHand: Map<string, Driven>
  readonly workflows: Workflows
  /** Somebody may want hands: see who. */
  readonly look: () => void
}

/**
 * Several processes, one journal on PostgreSQL. The journal says which runs are open, who has each in hand and in which
 * epoch; DBOS carries out the turns. Whoever has a run in hand is the only one whose commits for it are taken.
 */
export function createDbosDriver(parts: EngineParts, rota: Rota, place: Place): SharedDriver {
  const sharing = share(parts, rota, place)
  const { inHand, workflows, look } = sharing
  let timer: NodeJS.Timeout | undefined
  return {
    ...calls(sharing),
    launch: workflows.launch,
    take: (run) => void take(sharing, run),
    journal: (run) => openRun(parts, run),
    peek: () => undefined,
    settled: async (run) => inHand.get(run)?.runner?.settled(),
    recover: () => {
      look()
      timer = setInterval(look, LOOK_MS)
    },
    takeOver: async (executor) => {
      const held = await rota.heldBy(executor)
      await startAll(
        sharing,
        held.map((unheld) => ({ ...unheld, left: true })),
      )
      await workflows.cancelOf(executor)
    },
    stop: async () => {
      clearInterval(timer)
      await drained(Promise.all([...inHand.values()].map(({ putDown }) => putDown())))
      await workflows.stop()
    },
  }
}

function share(parts: EngineParts, rota: Rota, place: Place): Sharing {
  const inHand = new Map<string, Driven>()
  const workflows = createWorkflows(parts, place, async (wanted) => {
    await drive({ parts, rota, inHand }, wanted)
    // What waited for its targets may go on now.
    look()
  })
  const look = createLook(parts, async () => {
    await startAll(sharing, await rota.unheld(new Date(parts.clock.now()).toISOString()))
  })
  const sharing = { parts, rota, inHand, workflows, look }
  return sharing
}

async function take({ parts, workflows, look }: Sharing, run: string): Promise<void> {
  await at(parts, 'requested', { run })
  await workflows.start({ run, epoch: 0 }).catch(look)
}

async function startAll({ inHand, workflows }: Sharing, wanted: readonly Wanted[]): Promise<void> {
  await Promise.all(wanted.filter(({ run }) => !inHand.has(run)).map(workflows.start))
}

function wakeInHand({ parts }: Sharing, driven: Driven, run: string): void {
  driven.journal.catchUp().then(
    () => driven.runner?.wake(),
    (error: unknown) => parts.log.error({ err: error, run }, 'a run could not be read'),
  )
}

function calls(sharing: Sharing): Pick<SharedDriver, 'wake' | 'wakeAll' | 'hear'> {
  const { parts, rota, inHand, look } = sharing
  return {
    wake: (run) => {
      const driven = inHand.get(run)
      if (driven) wakeInHand(sharing, driven, run)
      else look()
    },
    wakeAll: () => {
      for (const [run, driven] of inHand) wakeInHand(sharing, driven, run)
      rota.wake().then(look, (error: unknown) => parts.log.error({ err: error }, 'not every run was woken'))
    },
    hear: (facts) => {
      const runs = new Set(facts.flatMap(({ run }) => run ?? []))
      const thawed = facts.some(({ type }) => type === 'freeze.lifted')
      for (const [run, driven] of inHand) if (thawed || runs.has(run)) wakeInHand(sharing, driven, run)
    },
  }
}

/** Looks for work; a call during a look is kept, so that nothing said meanwhile is missed. */
function createLook(parts: EngineParts, work: () => Promise<void>): () => void {
  let again = false
  let running = false
  async function run(): Promise<void> {
    running = true
    while (again && !parts.stopping.aborted) {
      again = false
      // oxlint-disable-next-line no-await-in-loop -- one look at a time
      await work().catch((error: unknown) =>
        parts.log.error({ err: error }, 'no look for work; trying again'),
      )
    }
    running = false
  }
  return () => {
    again = true
    if (!running) void run()
  }
}
