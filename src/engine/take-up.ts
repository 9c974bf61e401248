import { FirebreakError } from '../core/errors.ts'
import { isUnderWay, type RunState } from '../core/run.ts'
import type { Playbook } from '../playbook/playbook.ts'
import { problemOf } from './call.ts'
import type { DraftCommit } from './journal.ts'
import { next, type Command } from './next.ts'
import type { Running } from './running.ts'

/** A run that processes take up from each other more often than this, and nothing comes of it, is parked. */
const MAX_RECOVERIES = 4

const nothingInHand = { has: () => false, acts: () => false, idle: true }

/**
 * A run that another process has left in the middle: it is counted, and what may be the very thing that ends one process
 * after the other is parked before anything of it is tried again. A settled step, a plan or an approval is progress, and
 * the count begins anew (core/run.ts).
 */
export async function noteTakeUp(running: Running): Promise<void> {
  const { parts, journal, playbook } = running
  const state = journal.state()
  try {
    const now = { time: parts.clock.now(), frozen: (await parts.store.frozen()) !== undefined }
    await journal.commit((run) => (isInTheMiddle(run, playbook, now) ? takenUp(run) : undefined))
  } catch (error) {
    // Uncounted, it goes on: as long as the journal cannot be written, nothing of it is done anyway.
    parts.log.error({ err: error, run: state.id }, 'that a run was taken up could not be written')
  }
}

function takenUp(run: RunState): DraftCommit {
  const recovered = { type: 'run.recovered', data: {} } as const
  if (run.recoveries < MAX_RECOVERIES) return { facts: [recovered] }
  const problem = problemOf(
    new FirebreakError('run.poison', `${run.recoveries + 1} processes in a row ended in the middle of it`, {
      remedy: 'See the log of the processes for how they ended; then resume the run, or cancel it.',
    }),
  )
  return { facts: [recovered, { type: 'run.parked', data: problem }] }
}

type Now = { readonly time: number; readonly frozen: boolean }

/** It was about to do something. Not so a run that only waits for people, for its time, or for a thaw. */
function isInTheMiddle(run: RunState, playbook: Playbook, { time, frozen }: Now): boolean {
  if (run.status === 'parked' && run.problem?.code === 'run.poison') return false
  if (Object.values(run.steps).some(isUnderWay)) return true
  return next(run, playbook, nothingInHand).some((command) => !waits(run, command, { time, frozen }))
}

function waits({ steps }: RunState, command: Command, { time, frozen }: Now): boolean {
  if (command.kind !== 'start') return false
  const { waitsUntil, asked, held } = steps[command.instance] ?? {}
  if (
    asked !== undefined ||
    held !== undefined ||
    (waitsUntil !== undefined && time < Date.parse(waitsUntil))
  )
    return true
  const { effect } = command.step.action
  return frozen && (effect === 'reversible' || effect === 'irreversible')
}
