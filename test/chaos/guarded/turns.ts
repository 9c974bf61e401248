import { setImmediate as nextTurn } from 'node:timers/promises'
import { FirebreakError } from '../../../src/core/errors.ts'

/** `about` is the key of an effect, where the call is one. */
export type Pending = {
  readonly who: string
  readonly what: string
  readonly about: string | undefined
  readonly go: () => void
  readonly drop: (error: Error) => void
}

/** Calls that wait until they are chosen: of all that happens, only one thing at a time goes on. */
export class Turns {
  /** How many choices were made. */
  moment = 0
  #pending: Pending[] = []
  #forgotten: Pending[] = []
  #silent = new Set<string>()
  #inFlight = 0
  #over = false

  /** Resolves when it is this call's turn. */
  take(who: string, what: string, about?: string): Promise<void> {
    if (this.#over) return Promise.reject(ended())
    const { promise, resolve: go, reject: drop } = Promise.withResolvers<void>()
    const pending = { who, what, about, go, drop }
    if (this.#silent.has(who)) this.#forgotten.push(pending)
    else this.#pending.push(pending)
    return promise
  }

  /** Work that was chosen: nothing else is before it has ended. */
  async now<T>(work: () => Promise<T>): Promise<T> {
    this.#inFlight += 1
    try {
      return await work()
    } finally {
      this.#inFlight -= 1
    }
  }

  /** Resolves when everything that goes on waits for its turn. */
  async calm(): Promise<void> {
    do {
      // oxlint-disable-next-line no-await-in-loop -- what was begun may begin something
      await nextTurn()
    } while (this.#inFlight > 0)
  }

  /** What was begun last comes first. */
  waiting(): readonly Pending[] {
    return this.#pending.toReversed()
  }

  has(who: string, what: string): boolean {
    return this.#pending.some((pending) => pending.who === who && pending.what === what)
  }

  go(pending: Pending): void {
    this.#pending = this.#pending.filter((other) => other !== pending)
    pending.go()
  }

  /** These never come. */
  forget(which: (pending: Pending) => boolean): void {
    this.#forgotten.push(...this.#pending.filter(which))
    this.#pending = this.#pending.filter((pending) => !which(pending))
  }

  /** Nothing more is heard of them. */
  silence(who: string): void {
    this.#silent.add(who)
  }

  /** Whoever still waits is told that they are not needed any more. */
  end(): void {
    this.#over = true
    for (const { drop } of [...this.#pending, ...this.#forgotten]) drop(ended())
    this.#pending = []
  }
}

function ended(): FirebreakError {
  return new FirebreakError('store.taken-over', 'the schedule is over', { remedy: 'Stop.' })
}
