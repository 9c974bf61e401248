import type { QueryConfig } from 'pg'
import { bulk, columns, withoutNul } from './bulk.ts'
import type { Draft } from './draft.ts'

/** Waits are written before who waits is woken: who was refused in this very transaction is woken as well. */
export function updateGuardrails(draft: Draft): QueryConfig[] {
  return [
    ...updateFreeze(draft),
    ...updateThaws(draft),
    ...updateReviews(draft),
    ...updateClaims(draft),
    ...updateCounts(draft),
    ...updateWaits(draft),
    ...wakeWhoWaits(draft),
    ...updateKeys(draft),
  ]
}

function updateFreeze({ freeze, freezeChanged }: Draft): QueryConfig[] {
  if (!freezeChanged) return []
  if (freeze === null) return [{ name: 'firebreak-thaw', text: 'delete from firebreak.freeze' }]
  const set = `insert into firebreak.freeze (id, reason, since) values (1, $1, $2)
    on conflict (id) do update set reason = excluded.reason, since = excluded.since`
  return [{ name: 'firebreak-freeze', text: set, values: [withoutNul(freeze.reason), freeze.since] }]
}

function updateThaws({ thaws: { over, asked } }: Draft): QueryConfig[] {
  return [
    ...(over ? [{ name: 'firebreak-thaws-over', text: 'delete from firebreak.thaws' }] : []),
    ...bulk(
      'thaws',
      `insert into firebreak.thaws (person, at) select * from unnest($1::text[], $2::text[])
       on conflict (person) do update set at = excluded.at`,
      [[...asked.keys()], [...asked.values()]],
    ),
  ]
}

function updateReviews({ reviewed }: Draft): QueryConfig[] {
  const runs = (is: 'due' | 'done') => [...reviewed].filter(([, state]) => state === is).map(([run]) => run)
  return [
    ...bulk(
      'reviews',
      'insert into firebreak.reviews (run) select unnest($1::text[]) on conflict do nothing',
      [runs('due')],
    ),
    ...bulk('reviewed', 'delete from firebreak.reviews where run = any ($1::text[])', [runs('done')]),
  ]
}

function updateClaims({ claims, changedClaims, closed }: Draft): QueryConfig[] {
  const taken = [...changedClaims].flatMap((target) => {
    const run = claims.get(target) ?? null
    return run === null ? [] : [{ target, run }]
  })
  return [
    ...bulk(
      'claims',
      `insert into firebreak.claims (target, run) select * from unnest($1::text[], $2::text[])
       on conflict (target) do update set run = excluded.run`,
      columns(taken, 'target', 'run'),
    ),
    ...bulk('close', 'delete from firebreak.claims where run = any ($1::text[])', [closed]),
  ]
}

const OLD_COUNTS = {
  name: 'firebreak-counts-old',
  text: `delete from firebreak.counts where key = any ($1::text[]) and at < $2 and not open
    and (failed_at is null or failed_at < $2)`,
}

function updateCounts({ counts, spent }: Draft): QueryConfig[] {
  const rows = [...counts.changed]
  return [
    ...(spent.keys.size > 0 ? [{ ...OLD_COUNTS, values: [[...spent.keys], spent.before] }] : []),
    ...bulk(
      'counts',
      `insert into firebreak.counts (key, run, step, at, open, failed_at)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[])
       on conflict (key, run, step) do update
       set at = excluded.at, open = excluded.open, failed_at = excluded.failed_at`,
      columns(rows, 'key', 'run', 'step', 'at', 'open', 'failed_at'),
    ),
  ]
}

function updateWaits({ waits }: Draft): QueryConfig[] {
  return [
    ...bulk(
      'waits',
      `insert into firebreak.waits (run, step, key, seq, until)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
       on conflict (run, step) do update
       set key = excluded.key, seq = excluded.seq, until = excluded.until`,
      columns([...waits.changed.values()], 'run', 'step', 'key', 'seq', 'until'),
    ),
    ...bulk(
      'waits-left',
      `delete from firebreak.waits w using unnest($1::text[], $2::text[]) l (run, step)
       where w.run = l.run and w.step = l.step`,
      columns([...waits.left.values()], 'run', 'step'),
    ),
  ]
}

/** As many as places have come free. Who knows when there is room wakes then. */
function wakeWhoWaits({ freed }: Draft): QueryConfig[] {
  return bulk(
    'wake-waiting',
    `update firebreak.runs set wakes = wakes + 1 where open and run in (
       select w.run from unnest($1::text[], $2::integer[]) f (key, places), lateral (
         select run from firebreak.waits where key = f.key and until is null order by seq limit f.places) w)`,
    [[...freed.keys()], [...freed.values()]],
  )
}

/** Keys that were used once. */
function updateKeys({ used, now }: Draft): QueryConfig[] {
  const keys = [...used.values()]
  const old = { name: 'firebreak-forget', text: 'delete from firebreak.once where expires < $1' }
  return [
    ...(keys.length > 0 ? [{ ...old, values: [now] }] : []),
    ...bulk(
      'once',
      `insert into firebreak.once (scope, key, expires) select * from unnest($1::text[], $2::text[], $3::bigint[])
       on conflict (scope, key) do update set expires = excluded.expires`,
      columns(keys, 'scope', 'key', 'expires'),
    ),
  ]
}
