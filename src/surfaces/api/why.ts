import { setImmediate } from 'node:timers/promises'
import type { Firebreak } from '../../core/app.ts'
import type { Fact } from '../../core/fact.ts'
import { isFirebreakError } from '../../core/errors.ts'
import type { WhyAnswer } from '../../core/wire-views.ts'
import { notFound } from './answer.ts'

const PAGE = 1000

/** Everything the log says about an id: of a run, of an alert (its fingerprint), or of an approval request. */
export async function why(app: Firebreak, id: string): Promise<WhyAnswer> {
  const run = await runOrNone(app, id)
  const facts: Fact[] = []
  for (let from = 0; ;) {
    const page = await app.log({ from, limit: PAGE })
    facts.push(...page.filter((fact) => concerns(fact, id)))
    const last = page.at(-1)
    if (last === undefined) break
    from = last.seq + 1
    // A long log is read in slices, so that nothing else waits for it.
    await setImmediate()
  }
  if (run === null && facts.length === 0) throw notFound(id)
  return { run, facts }
}

async function runOrNone(app: Firebreak, id: string): Promise<WhyAnswer['run']> {
  try {
    return await app.run(id)
  } catch (error) {
    if (isFirebreakError(error)) return null
    throw error
  }
}

function concerns(fact: Fact, id: string): boolean {
  if (fact.run === id) return true
  const { data } = fact
  return (
    ('fingerprint' in data && data.fingerprint === id) ||
    ('run' in data && data.run === id) ||
    ('request' in data && data.request === id)
  )
}
