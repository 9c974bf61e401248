import { z } from 'zod'
import type { Store } from '../../core/ports.ts'
import type { Refusal } from './sink.ts'

/** How many refusals are kept to be shown; all of them are counted. */
const SHOWN = 20

const Cursor = z.object({
  /** The first entry that has not arrived. */
  next: z.int().min(0),
  /** Hash of the entry before it: by it a log is recognised that was put in the place of the one that was sent. */
  hash: z.string(),
  refused: z.object({
    count: z.int().min(0),
    last: z.array(z.object({ seq: z.int(), why: z.string() })),
  }),
})
export type Cursor = z.infer<typeof Cursor>

const start: Cursor = { next: 0, hash: '', refused: { count: 0, last: [] } }

export type Journal = Pick<Store, 'entries' | 'memo'>

/** The stored place of a sink. One that belongs to another log, or is damaged, is the start: twice is better than never. */
export async function readCursor(
  journal: Journal,
  sink: string,
): Promise<{ readonly cursor: Cursor; readonly otherLog: boolean }> {
  const text = await journal.memo.get(keyOf(sink))
  if (text === undefined) return { cursor: start, otherLog: false }
  const cursor = parse(text)
  if (cursor === undefined) return { cursor: start, otherLog: true }
  if (cursor.next === 0) return { cursor, otherLog: false }
  const [before] = await firstPage(journal, cursor.next - 1)
  const same = before?.seq === cursor.next - 1 && before.hash === cursor.hash
  return same ? { cursor, otherLog: false } : { cursor: start, otherLog: true }
}

export function saveCursor(journal: Journal, sink: string, cursor: Cursor): Promise<void> {
  return journal.memo.set(keyOf(sink), JSON.stringify(cursor))
}

export function withRefusals(cursor: Cursor, refusals: readonly Refusal[]): Cursor {
  const { count, last } = cursor.refused
  return {
    ...cursor,
    refused: { count: count + refusals.length, last: [...last, ...refusals].slice(-SHOWN) },
  }
}

/** One page and no more: what reads on holds a read open for as long as a receiver is slow. */
export async function firstPage(journal: Journal, from: number) {
  for await (const page of journal.entries(from)) return page
  return []
}

function keyOf(sink: string): string {
  return `sink/${sink}`
}

function parse(text: string): Cursor | undefined {
  try {
    return Cursor.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
