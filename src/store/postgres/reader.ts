import type { Pool } from 'pg'
import { z } from 'zod'
import type { OutboxNotice, Store, StoredEntry } from '../../core/ports.ts'
import { isPlaced } from '../placed.ts'
import { readFact } from '../rows.ts'
import { unavailable } from './connect.ts'

/** Rows read at once. No read holds anything open between two pages. */
const PAGE = 2000

/** A statement that is prepared once in each session, and its answer as rows of columns in their order. */
export type Ask = (name: string, text: string, values?: readonly unknown[]) => Promise<readonly unknown[][]>

export function askOf(pool: Pool): Ask {
  return async (name, text, values = []) => {
    try {
      const query = { name: `firebreak-${name}`, text, values: [...values], rowMode: 'array' as const }
      const { rows } = await pool.query<unknown[]>(query)
      return rows
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}

type Reader = Pick<Store, 'facts' | 'log' | 'runs' | 'forgotten' | 'containments' | 'outbox' | 'entries'>

export function createReader(ask: Ask): Reader {
  return {
    facts: async (run, fromN = 0) => {
      const rows = await ask(
        'facts',
        "select leaf, data from firebreak.journal where run = $1 and n >= $2 and data <> '' order by n",
        [run, fromN],
      )
      return rows.map(factIn)
    },
    log: async ({ from, limit }) => (await ask('log', LOG, [from, limit])).map(factIn),
    runs: (filter) => runsIn(ask, filter),
    forgotten: async (run) => (await ask('forgotten', FORGOTTEN, [run])).length > 0,
    containments: async () => {
      const rows = await ask('containments', CONTAINMENTS)
      return rows.map((row) => {
        const [run, step, due] = ContainmentColumns.parse(row)
        return { run, step, due }
      })
    },
    outbox: async (limit) => {
      const rows = await ask('outbox-read', OUTBOX, [limit])
      return rows.map(noticeIn)
    },
    entries: (from = 0) => entriesOf(ask, from),
  }
}

const LOG = "select leaf, data from firebreak.journal where seq >= $1 and data <> '' order by seq limit $2"
const FORGOTTEN = "select 1 from firebreak.journal where run = $1 and data = '' limit 1"
const CONTAINMENTS = 'select run, step, due from firebreak.containments order by due, run, step'
const OUTBOX = 'select id, run, step, channel, text from firebreak.outbox order by place limit $1'
const ENTRIES = `select seq, run, n, leaf, hash, salt, data from firebreak.journal
  where seq >= $1 order by seq limit ${PAGE}`

const ContainmentColumns = z.tuple([z.string(), z.string(), z.string()])
const RunColumns = z.tuple([z.string(), z.boolean(), z.string()])
const NoticeColumns = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()])

async function runsIn(
  ask: Ask,
  { open, limit }: { open?: boolean; limit: number },
): ReturnType<Store['runs']> {
  const only = open === undefined ? '' : open ? 'where open' : 'where not open'
  const text = `select run, open, requested_at from firebreak.runs ${only} order by seq desc limit $1`
  const rows = await ask(`runs-${only}`, text, [limit])
  return rows.map((row) => {
    const [run, isOpen, requestedAt] = RunColumns.parse(row)
    return { run, open: isOpen, requestedAt }
  })
}

function factIn([leaf, data]: readonly unknown[]): ReturnType<typeof readFact> {
  return readFact({ leaf, data })
}

function noticeIn(row: readonly unknown[]): OutboxNotice {
  const [id, run, step, channel, text] = NoticeColumns.parse(row)
  return { id, run, step, channel, text }
}

async function* entriesOf(ask: Ask, from: number): AsyncIterable<readonly StoredEntry[]> {
  for (let next = from; ;) {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page = (await ask('entries', ENTRIES, [next])).map(entryIn)
    const end = page.at(-1)
    if (end === undefined) return
    yield page
    next = end.seq + 1
  }
}

/** The types are the server's; by hand, for verifying a log reads every entry. One that was moved is shown without its hash. */
function entryIn([seq, run, n, leaf, hash, salt, data]: readonly unknown[]): StoredEntry {
  const entry = {
    seq: Number(seq),
    leaf: String(leaf),
    hash: String(hash),
    salt: textOrNull(salt),
    data: textOrNull(data),
  }
  const place = {
    seq: entry.seq,
    run: typeof run === 'string' ? run : undefined,
    n: typeof n === 'number' ? n : undefined,
  }
  return isPlaced(entry.leaf, place) ? entry : { ...entry, hash: '' }
}

function textOrNull(cell: unknown): string | null {
  return typeof cell === 'string' && cell !== '' ? cell : null
}
