import { setImmediate } from 'node:timers/promises'
import { isFirebreakError } from '../core/errors.ts'
import type { Fact, NewFact } from '../core/fact.ts'
import { system } from '../core/person.ts'
import type { Forgetting } from '../core/ports.ts'
import { isReviewDue } from '../core/run-approvals.ts'
import { fold, isOver, liveContainments } from '../core/run.ts'
import type { BotParts } from './parts.ts'

/** Bodies that go in one transaction; one run is never divided. */
const BATCH = 1000

/** What the log is verified by is never forgotten: its keys, its moves, how much is gone. So is what the bot works by, which holds digests only. */
const kept = ['log.', 'audit.', 'config.'] as const

export type Forgotten = { readonly runs: number; readonly entries: number }

type Lot = { seqs: number[]; runs: { run: string; n: number }[]; entries: number }

/**
 * Deletes the bodies of what is older than the configuration keeps: entries without a run, and runs that are over,
 * contain nothing any more, and are under no legal hold, as a whole and only once all of their entries are so old.
 * The first entry that is young enough ends the search: where a clock was ahead for a while, what follows is kept longer.
 */
export async function forgetOld(parts: BotParts): Promise<Forgotten> {
  const { retention } = parts.config.audit
  if (retention === undefined) return { runs: 0, entries: 0 }
  const before = new Date(parts.clock.now() - retention.bodiesMs).toISOString()
  const sweep = new Sweep(parts, before)
  for await (const page of oldPages(parts, before)) await sweep.take(page)
  return sweep.end()
}

async function* oldPages({ store }: BotParts, before: string): AsyncGenerator<readonly Fact[]> {
  for (let from = 0; ;) {
    // oxlint-disable-next-line no-await-in-loop -- the next page begins where this one ends
    const page = await store.log({ from, limit: BATCH })
    const old = page.filter(({ time }) => time < before)
    yield old
    const last = page.at(-1)
    if (last === undefined || old.length < page.length) return
    from = last.seq + 1
    // oxlint-disable-next-line no-await-in-loop -- a run never waits for it
    await setImmediate()
  }
}

class Sweep {
  readonly #parts: BotParts
  readonly #before: string
  /** Runs that were looked at, whatever came of it. */
  readonly #seen = new Set<string>()
  readonly #done = { runs: 0, entries: 0 }
  #lot: Lot = emptyLot()

  constructor(parts: BotParts, before: string) {
    this.#parts = parts
    this.#before = before
  }

  async take(facts: readonly Fact[]): Promise<void> {
    for (const fact of facts) {
      // oxlint-disable-next-line no-await-in-loop -- one run in memory at a time
      if (fact.run === undefined) await this.#takeAlone(fact)
      // oxlint-disable-next-line no-await-in-loop -- as above
      else if (!this.#seen.has(fact.run)) await this.#takeRun(fact.run)
      // oxlint-disable-next-line no-await-in-loop -- as above
      if (this.#lot.entries >= BATCH) await this.#forget()
    }
  }

  async end(): Promise<Forgotten> {
    await this.#forget()
    return this.#done
  }

  /** The alert that began a run stays as long as the run does: the next sweep takes it. */
  async #takeAlone({ seq, type, data }: Fact): Promise<void> {
    if (kept.some((beginning) => type.startsWith(beginning))) return
    const run = 'run' in data ? data.run : undefined
    if (run !== undefined && !(await this.#parts.store.forgotten(run))) return
    this.#lot.seqs.push(seq)
    this.#lot.entries += 1
  }

  async #takeRun(run: string): Promise<void> {
    this.#seen.add(run)
    const facts = await this.#parts.store.facts(run)
    if (!this.#isForgettable(facts)) return
    if (this.#lot.entries > 0 && this.#lot.entries + facts.length > BATCH) await this.#forget()
    this.#lot.runs.push({ run, n: facts.length })
    this.#lot.entries += facts.length
  }

  #isForgettable(facts: readonly Fact[]): boolean {
    const last = facts.at(-1)
    const state = fold(facts)
    if (last === undefined || state === undefined || last.time >= this.#before) return false
    if (isReviewDue(state)) return false
    return isOver(state.status) && state.held === undefined && liveContainments(state).length === 0
  }

  /** Where somebody wrote to one of the runs meanwhile, such as a hold, all of this lot waits for the next time. */
  async #forget(): Promise<void> {
    const { seqs, runs, entries } = this.#lot
    this.#lot = emptyLot()
    if (entries === 0) return
    const { store, published, log } = this.#parts
    try {
      published(await store.forget({ seqs, runs } satisfies Forgetting, this.#factOf({ runs, entries })))
      this.#done.runs += runs.length
      this.#done.entries += entries
    } catch (error) {
      if (!isFirebreakError(error, 'store.fenced')) throw error
      log.info({ why: error.message }, 'retention leaves some entries for the next time')
    }
  }

  #factOf({ runs, entries }: Pick<Lot, 'runs' | 'entries'>): NewFact {
    const data = { runs: runs.map(({ run }) => run), entries, before: this.#before }
    return { type: 'audit.forgotten', actor: system, data }
  }
}

function emptyLot(): Lot {
  return { seqs: [], runs: [], entries: 0 }
}
