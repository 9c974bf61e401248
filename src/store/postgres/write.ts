import type { Client, QueryConfig } from 'pg'
import { bulk, columns, withoutNul } from './bulk.ts'
import { CHANNEL } from './connect.ts'
import type { Draft } from './draft.ts'
import type { RunRow } from './look.ts'
import { updateGuardrails } from './write-guardrails.ts'

/** Not written, or not known to be. */
export type Failed = { readonly cause: unknown }

/**
 * Writes a draft and commits, in one round trip. Where a statement fails, the server answers the ones after it with
 * errors and the commit with ROLLBACK, so that nothing of it can be half written.
 */
export async function writeAndCommit(client: Client, draft: Draft): Promise<Failed | undefined> {
  const statements = [...statementsOf(draft), { text: 'commit' }]
  const results = await Promise.allSettled(statements.map((statement) => client.query(statement)))
  const commit = results.at(-1)
  if (commit?.status === 'fulfilled' && commit.value.command === 'COMMIT') return undefined
  const failed = results.find((result) => result.status === 'rejected')
  return { cause: failed?.reason ?? new Error('the transaction was rolled back') }
}

function statementsOf(draft: Draft): QueryConfig[] {
  return [
    ...insertEntries(draft),
    ...updateRuns(draft),
    ...updateContainments(draft),
    ...updateGuardrails(draft),
    ...updateOutbox(draft),
    ...updateMemo(draft),
    ...forget(draft),
    ...updateHead(draft),
  ]
}

function insertEntries({ entries }: Draft): QueryConfig[] {
  return bulk(
    'journal',
    `insert into firebreak.journal (seq, run, n, leaf, hash, salt, data)
     select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    columns(entries, 'seq', 'run', 'n', 'leaf', 'hash', 'salt', 'data'),
  )
}

function updateRuns({ runs, changedRuns, wakes, wakesOfAll }: Draft): QueryConfig[] {
  const changed = [...changedRuns]
    .map((run) => runs.get(run))
    .filter((row): row is RunRow => row !== undefined)
  const all = { name: 'firebreak-wake-all', text: 'update firebreak.runs set wakes = wakes + $1 where open' }
  return [
    ...(wakesOfAll > 0 ? [{ ...all, values: [wakesOfAll] }] : []),
    ...bulk('runs', UPSERT_RUNS, [
      ...columns(changed, 'run', 'seq', 'open', 'requested_at', 'n', 'epoch', 'holder', 'protocol'),
      ...columns(changed, 'rest_n', 'rest_wakes', 'wake_at'),
    ]),
    ...bulk(
      'wake',
      `update firebreak.runs set wakes = wakes + w.times
       from unnest($1::text[], $2::integer[]) as w (run, times) where runs.run = w.run`,
      [[...wakes.keys()], [...wakes.values()]],
    ),
  ]
}

const UPSERT_RUNS = `
insert into firebreak.runs
  (run, seq, open, requested_at, n, epoch, holder, protocol, rest_n, rest_wakes, wake_at)
select * from unnest($1::text[], $2::bigint[], $3::boolean[], $4::text[], $5::integer[], $6::integer[], $7::text[],
  $8::integer[], $9::integer[], $10::integer[], $11::timestamptz[])
on conflict (run) do update set open = excluded.open, n = excluded.n, epoch = excluded.epoch, holder = excluded.holder,
  rest_n = excluded.rest_n, rest_wakes = excluded.rest_wakes, wake_at = excluded.wake_at`

function updateContainments({ containments }: Draft): QueryConfig[] {
  const all = [...containments.values()]
  const live = all.filter(({ due }) => due !== null)
  const over = all.filter(({ due }) => due === null)
  return [
    ...bulk(
      'containments',
      `insert into firebreak.containments (run, step, due) select * from unnest($1::text[], $2::text[], $3::text[])
       on conflict (run, step) do update set due = excluded.due`,
      columns(live, 'run', 'step', 'due'),
    ),
    ...bulk(
      'containments-over',
      `delete from firebreak.containments where (run, step) in (select * from unnest($1::text[], $2::text[]))`,
      columns(over, 'run', 'step'),
    ),
  ]
}

function updateOutbox({ newNotices, settled }: Draft): QueryConfig[] {
  const fresh = [...newNotices.values()].map((notice) => ({ ...notice, text: withoutNul(notice.text) }))
  return [
    ...bulk('settle', 'delete from firebreak.outbox where id = any ($1::text[])', [[...settled]]),
    ...bulk(
      'outbox',
      `insert into firebreak.outbox (id, run, step, channel, text)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])`,
      columns(fresh, 'id', 'run', 'step', 'channel', 'text'),
    ),
  ]
}

function updateMemo({ memo }: Draft): QueryConfig[] {
  return bulk(
    'memo',
    `insert into firebreak.memo (key, value) select * from unnest($1::text[], $2::text[])
     on conflict (key) do update set value = excluded.value`,
    [[...memo.keys()], [...memo.values()]],
  )
}

/** As on SQLite, empty texts stand for what is gone. */
function forget({ forgotten: { seqs, runs } }: Draft): QueryConfig[] {
  return [
    ...bulk(
      'forget-bodies',
      `update firebreak.journal set salt = '', data = ''
       where run = any ($1::text[]) or (seq = any ($2::bigint[]) and run is null)`,
      [runs, seqs],
    ),
    ...bulk('forget-runs', 'delete from firebreak.runs where run = any ($1::text[])', [runs]),
  ]
}

function updateHead({ tree, time, entries }: Draft): QueryConfig[] {
  const [first] = entries
  if (first === undefined) return []
  const news = `${first.seq} ${tree.size() - 1} ${first.hash}`
  return [
    {
      name: 'firebreak-head',
      text: 'update firebreak.head set tree = $1, size = $2, time = $3',
      values: [tree.state(), tree.size(), time],
    },
    { name: 'firebreak-notify', text: 'select pg_notify($1, $2)', values: [CHANNEL, news] },
  ]
}
