import type { DecisionOutcome, RunWish } from '../core/app.ts'
import type { RunState } from '../core/run.ts'
import type { DraftCommit } from '../engine/journal.ts'
import type { Refusal } from '../policy/authority.ts'
import { stateOf } from './decide.ts'
import { recorded, refuse, type BotParts } from './parts.ts'
import { writeTo } from './run-journal.ts'

/** A commit that may be written, or why not. */
export type Built = DraftCommit | Pick<Refusal, 'code' | 'message' | 'remedy'>

/**
 * Somebody wants something of a run: judged inside the commit, so that of two who want it at once one is first, and recorded
 * where it is refused (P13).
 */
export async function judgedCommit(
  parts: BotParts,
  { what, wish: { run, by } }: { readonly what: string; readonly wish: RunWish },
  build: (state: RunState) => Built,
): Promise<DecisionOutcome> {
  const attempt = { command: `${what} ${run}`, account: by }
  await recorded(parts, attempt, () => stateOf(parts, run))
  await parts.authorities.refresh()
  let built: Built | undefined
  await recorded(parts, attempt, () =>
    writeTo(parts, run, (state) => {
      built = build(state)
      return 'facts' in built ? built : undefined
    }),
  )
  if (built === undefined || 'facts' in built) return { kind: 'done', run }
  const { code, message, remedy } = built
  await refuse(parts, { ...attempt, error: { code, message } })
  return { kind: 'refused', code, message, remedy }
}
