import type { Notification } from 'pg'
import { z } from 'zod'
import type { Fact } from '../../core/fact.ts'
import { readFact } from '../rows.ts'
import type { OwnEntries } from './own.ts'
import type { Ask } from './reader.ts'

type Options = {
  readonly ask: Ask
  readonly own: OwnEntries
  /** The first entry of interest. */
  readonly from: number
  readonly tell: (facts: readonly Fact[]) => void
}

const PAGE = 500

const READ = 'select seq, hash, leaf, data from firebreak.journal where seq >= $1 order by seq limit $2'
const Columns = z.tuple([z.int(), z.string(), z.string(), z.string()])
type Row = z.infer<typeof Columns>

/** Reads a log on from where it was, and tells what other processes wrote. */
export class Follower {
  readonly #options: Options
  #next: number
  #reading: Promise<void> | undefined
  #again = false
  #ended = false
  /** We stopped before an entry of ours of which nobody knows yet whether it was committed. */
  #stopped = false
  /** What was heard of entries of ours before our own session had its answer: often, for it is another session. */
  #early: Notification[] = []

  constructor(options: Options) {
    this.#options = options
    this.#next = options.from
    options.own.onSettled(() => {
      if (this.#stopped) this.look()
      for (const news of this.#early.splice(0)) this.hear(news)
    })
  }

  /** Something may be new. */
  look(): void {
    this.#again = true
    this.#reading ??= this.#loop().finally(() => (this.#reading = undefined))
  }

  /** A writer tells where its entries are. Of our own there is nothing to read. */
  hear(news: Notification): void {
    const [from, to, hash = ''] = (news.payload ?? '').split(' ')
    const origin = this.#options.own.originOf(Number(from), hash)
    if (origin === 'pending') this.#early.push(news)
    else if (origin === 'own' && Number(from) === this.#next) this.#next = Number(to) + 1
    else this.look()
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#reading
  }

  async #loop(): Promise<void> {
    while (this.#again && !this.#ended) {
      this.#again = false
      // oxlint-disable-next-line no-await-in-loop -- what cannot be read now is looked for again in a second
      await this.#readOn().catch(() => undefined)
    }
  }

  async #readOn(): Promise<void> {
    this.#stopped = false
    for (let more = true; more && !this.#ended;) {
      // oxlint-disable-next-line no-await-in-loop -- page by page
      const rows = await this.#options.ask('tail', READ, [this.#next, PAGE])
      const page = rows.map((row) => Columns.parse(row)).filter(([seq]) => seq >= this.#next)
      const known = this.#known(page)
      this.#stopped = known.length < page.length
      this.#take(known)
      more = rows.length === PAGE && !this.#stopped
    }
  }

  #known(page: readonly Row[]): readonly Row[] {
    const pending = page.findIndex(([seq, hash]) => this.#options.own.originOf(seq, hash) === 'pending')
    return pending === -1 ? page : page.slice(0, pending)
  }

  #take(rows: readonly Row[]): void {
    const { own, tell } = this.#options
    const foreign = rows.filter(([seq, hash]) => own.originOf(seq, hash) === 'foreign')
    this.#next = (rows.at(-1)?.[0] ?? this.#next - 1) + 1
    own.forget(this.#next)
    if (foreign.length > 0 && !this.#ended) tell(foreign.map(([, , leaf, data]) => readFact({ leaf, data })))
  }
}
