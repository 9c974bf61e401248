import { FirebreakError } from '../core/errors.ts'
import type { Guards } from '../core/ports.ts'
import type { Prepared } from './prepared.ts'
import { text } from './rows.ts'

/** Checks and spends guardrails inside the transaction that commits the intent (P8). Throws, and nothing is written. */
export function checkGuards(sql: Prepared, guards: Guards, now: number): void {
  if (guards.thawed) refuseWhenFrozen(sql)
  if (guards.claim) takeClaim(sql, guards.claim)
  if (guards.once) spendOnce(sql, guards.once, now)
}

function refuseWhenFrozen(sql: Prepared): void {
  const { reason, since } = text(sql('select reason, since from freeze').get())
  if (since === undefined) return
  throw new FirebreakError('guardrail.frozen', `Frozen since ${since}: ${reason}`, {
    remedy: 'Wait for `firebreak thaw`, or ask somebody who may thaw.',
  })
}

function takeClaim(sql: Prepared, { target, run }: NonNullable<Guards['claim']>): void {
  sql('insert or ignore into claims values (?, ?)').run(target, run)
  const { run: holder } = text(sql('select run from claims where target = ?').get(target))
  if (holder === run) return
  throw new FirebreakError('guardrail.claimed', `Run ${holder} holds ${target}`, {
    remedy: `Wait for run ${holder} to end, or cancel it.`,
  })
}

function spendOnce(sql: Prepared, { scope, key, expires }: NonNullable<Guards['once']>, now: number): void {
  sql('delete from once where expires < ?').run(now)
  const { changes } = sql('insert or ignore into once values (?, ?, ?)').run(scope, key, expires)
  if (changes > 0) return
  throw new FirebreakError('store.already-seen', `This ${scope} was used before`, {
    remedy: 'Nothing to do: it has been handled. Ask for a new one if you meant to act again.',
  })
}
