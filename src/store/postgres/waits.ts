import { z } from 'zod'
import type { Step } from '../consequences.ts'

export const Wait = z.object({
  run: z.string(),
  step: z.string(),
  key: z.string(),
  seq: z.int(),
  until: z.string().nullable(),
})
export type WaitRow = z.infer<typeof Wait>

/** Who waits for what, as far as a transaction needs it, and what it makes of that. */
export class Waits {
  readonly changed = new Map<string, WaitRow>()
  /** Steps that wait no longer. */
  readonly left = new Map<string, Step>()
  readonly #rows = new Map<string, WaitRow>()

  constructor(rows: readonly WaitRow[]) {
    for (const row of rows) this.#rows.set(nameOf(row), row)
  }

  of(step: Step): WaitRow | undefined {
    return this.#rows.get(nameOf(step))
  }

  ofRun(run: string): WaitRow[] {
    return [...this.#rows.values()].filter((row) => row.run === run)
  }

  /** How many wait for it and have for longer than this step. */
  ahead(key: string, step: Step): number {
    const own = this.of(step)
    const seq = own?.key === key ? own.seq : Infinity
    return [...this.#rows.values()].filter((row) => row.key === key && row.seq < seq).length
  }

  /** Who is held by the same again keeps its place in the line. Gives what it waited for before, and does no longer. */
  wait(row: WaitRow): WaitRow | undefined {
    const before = this.of(row)
    const stays = before?.key === row.key
    const after = stays ? { ...row, seq: before.seq } : row
    this.#rows.set(nameOf(row), after)
    this.changed.set(nameOf(row), after)
    this.left.delete(nameOf(row))
    return stays ? undefined : before
  }

  /** Gives what it waited for. */
  leave({ run, step }: Step): WaitRow | undefined {
    const name = nameOf({ run, step })
    const before = this.#rows.get(name)
    this.#rows.delete(name)
    this.changed.delete(name)
    if (before !== undefined) this.left.set(name, { run, step })
    return before
  }
}

export function nameOf({ run, step }: Step): string {
  return JSON.stringify([run, step])
}
