import { dueAfter } from '../../core/containment.ts'
import type { Fact } from '../../core/fact.ts'
import type { Commit } from '../../core/ports.ts'
import { consequencesOf, type Consequence } from '../consequences.ts'
import type { Prepared } from '../prepared.ts'

/** Whether anything was counted, or waited, in the life of this process: where not, there is nothing to look for. */
export type Used = { counts: boolean; waits: boolean }

export function usedIn(sql: Prepared): Used {
  const has = (table: keyof Used) => sql(`select 1 from ${table} limit 1`).get() !== undefined
  return { counts: has('counts'), waits: has('waits') }
}

/** The rows that follow from facts, in the transaction of the facts. */
export function derive(
  sql: Prepared,
  { facts, outbox = [], close }: Pick<Commit, 'outbox' | 'close'> & { readonly facts: readonly Fact[] },
  used: Used,
): void {
  for (const fact of facts) {
    deriveAlone(sql, fact)
    deriveContainment(sql, fact)
  }
  // What was contained just now is not free.
  for (const { fact, what } of consequencesOf(facts)) {
    if (what.kind === 'waits' || what.kind === 'goes-on') followWait(sql, { what, seq: fact.seq }, used)
    else if (used.counts) followCount(sql, what, fact.time)
  }
  for (const { id, run, step, channel, text: body } of outbox)
    sql('insert into outbox values (?, ?, ?, ?, ?)').run(id, run, step, channel, body)
  if (close !== undefined) closeRun(sql, close, used)
}

function deriveAlone(sql: Prepared, fact: Fact): void {
  const { run = '', time } = fact
  switch (fact.type) {
    case 'run.requested':
      sql('insert into runs values (?, 1, ?)').run(run, time)
      break
    case 'freeze.set':
      // Who froze last has to be heard: what was said of the one before does not lift it.
      sql('insert or replace into freeze values (1, ?, ?)').run(fact.data.reason, time)
      sql('delete from thaws').run()
      break
    case 'freeze.lifted':
      sql('delete from freeze').run()
      sql('delete from thaws').run()
      break
    case 'thaw.asked':
      sql('insert or replace into thaws values (?, ?)').run(fact.data.person, time)
      break
    case 'approval.bypassed':
      sql('insert or ignore into reviews values (?)').run(run)
      break
    case 'run.reviewed':
      sql('delete from reviews where run = ?').run(run)
      break
    default:
  }
}

function deriveContainment(sql: Prepared, fact: Fact): void {
  const due = dueAfter(fact)
  if (due === undefined) return
  const { run = '', step = '' } = fact
  if (due === null) sql('delete from containments where run = ? and step = ?').run(run, step)
  else sql('insert or replace into containments values (?, ?, ?)').run(run, step, due)
}

const UNCONTAINED = `not exists
  (select 1 from containments c where c.run = counts.run and c.step = counts.step)`

type OfWait = Consequence & { readonly kind: 'waits' | 'goes-on' }

function followCount(sql: Prepared, what: Exclude<Consequence, OfWait>, time: string): void {
  const { run } = what
  switch (what.kind) {
    case 'settles':
      sql(`update counts set open = 0 where run = ? and step = ? and open = 1 and ${UNCONTAINED}`).run(
        run,
        what.step,
      )
      break
    case 'stays':
      sql('update counts set open = 1 where run = ? and step = ?').run(run, what.step)
      break
    case 'fails':
      sql('update counts set failed_at = ? where run = ? and step = ?').run(time, run, what.step)
      break
    case 'is-undone':
      sql('update counts set failed_at = ? where run = ?').run(time, run)
  }
}

function followWait(
  sql: Prepared,
  { what, seq }: { readonly what: OfWait; readonly seq: number },
  used: Used,
): void {
  const { run, step } = what
  if (what.kind === 'waits') {
    sql(WAIT).run(run, step, what.key, seq, what.until)
    used.waits = true
  } else if (used.waits) sql('delete from waits where run = ? and step = ?').run(run, step)
}

/** Who is held by the same again keeps its place in the line. */
const WAIT = `insert into waits (run, step, key, seq, until) values (?, ?, ?, ?, ?)
  on conflict (run, step) do update set key = excluded.key, until = excluded.until,
    seq = case when waits.key = excluded.key then waits.seq else excluded.seq end`

function closeRun(sql: Prepared, run: string, used: Used): void {
  sql('update runs set open = 0 where run = ?').run(run)
  sql('delete from claims where run = ?').run(run)
  if (used.waits) sql('delete from waits where run = ?').run(run)
  if (used.counts) sql(`update counts set open = 0 where run = ? and open = 1 and ${UNCONTAINED}`).run(run)
}
