import type { Target } from '../core/change.ts'
import { FirebreakError } from '../core/errors.ts'
import type { RunState } from '../core/run.ts'
import type { Ruling } from '../core/ruling.ts'
import type { EngineParts } from './parts.ts'

/** Throws for a target that is never touched: shown in the plan, and checked again at the moment of effect (P8). */
export function refuseForbidden({ policy }: EngineParts, action: string, target: Target): void {
  const reason = policy.neverTouch(target, action)
  if (reason === undefined) return
  throw new FirebreakError('guardrail.never-touch', reason, {
    remedy:
      'Act by hand if it must be. What the configuration protects is changed there, by review; `firebreak doctor` shows what Firebreak itself lives on.',
  })
}

/** Throws in a time in which nothing of this kind is done. */
export function refuseDenied({ deny }: Pick<Ruling, 'deny'>): void {
  if (deny === undefined) return
  throw new FirebreakError('guardrail.window', deny.why, {
    remedy: 'Start it again when that time is over, act by hand, or change `guardrails.windows` by review.',
  })
}

/** At the end of a containment's time nobody expects an undo any more that waits: the effect stays, and people are asked. */
export function refuseToWait({ requested }: RunState, { wait }: Pick<Ruling, 'wait'>): void {
  if (wait !== undefined && requested.expiry !== undefined) refuseDenied({ deny: wait })
}
