/** Waits between writes, in milliseconds. */
export type Pace = {
  /** Facts come in bursts: the first of a burst waits for the rest. */
  readonly burst: number
  /** Between edits of one message: some 50 edits a minute are allowed for the whole workspace. */
  readonly edit: number
  /** The same in the thread, which nobody is watching. */
  readonly threadEdit: number
  /** The same of the top message of a storm, which changes with every one of its runs. */
  readonly stormEdit: number
  /** Between writes of runs that are replies in the thread of a storm, all of them together. */
  readonly stormReply: number
  readonly firstRetry: number
  readonly lastRetry: number
  /** At the end, for the last states to be shown. */
  readonly flush: number
}

export const slackPace: Pace = {
  burst: 80,
  edit: 1000,
  threadEdit: 3000,
  stormEdit: 2500,
  stormReply: 1000,
  firstRetry: 1000,
  lastRetry: 30_000,
  flush: 2000,
}
