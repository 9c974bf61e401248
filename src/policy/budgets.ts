import { durationText } from '../core/duration.ts'
import type { ApproveRule } from '../core/playbook.ts'
import { apartBy, type Breaker, type Budget, type Limit } from '../core/rules.ts'
import type { RuledCount } from '../core/ruling.ts'
import type { Acting } from './about.ts'
import { SOMEBODY } from './decision.ts'
import { gateOf } from './gate.ts'

/** What a budget counts an effect under, and how many there may be. `fleet`: how many things of the kind there are. */
export function budgetCount(budget: Budget, known: Acting, fleet: number | undefined): RuledCount {
  const key = keyOf('budget', budget, known)
  const limit = limitOf(budget.limit, fleet)
  const ask = askedBy(budget, limit)
  return {
    key,
    of: 'taken',
    limit,
    ...(budget.windowMs === undefined ? {} : { windowMs: budget.windowMs }),
    why: budgetWords(budget, { key, limit, fleet }),
    ...(ask === undefined ? {} : { ask: gateOf(known, ask, key) }),
  }
}

/** So many failures, and people are asked: from then on nothing of it begins without them. */
export function breakerCount(breaker: Breaker, known: Acting): RuledCount {
  const { failures, windowMs, ask } = breaker
  const key = keyOf('breaker', breaker, known)
  const runs = failures === 1 ? 'a run that failed or was' : `${failures} runs that failed or were`
  const why = `${key} opens after ${runs} undone within ${durationText(windowMs)}`
  return { key, of: 'failed', limit: failures, windowMs, why, ask: gateOf(known, ask, key) }
}

/** A share is rounded down, in whole numbers. Of what nobody can say how many there are, no share is known to be left. */
export function limitOf(limit: Limit, fleet: number | undefined): number {
  if (limit.kind === 'count') return limit.value
  if (fleet === undefined) return 0
  const hundreds = Math.floor(fleet / 100)
  return hundreds * limit.value + Math.floor(((fleet - hundreds * 100) * limit.value) / 100)
}

/** Where there is never any room, who waited would wait for ever. */
function askedBy({ over }: Budget, limit: number): ApproveRule | undefined {
  if (over !== 'wait') return over
  return limit === 0 ? SOMEBODY : undefined
}

/** Names have no slash, and what is missing is a sign that no name begins with: two counts never share a key. */
function keyOf(
  kind: 'budget' | 'breaker',
  { name, each }: Pick<Budget, 'name' | 'each'>,
  known: Acting,
): string {
  const values = apartBy.flatMap((by) => (each.includes(by) ? [known[by] ?? '-'] : []))
  return [kind, name, ...values].join('/')
}

type Room = { readonly key: string; readonly limit: number; readonly fleet: number | undefined }

function budgetWords({ limit: { kind, value }, windowMs }: Budget, { key, limit, fleet }: Room): string {
  const time = windowMs === undefined ? 'at once' : `within ${durationText(windowMs)}`
  if (kind === 'count') return `${key} allows ${limit} ${time}`
  if (fleet === undefined) return `${key} allows ${value}% ${time}, and nobody can say of how many`
  if (limit === 0) return `${key} allows ${value}% ${time}, which is less than one of ${fleet}`
  return `${key} allows ${limit} ${time}: ${value}% of ${fleet}`
}
