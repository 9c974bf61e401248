import { z } from 'zod'
import type { Counting } from '../../core/ports.ts'
import type { Step } from '../consequences.ts'
import { sinceOf } from '../over.ts'

export const Count = z.object({
  key: z.string(),
  run: z.string(),
  step: z.string(),
  at: z.string(),
  open: z.boolean(),
  failed_at: z.string().nullable(),
})
export type CountRow = z.infer<typeof Count>

/** The rows of what guardrails count, as far as a transaction needs them, and what it makes of them. */
export class Counts {
  readonly changed = new Set<CountRow>()
  readonly #rows = new Map<string, CountRow>()

  constructor(rows: readonly CountRow[]) {
    // The same row may be needed for several reasons.
    for (const row of rows) this.#rows.set(nameOf(row), { ...row })
  }

  ofStep({ run, step }: Step): CountRow[] {
    return this.ofRun(run).filter((row) => row.step === step)
  }

  ofRun(run: string): CountRow[] {
    return [...this.#rows.values()].filter((row) => row.run === run)
  }

  /** Rows of other steps that take it up, in no order. */
  taken(count: Counting, { run, step }: Step, time: string): CountRow[] {
    const since = sinceOf(count, time)
    return this.#ofKey(count.key).filter(
      (row) => (since === undefined ? row.open : row.at > since) && !(row.run === run && row.step === step),
    )
  }

  failed(count: Counting, time: string): number {
    const since = sinceOf(count, time) ?? ''
    const failed = this.#ofKey(count.key).filter(({ failed_at }) => failed_at !== null && failed_at > since)
    return new Set(failed.map(({ run }) => run)).size
  }

  spend(key: string, { run, step }: Step, at: string): void {
    const before = this.#rows.get(nameOf({ key, run, step }))
    const row = before ?? { key, run, step, at, open: true, failed_at: null }
    this.#rows.set(nameOf(row), row)
    this.change(row, { at, open: true })
  }

  change(row: CountRow, change: Partial<CountRow>): void {
    Object.assign(row, change)
    this.changed.add(row)
  }

  #ofKey(key: string): CountRow[] {
    return [...this.#rows.values()].filter((row) => row.key === key)
  }
}

function nameOf({ key, run, step }: Pick<CountRow, 'key' | 'run' | 'step'>): string {
  return JSON.stringify([key, run, step])
}
