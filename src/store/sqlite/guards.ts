import type { Guards } from '../../core/ports.ts'
import type { Ground } from '../guards.ts'
import { forgottenBefore, sinceOf, type Tally } from '../over.ts'
import type { Prepared } from '../prepared.ts'
import { numbers, text } from '../rows.ts'

/** What guards are judged by, inside the caller's transaction. `time` is that of the log, `now` that of the clock. */
export function groundIn(
  sql: Prepared,
  { time, now }: { readonly time: string; readonly now: number },
): Ground {
  return {
    freeze: () => {
      const { reason, since } = text(sql('select reason, since from freeze').get())
      return reason === undefined || since === undefined ? undefined : { reason, since }
    },
    claims: {
      holderOf: (target) => text(sql('select run from claims where target = ?').get(target))['run'],
      waitsOf: (run) =>
        sql('select key from waits where run = ?')
          .all(run)
          .map((row) => text(row)['key'] ?? ''),
    },
    tally: tallyIn(sql, time),
    reviews: () => reviewsIn(sql),
    wasSeen: ({ scope, key }) =>
      sql('select 1 from once where scope = ? and key = ? and expires >= ?').get(scope, key, now) !==
      undefined,
  }
}

/** Runs whose review is due. */
export function reviewsIn(sql: Prepared): readonly string[] {
  return sql('select run from reviews order by run')
    .all()
    .map((row) => text(row)['run'] ?? '')
}

const OTHERS = 'not (run = ? and step = ?)'
const AHEAD = `select count(*) as count from waits where key = ?1
  and seq < ifnull((select seq from waits where run = ?2 and step = ?3 and key = ?1), 9e15)`

export function tallyIn(sql: Prepared, time: string): Tally {
  const countOf = (query: string, ...values: readonly string[]) =>
    numbers(sql(query).get(...values))['count'] ?? 0
  return {
    taken: (count, { run, step }) => {
      const since = sinceOf(count, time)
      return since === undefined
        ? countOf(
            `select count(*) as count from counts where key = ? and open = 1 and ${OTHERS}`,
            count.key,
            run,
            step,
          )
        : countOf(
            `select count(*) as count from counts where key = ? and at > ? and ${OTHERS}`,
            count.key,
            since,
            run,
            step,
          )
    },
    times: (count, { run, step }) =>
      sql(`select at from counts where key = ? and at > ? and ${OTHERS} order by at`)
        .all(count.key, sinceOf(count, time) ?? '', run, step)
        .map((row) => text(row)['at'] ?? ''),
    failed: (count) =>
      countOf(
        `select count(distinct run) as count from counts
         where key = ? and failed_at is not null and failed_at > ?`,
        count.key,
        sinceOf(count, time) ?? '',
      ),
    ahead: (key, { run, step }) => countOf(AHEAD, key, run, step),
  }
}

/** Takes up what was judged, when the facts are written. `time` is theirs. */
export function takeUp(
  sql: Prepared,
  { claim, spend, once }: Guards,
  { time, now }: { readonly time: string; readonly now: number },
): void {
  if (claim) sql('insert or ignore into claims values (?, ?)').run(claim.target, claim.run)
  if (spend) takeCounts(sql, spend, time)
  if (once) {
    sql('delete from once where expires < ?').run(now)
    sql('insert into once values (?, ?, ?)').run(once.scope, once.key, once.expires)
  }
}

/** An effect that is tried again is of now: it leaves its window a whole window after the last try. */
function takeCounts(sql: Prepared, { run, step, counts }: NonNullable<Guards['spend']>, time: string): void {
  for (const count of counts) {
    sql(FORGET_OLD).run(count.key, forgottenBefore(count, time))
    sql(
      `insert into counts values (?, ?, ?, ?, 1, null)
       on conflict (key, run, step) do update set at = excluded.at, open = 1`,
    ).run(count.key, run, step, time)
  }
}

const FORGET_OLD = `delete from counts where key = ?1 and at < ?2 and open = 0
  and (failed_at is null or failed_at < ?2)`
