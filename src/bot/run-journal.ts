import type { Fact } from '../core/fact.ts'
import { isOver, type RunState } from '../core/run.ts'
import { openRun, type DraftCommit } from '../engine/journal.ts'
import { stateOf } from './decide.ts'
import type { BotParts } from './parts.ts'

type Build = (state: RunState) => DraftCommit | undefined

/** Writes facts to a run, open or over: what becomes of a containment, a legal hold. Whoever loses a race is asked again with what is there then. */
export async function writeTo(parts: BotParts, run: string, build: Build): Promise<readonly Fact[]> {
  const { status } = await stateOf(parts, run)
  // What has ended is in nobody's hands, and is not taken up again for this.
  const journal = isOver(status) ? await openRun(parts, run) : await parts.driver.journal(run)
  try {
    return await journal.commit(build)
  } finally {
    parts.driver.wake(run)
  }
}
