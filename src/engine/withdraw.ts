import type { RunState } from '../core/run.ts'
import type { Draft } from './journal.ts'

/** Takes back what waits for people: a run that is stopped or over asks nobody about its main part any more. */
export function withdrawOpen(run: RunState, why: string): Draft[] {
  return run.approvals
    .filter(({ status }) => status === 'open')
    .map(({ request, lines }) => ({
      type: 'approval.voided',
      data: { request, steps: Object.keys(lines), why },
    }))
}
