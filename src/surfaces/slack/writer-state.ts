import type { Firebreak } from '../../core/app.ts'
import type { Pace } from './pace.ts'
import type { Entry, Postman } from './posting.ts'
import type { Page, Shown } from './page.ts'
import type { RunRecord } from './run-record.ts'
import { writeRecord } from './run-record.ts'

/** The message in whose thread a run of a storm is shown. */
type Parent = {
  readonly place: () => Promise<Spot | undefined>
  /** Slack does not know it any more. */
  readonly lost: (ts: string) => Promise<void>
}

export type Spot = { readonly channel: string; readonly ts: string }

export type WriterOptions = Postman & {
  /** A run, or what else is shown by messages of its own. */
  readonly run: string
  readonly record: RunRecord
  /** The configured channel: where a run goes that cannot be shown where it was asked. */
  readonly home: string
  readonly memo: Firebreak['memo']
  /** A given time, so that a repeated try says the same and is no new edit. */
  readonly load: (now: number, record: RunRecord) => Promise<Shown>
  /** Of many that write at once: whose turn it is. */
  readonly admit?: () => Promise<void>
  readonly parent?: Parent
  readonly pace: Pace
  readonly stopped: AbortSignal
  /** The last state is in Slack: the writer is needed no longer. */
  readonly finished: () => void
}

/** What one run's writer knows. Only the writer touches it. */
export type WriterState = {
  readonly options: WriterOptions
  record: RunRecord
  /** By page key, what Slack shows now; absent after a restart, so that everything is sent once more. */
  readonly sent: Map<string, string>
  readonly editedAt: Map<string, number>
  readonly links: Map<string, string>
  readonly givenUp: Set<string>
  failures: number
  /** When the last change was heard of. */
  now: number
}

/** Forgets where the message was, so that it is posted anew; with the run message goes its thread. */
export async function repost(state: WriterState, { key }: Pick<Page, 'key' | 'place'>): Promise<number> {
  const before = state.record.messages[key]
  const reposts = (before?.reposts ?? 0) + 1
  if (reposts > 2) {
    state.givenUp.add(key)
    return 0
  }
  const kept = Object.entries(state.record.messages).filter(([name]) => key !== 'main' || !inThread(name))
  const channel = before?.channel ?? state.record.channel
  state.record = {
    ...state.record,
    messages: { ...Object.fromEntries(kept), [key]: { channel, since: 0, reposts } },
  }
  await writeRecord(state.options.memo, state.options.run, state.record)
  return 1
}

function inThread(key: string): boolean {
  return key.startsWith('plan:') || key.startsWith('steps:') || key === 'end'
}

/** After what cannot be told; or, for what was only put off, when the gate opens. */
export function backOff(state: WriterState, failed: boolean): number {
  const { firstRetry, lastRetry } = state.options.pace
  if (!failed) return Math.max(1, state.options.gates.left('post'))
  state.failures += 1
  return Math.min(lastRetry, firstRetry * 2 ** (state.failures - 1))
}

export async function keep(state: WriterState, key: string, entry: Entry): Promise<void> {
  state.record = { ...state.record, messages: { ...state.record.messages, [key]: entry } }
  await writeRecord(state.options.memo, state.options.run, state.record)
}

export function bodyOf({ text, blocks }: Page): string {
  return JSON.stringify([text, blocks])
}

/** Slack shows this now. */
export function noteSent(state: WriterState, page: Page): void {
  state.sent.set(page.key, bodyOf(page))
  state.editedAt.set(page.key, performance.now())
  state.failures = 0
}
