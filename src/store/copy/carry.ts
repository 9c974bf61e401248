import { createHash, type Hash } from 'node:crypto'
import { canonicalJson } from '../../core/canonical.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import type { GrowingTree, Notary } from '../../core/ports.ts'
import { fold } from '../../core/run.ts'
import type { Destination, Head, Readable, Row, Source, Table } from './port.ts'
import { tableNames } from './port.ts'

type Carrying = {
  readonly from: Source
  readonly to: Destination
  readonly notary: Notary
  readonly leafHash: (leaf: string) => string
  readonly protocol: number
}

/** What passed, table by table: a digest of every cell in its order, and the tree over the leaves. */
export type Digests = {
  readonly tree: GrowingTree
  readonly take: (table: Table, rows: readonly Row[]) => void
  readonly of: (table: Table) => string
}

export function digestsOf({ notary, leafHash }: Pick<Carrying, 'notary' | 'leafHash'>): Digests {
  const tree = notary.tree()
  const hashes = new Map<Table, Hash>(tableNames.map((table) => [table, createHash('sha256')]))
  return {
    tree,
    take: (table, rows) => {
      for (const row of rows) {
        hashes.get(table)?.update(`${JSON.stringify(row)}\n`)
        if (table === 'journal') tree.append(hashOf(row, tree.size(), leafHash))
      }
    },
    of: (table) => hashes.get(table)?.copy().digest('hex') ?? '',
  }
}

/** The hash of an entry's leaf. A source that is damaged is not carried on as if it were whole. */
function hashOf([seq, , , leaf, hash]: Row, expected: number, leafHash: (leaf: string) => string): string {
  const computed = leafHash(String(leaf))
  if (seq === expected && computed === hash) return computed
  throw new FirebreakError('store.bad-copy', `entry ${expected} of the log does not fit its hash`, {
    remedy: 'Run `firebreak audit verify` on the source: it names what was changed.',
  })
}

const forPeople: ReadonlySet<Table> = new Set<Table>(['freeze', 'outbox', 'memo'])

/** The rows of a table as they are carried. */
export async function* stream(
  { protocol }: Pick<Carrying, 'protocol'>,
  store: Readable,
  table: Table,
): AsyncIterable<readonly Row[]> {
  for await (const page of store.rows(table)) {
    if (table === 'runs') yield page.map((row) => ownProtocol(row, protocol))
    // PostgreSQL holds every character but this one; such texts are for people, who cannot see it either.
    else if (forPeople.has(table)) yield page.map((row) => row.map(withoutNul))
    else yield page
  }
}

function withoutNul<T>(cell: T): T | string {
  return typeof cell === 'string' ? cell.replaceAll('\0', '\uFFFD') : cell
}

/** A run that is over needs nobody who can go on with it. An open one of another program is left to that program. */
function ownProtocol([run, seq, open, requestedAt, n, has]: Row, protocol: number): Row {
  if (open === 1 && has !== protocol) {
    throw new FirebreakError('store.newer', `The open run ${run} was begun under protocol ${has}`, {
      remedy: `This program speaks protocol ${protocol}: copy with the program that can go on with the run, or end it there first.`,
    })
  }
  return [run, seq, open, requestedAt, n, protocol].map((cell) => cell ?? null)
}

/** Reads everything back: every row, every leaf, the tree, and what each open run folds to. */
export async function verifyCopy(
  carrying: Carrying,
  sent: Digests,
  last: { readonly entry: Row; readonly head: Head },
): Promise<void> {
  const { to } = carrying
  sent.take('journal', [last.entry])
  const arrived = digestsOf(carrying)
  for (const table of tableNames) {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    for await (const page of stream(carrying, to, table)) arrived.take(table, page)
    if (arrived.of(table) !== sent.of(table)) throw differs(`the rows of ${table}`)
  }
  const { tree, size } = await to.head()
  if (arrived.tree.root() !== sent.tree.root() || tree !== last.head.tree || size !== last.head.size)
    throw differs('the tree')
  await compareOpenRuns(carrying)
}

async function compareOpenRuns(carrying: Carrying): Promise<void> {
  const { from, to } = carrying
  for await (const page of stream(carrying, to, 'runs')) {
    for (const [run, , open] of page) {
      if (open !== 1 || typeof run !== 'string') continue
      // oxlint-disable-next-line no-await-in-loop -- one run in memory at a time
      if ((await stateText(from, run)) !== (await stateText(to, run))) throw differs(`run ${run}`)
    }
  }
}

async function stateText(store: Readable, run: string): Promise<string> {
  const state = fold(await store.facts(run))
  const plain: Json = JSON.parse(JSON.stringify(state ?? null))
  return canonicalJson(plain)
}

function differs(what: string): FirebreakError {
  return new FirebreakError('store.bad-copy', `${what} at the destination is not what was sent`, {
    remedy: 'The source is untouched. Try again; if it stays so, report it.',
  })
}
