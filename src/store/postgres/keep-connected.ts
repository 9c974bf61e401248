import type { Client } from 'pg'
import { hangUp } from './connect.ts'

/** First short, so that a restarted server is noticed at once; then rarely, so that many processes do not flood it. */
const FIRST_WAIT = 50
const LONGEST_WAIT = 1000

type Options = {
  readonly open: () => Promise<Client>
  /** The session is there. What it rejects with ends the session again. */
  readonly onUp: (client: Client) => Promise<void>
  /** The session is lost, or could not be had. */
  readonly onDown: (cause: unknown) => void
}

/** A session that comes back by itself. Returns the way to end it for good. */
export function keepConnected(options: Options): () => Promise<void> {
  const kept = new Kept(options)
  const done = kept.loop()
  return async () => {
    await kept.end()
    await done
  }
}

class Kept {
  readonly #options: Options
  readonly #ending = Promise.withResolvers<void>()
  #ended = false
  #client: Client | undefined
  #wait = FIRST_WAIT

  constructor(options: Options) {
    this.#options = options
  }

  async loop(): Promise<void> {
    while (!this.#ended) {
      // oxlint-disable-next-line no-await-in-loop -- one session after the other
      const cause = await this.#hold().catch((error: unknown) => error)
      this.#options.onDown(cause)
      // oxlint-disable-next-line no-await-in-loop -- not sooner
      await this.#pause()
    }
  }

  async end(): Promise<void> {
    this.#ended = true
    this.#ending.resolve()
    if (this.#client) await hangUp(this.#client)
  }

  /** Holds a session until it is lost; gives the reason. */
  async #hold(): Promise<unknown> {
    const client = await this.#options.open()
    this.#client = client
    let cause: unknown = new Error('the connection was closed')
    client.on('error', (error) => (cause = error))
    const lost = new Promise<void>((resolve) => client.once('end', resolve))
    try {
      if (this.#ended) return cause
      await this.#options.onUp(client)
      this.#wait = FIRST_WAIT
      await lost
      return cause
    } finally {
      this.#client = undefined
      await hangUp(client)
    }
  }

  async #pause(): Promise<void> {
    const wait = Promise.withResolvers<void>()
    const timer = setTimeout(wait.resolve, this.#wait)
    await Promise.race([wait.promise, this.#ending.promise])
    clearTimeout(timer)
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT)
  }
}
