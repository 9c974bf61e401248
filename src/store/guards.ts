import type { DatabaseSync } from 'node:sqlite'
import { FirebreakError } from '../core/errors.ts'
import type { Guards } from '../core/ports.ts'
import { text } from './rows.ts'

/** Checks and spends guardrails inside the transaction that commits the intent (P8). Throws, and nothing is written. */
export function checkGuards(db: DatabaseSync, guards: Guards, now: number): void {
  if (guards.thawed) refuseWhenFrozen(db)
  if (guards.claim) takeClaim(db, guards.claim)
  if (guards.once) spendOnce(db, guards.once, now)
}

function refuseWhenFrozen(db: DatabaseSync): void {
  const { reason, since } = text(db.prepare('select reason, since from freeze').get())
  if (since === undefined) return
  throw new FirebreakError('guardrail.frozen', `Frozen since ${since}: ${reason}`, {
    remedy: 'Wait for `firebreak thaw`, or ask somebody who may thaw.',
  })
}

function takeClaim(db: DatabaseSync, { target, run }: NonNullable<Guards['claim']>): void {
  db.prepare('insert or ignore into claims values (?, ?)').run(target, run)
  const { run: holder } = text(db.prepare('select run from claims where target = ?').get(target))
  if (holder === run) return
  throw new FirebreakError('guardrail.claimed', `Run ${holder} holds ${target}`, {
    remedy: `Wait for run ${holder} to end, or cancel it.`,
  })
}

function spendOnce(
  db: DatabaseSync,
  { scope, key, expires }: NonNullable<Guards['once']>,
  now: number,
): void {
  db.prepare('delete from once where expires < ?').run(now)
  const { changes } = db.prepare('insert or ignore into once values (?, ?, ?)').run(scope, key, expires)
  if (changes > 0) return
  throw new FirebreakError('store.already-seen', `This ${scope} was used before`, {
    remedy: 'Nothing to do: it has been handled. Ask for a new one if you meant to act again.',
  })
}
