import { z } from 'zod'
import type { Firebreak } from '../../core/app.ts'
import { Entry } from './posting.ts'

/** Where a run is shown in Slack: kept in the app's memo, because it may be lost without harm. */
const RunRecord = z.strictObject({
  channel: z.string(),
  /** By page key. */
  messages: z.record(z.string(), Entry),
  /** The last state was sent. */
  done: z.boolean(),
  /** Of a run in a storm: it is a reply in the thread of this run's message. */
  head: z.string().optional(),
})
export type RunRecord = z.infer<typeof RunRecord>

function memoKey(run: string): string {
  return `slack:run:${run}`
}

export async function readRecord(memo: Firebreak['memo'], run: string): Promise<RunRecord | undefined> {
  const text = await memo.get(memoKey(run))
  if (text === undefined) return undefined
  try {
    return RunRecord.parse(JSON.parse(text))
  } catch {
    // Written by another version, or damaged: the run is shown anew.
    return undefined
  }
}

export async function writeRecord(memo: Firebreak['memo'], run: string, record: RunRecord): Promise<void> {
  await memo.set(memoKey(run), JSON.stringify(record))
}
