import { setImmediate } from 'node:timers/promises'
import type { Firebreak } from '../../../core/app.ts'
import type { Fact } from '../../../core/fact.ts'

const PAGE = 1000

/** Facts of the whole log from `from` on that are wanted, oldest first. */
export async function factsOfLog(
  app: Pick<Firebreak, 'log'>,
  from: number,
  wanted: (fact: Fact) => boolean,
): Promise<readonly Fact[]> {
  const found: Fact[] = []
  for (let next = from; ;) {
    // oxlint-disable-next-line no-await-in-loop -- the next page begins where this one ends
    const page = await app.log({ from: next, limit: PAGE })
    const last = page.at(-1)
    if (last === undefined) return found
    found.push(...page.filter(wanted))
    next = last.seq + 1
    // A long log is read in slices, so that nothing else waits for it.
    // oxlint-disable-next-line no-await-in-loop -- see above
    await setImmediate()
  }
}

/** What is about an id: of a run, of an alert (its fingerprint, or its name), of a request, or of what a command named. */
export function concerns(fact: Fact, id: string): boolean {
  if (fact.run === id) return true
  const { data } = fact
  return (
    ('fingerprint' in data && (data.fingerprint === id || data.name === id)) ||
    ('run' in data && data.run === id) ||
    ('request' in data && data.request === id) ||
    ('command' in data && data.command.split(/[\s,]+/).includes(id))
  )
}
