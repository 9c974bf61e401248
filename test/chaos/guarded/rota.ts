import { FirebreakError } from '../../../src/core/errors.ts'
import type { Fact } from '../../../src/core/fact.ts'
import type { Hold, Rota, Unheld } from '../../../src/core/ports.ts'

type Row = {
  open: boolean
  n: number
  epoch: number
  holder: string | undefined
  wakes: number
  rested: { readonly n: number; readonly wakes: number } | undefined
  wakeAt: string | undefined
}

/** Who has which run in hand, of several processes: the contract of the shared journal, in memory. */
export class SharedRota {
  readonly #rows = new Map<string, Row>()

  /** What was committed. */
  note(facts: readonly Fact[], close: string | undefined): void {
    for (const { run, n } of facts) {
      if (run !== undefined && n !== undefined) this.#row(run).n = n + 1
    }
    if (close !== undefined) Object.assign(this.#row(close), { open: false, holder: undefined })
  }

  refuseUnlessHeld({ run, epoch }: Unheld): void {
    if (this.#row(run).epoch === epoch) return
    throw new FirebreakError('store.taken-over', `${run} is in other hands`, { remedy: 'Stop.' })
  }

  isOpen(run: string): boolean {
    return this.#row(run).open
  }

  holderOf(run: string): string | undefined {
    return this.#row(run).holder
  }

  epochOf(run: string): number {
    return this.#row(run).epoch
  }

  wake(runs: Iterable<string> = this.#rows.keys()): void {
    for (const run of runs) this.#row(run).wakes += 1
  }

  /** Open runs in nobody's hands that something has happened to, or whose time has come. */
  unheld(now: string): readonly string[] {
    const wants = ({ open, holder, rested, n, wakes, wakeAt }: Row) =>
      open &&
      holder === undefined &&
      (rested?.n !== n || rested.wakes !== wakes || (wakeAt !== undefined && wakeAt <= now))
    return [...this.#rows].flatMap(([run, row]) => (wants(row) ? [run] : []))
  }

  /** When the first of them wants hands although nothing happens. */
  nextWake(): string | undefined {
    return [...this.#rows.values()].flatMap(({ open, wakeAt }) => (open ? (wakeAt ?? []) : [])).toSorted()[0]
  }

  take({ run, epoch }: Unheld, holder: string): Hold | undefined {
    const row = this.#row(run)
    if (!row.open || row.epoch !== epoch) return undefined
    Object.assign(row, { holder, epoch: epoch + 1, wakeAt: undefined })
    return { run, epoch: epoch + 1, wakes: row.wakes }
  }

  rest(hold: Hold, seen: Parameters<Rota['rest']>[1]): Awaited<ReturnType<Rota['rest']>> {
    const row = this.#row(hold.run)
    if (!row.open || row.epoch !== hold.epoch || row.holder === undefined) return 'lost'
    if (row.n !== seen.n || row.wakes !== hold.wakes) return { wakes: row.wakes }
    const rested = { n: seen.n, wakes: row.wakes }
    Object.assign(row, { holder: undefined, rested, wakeAt: seen.wakeAt })
    return 'rests'
  }

  #row(run: string): Row {
    const known = this.#rows.get(run)
    if (known !== undefined) return known
    const row: Row = {
      open: true,
      n: 0,
      epoch: 0,
      holder: undefined,
      wakes: 0,
      rested: undefined,
      wakeAt: undefined,
    }
    this.#rows.set(run, row)
    return row
  }
}
