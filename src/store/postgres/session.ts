import type { Client } from 'pg'
import { connect, type Place } from './connect.ts'
import { keepConnected } from './keep-connected.ts'
import { wasCommitted, type Unanswered } from './outcome.ts'
import { checkServer } from './schema.ts'

/** How long a caller waits to learn whether a commit that got no answer was made. */
const LONGEST_DOUBT = 5000

type Doubt = { readonly unanswered: Unanswered; readonly tell: (committed: boolean | undefined) => void }

/** The session of the writer, which comes back by itself. `onDown` hears at once that it is lost. */
export class WriterSession {
  readonly #ready = Promise.withResolvers<void>()
  readonly #end: () => Promise<void>
  #client: Client | undefined
  #cause: unknown = new Error('not connected yet')
  #doubt: Doubt | undefined

  constructor(place: Place, onDown: () => void) {
    this.#end = keepConnected({
      // Several statements are on their way at once: a transaction takes two round trips.
      open: () => connect(place, { pipeline: true }),
      onUp: (client) => this.#up(client),
      onDown: (cause) => {
        this.#client = undefined
        this.#cause = cause
        this.#ready.reject(cause)
        onDown()
      },
    })
  }

  /** Undefined while it is lost, or while it is not known what became of the last transaction. */
  client(): Client | undefined {
    return this.#client
  }

  /** Why there is none. */
  cause(): unknown {
    return this.#cause
  }

  /** The first time that it is there, or why it is not. */
  ready(): Promise<void> {
    return this.#ready.promise
  }

  /** What became of a commit that was not answered, learnt after connecting again. Undefined: nobody can say in time. */
  ask(unanswered: Unanswered): Promise<boolean | undefined> {
    return new Promise((resolve) => {
      const tell = (committed: boolean | undefined) => {
        clearTimeout(timer)
        this.#doubt = undefined
        resolve(committed)
      }
      const timer = setTimeout(tell, LONGEST_DOUBT, undefined)
      this.#doubt = { unanswered, tell }
      // It may be back already. Should this fail, the next session answers.
      if (this.#client) void this.#answer(this.#client).catch(() => undefined)
    })
  }

  async end(): Promise<void> {
    await this.#end()
  }

  async #up(client: Client): Promise<void> {
    await checkServer(client)
    // Our statements look up keys, however many: planning each anew would take longer than carrying it out.
    await client.query('set plan_cache_mode = force_generic_plan')
    await this.#answer(client)
    this.#client = client
    client.once('end', () => {
      this.#client = undefined
    })
    this.#ready.resolve()
  }

  async #answer(client: Client): Promise<void> {
    const doubt = this.#doubt
    if (doubt) doubt.tell(await wasCommitted(client, doubt.unanswered))
  }
}
