import type { Fact } from '../core/fact.ts'
import type { RunState } from '../core/run.ts'
import type { RunJournal } from './journal.ts'

/** Who looks at which run when. The journal is the truth; a driver may be lost at any time. */
export type Driver = {
  /** Takes up a run that is in the journal. */
  readonly take: (run: string) => void
  /** The journal of a run, for facts that come from outside (approvals, cancellation). */
  readonly journal: (run: string) => Promise<RunJournal>
  /** The state of a run that this process has in hand, without reading the journal. */
  readonly peek: (run: string) => RunState | undefined
  /** Something has happened to this run: somebody looks what is next. */
  readonly wake: (run: string) => void
  /** Resolves when nothing of a run is under way in this process. */
  readonly settled: (run: string) => Promise<void>
  /** Something has happened that concerns every run, such as a thaw. */
  readonly wakeAll: () => void
  /** This process has committed facts: who waits for what they may have set free is called. */
  readonly noticed?: (facts: readonly Fact[]) => void
  /** Takes up every run that the journal has open: after a crash as after a calm stop. */
  readonly recover: () => void
  /** Begins nothing more, and waits for what is under way; not for ever: what is left then is in doubt (P5). */
  readonly stop: () => Promise<void>
}

/** An orchestrator that asks a process to stop kills it 30 s later (Kubernetes: terminationGracePeriodSeconds). */
export const DRAIN_MS = 20_000

/** Waits for the work, but not longer than for a calm end. */
export async function drained(work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, DRAIN_MS)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
