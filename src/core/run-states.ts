/** The life of a run (DESIGN section 6). What a state may become; a state that leads nowhere is an end. */
export const runStates = {
  requested: ['planning', 'parked', 'cancelled', 'failed'],
  planning: ['planned', 'awaiting-approval', 'running', 'parked', 'cancelled', 'failed', 'succeeded'],
  'awaiting-approval': ['running', 'rejected', 'expired', 'cancelled', 'parked', 'failed', 'succeeded'],
  running: ['awaiting-approval', 'succeeded', 'failed', 'cancelled', 'rejected', 'expired', 'parked'],
  parked: ['planning', 'running', 'awaiting-approval', 'cancelled'],
  planned: [],
  succeeded: [],
  failed: [],
  cancelled: [],
  rejected: [],
  expired: [],
} as const satisfies Record<string, readonly string[]>

export type RunStatus = keyof typeof runStates

export function isOver(status: RunStatus): boolean {
  return runStates[status].length === 0
}

/** The life of a step, or of one item of a step that repeats. */
export const stepStates = {
  pending: ['intended', 'succeeded', 'satisfied', 'skipped', 'failed'],
  // Back to pending: it is known that the effect did not happen, so whatever comes next needs a fresh intent.
  intended: ['applied', 'succeeded', 'failed', 'in-doubt', 'intended', 'pending'],
  applied: ['succeeded', 'failed', 'in-doubt', 'intended', 'pending'],
  'in-doubt': ['succeeded', 'failed', 'intended', 'pending'],
  succeeded: [],
  satisfied: [],
  skipped: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>

export type StepStatus = keyof typeof stepStates

export function isSettled(status: StepStatus): boolean {
  return stepStates[status].length === 0
}
