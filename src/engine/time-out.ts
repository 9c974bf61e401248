import { isOver, type RunState } from '../core/run.ts'
import type { Playbook } from '../playbook/playbook.ts'
import { withdrawOpen } from './withdraw.ts'
import type { Running } from './running.ts'
import { hasFailed, isStepOver } from './values.ts'

/** When the main part of a run must be over, by the wall clock: it holds for whichever process looks then. */
export function endsAt(run: RunState, { timeoutMs }: Playbook): number | undefined {
  return timeoutMs === undefined ? undefined : Date.parse(run.requestedAt) + timeoutMs
}

export function isPastEnd(run: RunState, playbook: Playbook, now: number): boolean {
  const end = endsAt(run, playbook)
  return end !== undefined && now >= end
}

/** When the time of this run will be over, unless that means nothing to it any more. */
export function timesOutAt(run: RunState, playbook: Playbook): number | undefined {
  // A parked run is in the hands of a person. It times out when they take it on.
  if (isOver(run.status) || run.status === 'parked' || hasFailed(run, playbook)) return undefined
  const main = playbook.steps.filter(({ closing }) => !closing)
  if (run.plan !== undefined && main.every((step) => isStepOver(run, step))) return undefined
  return endsAt(run, playbook)
}

/** Writes that the time is over. People are asked nothing more about the main part; time in which they were asked counts. */
export async function settleTime({ parts, journal, playbook }: Running): Promise<void> {
  const isDue = (run: RunState): boolean => {
    const end = timesOutAt(run, playbook)
    return end !== undefined && parts.clock.now() >= end
  }
  if (!isDue(journal.state())) return
  await journal.commit((run) =>
    isDue(run)
      ? { facts: [{ type: 'run.timed-out', data: {} }, ...withdrawOpen(run, 'the time of the run is over')] }
      : undefined,
  )
}
