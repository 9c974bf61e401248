/**
 * A place outside of the journal in which checkpoints are kept. Whoever holds the journal and its key can rewrite
 * the log, but not what was put here before.
 */
export type Anchor = {
  readonly name: string
  /** Where it keeps them, for people. */
  readonly place: string
  readonly put: (checkpoint: string, signal: AbortSignal) => Promise<void>
  /**
   * What was put last, newest first. It may hold texts of others: whoever can write there can put anything beside ours,
   * so each is believed only by its signature.
   */
  readonly recent: (limit: number, signal: AbortSignal) => Promise<readonly string[]>
}
