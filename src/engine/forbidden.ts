import type { Target } from '../core/change.ts'
import { FirebreakError } from '../core/errors.ts'
import type { EngineParts } from './parts.ts'

/** Throws for a target that is never touched: shown in the plan, and checked again at the moment of effect (P8). */
export function refuseForbidden({ policy }: EngineParts, target: Target): void {
  const reason = policy.neverTouch(target)
  if (reason === undefined) return
  throw new FirebreakError('guardrail.never-touch', reason, {
    remedy: 'Act by hand if it must be, or change `guardrails.neverTouch` by review.',
  })
}
