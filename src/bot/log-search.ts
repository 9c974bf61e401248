import { setImmediate } from 'node:timers/promises'
import type { LogFilter, LogQuery } from '../core/app.ts'
import type { Fact } from '../core/fact.ts'
import { nameOf } from '../core/person.ts'
import type { Plan } from '../core/plan.ts'
import type { Store } from '../core/ports.ts'

/** Facts that are read at once: the log may be far longer than memory. */
const PAGE = 1000

/** The first entries, oldest first, that match. A run's own are few and have an index; otherwise the log is read from `from` on. */
export async function searchLog(
  store: Store,
  { from, limit, ...filter }: LogQuery,
): Promise<readonly Fact[]> {
  if (filter.run !== undefined) {
    const facts = await store.facts(filter.run)
    return facts.filter((fact) => fact.seq >= from && matches(fact, filter)).slice(0, limit)
  }
  if (Object.keys(filter).length === 0) return store.log({ from, limit })
  const found: Fact[] = []
  for (let next = from; found.length < limit;) {
    // oxlint-disable-next-line no-await-in-loop -- the next page begins where this one ends
    const page = await store.log({ from: next, limit: PAGE })
    const last = page.at(-1)
    if (last === undefined) break
    found.push(...page.filter((fact) => matches(fact, filter)))
    next = last.seq + 1
    // oxlint-disable-next-line no-await-in-loop -- a run never waits for a long log to be searched
    await setImmediate()
  }
  return found.slice(0, limit)
}

function matches(fact: Fact, { person, target, type, since, until }: LogFilter): boolean {
  return (
    isOfType(fact, type) &&
    isBetween(fact, since, until) &&
    (person === undefined || peopleOf(fact).includes(person)) &&
    (target === undefined || targetsOf(fact).includes(target))
  )
}

function isOfType({ type }: Fact, wanted: string | undefined): boolean {
  return wanted === undefined || type === wanted || type.startsWith(`${wanted}.`)
}

function isBetween({ time }: Fact, since: string | undefined, until: string | undefined): boolean {
  const at = Date.parse(time)
  return !(since !== undefined && at < Date.parse(since)) && !(until !== undefined && at >= Date.parse(until))
}

/** Who did it, and whom it says it of. */
function peopleOf({ actor, data }: Fact): string[] {
  const said = 'person' in data ? [data.person] : []
  return [nameOf(actor), ...said]
}

function targetsOf({ data }: Fact): string[] {
  const planned = 'plan' in data ? targetsIn(data.plan) : []
  const own = 'change' in data ? [data.change.target] : []
  return [...planned, ...own].flatMap(({ id, name }) => [id, name])
}

function targetsIn({ lines }: Plan) {
  return lines.flatMap(({ change }) => (change === undefined ? [] : [change.target]))
}
