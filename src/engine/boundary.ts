/**
 * The places between which a run is never half done: what is durable before one is durable after a crash there. Tests
 * kill and stop real processes at each of them, for each kind of effect; in production nobody listens.
 */
export const boundaries = [
  /** The request is in the journal, and nobody has the run in hand. */
  'requested',
  /** In hand of one of several processes, which has not read it yet. */
  'taken',
  'before-plan',
  'after-plan',
  /** What people decided, or time, has settled a request for approval. */
  'before-settling',
  'after-settling',
  /** The world has answered a read, and the answer is not durable. */
  'before-read',
  'after-read',
  'before-notice',
  'after-notice',
  /** It is to be written that time passes, or that a person is asked to do something by hand. */
  'before-wait',
  'after-wait',
  'before-intent',
  /** The intent is durable, and the call has not begun. */
  'after-intent',
  /** Only the clock is looked at once more between this and the call: whoever was stopped here does not send. */
  'before-call',
  /** The call is out. Perhaps the world has it already. */
  'call-sent',
  /** The world has answered, and nothing of that is durable. */
  'answered',
  'after-applied',
  'before-probe',
  'after-probe',
  /** What a probe found out about an intent that a process left without an outcome. */
  'before-doubt-settled',
  'after-doubt-settled',
  'before-outcome',
  'after-outcome',
  'before-retry',
  'after-retry',
  'before-rest',
  'after-rest',
  'before-end',
  'after-end',
] as const
export type Boundary = (typeof boundaries)[number]

export type About = { readonly run: string; readonly step?: string }

/** Called at each boundary; the run goes on when it has resolved. */
export type AtBoundary = (boundary: Boundary, about: About) => Promise<void> | undefined

/** Costs nothing where nobody listens. */
export function at(
  parts: { readonly boundary?: AtBoundary },
  boundary: Boundary,
  about: About,
): Promise<void> | undefined {
  return parts.boundary?.(boundary, about)
}
