import type { Fact } from '../../core/fact.ts'
import { CHANNEL, connect, type Place } from './connect.ts'
import { Follower } from './follower.ts'
import { keepConnected } from './keep-connected.ts'
import type { OwnEntries } from './own.ts'
import type { Ask } from './reader.ts'

type Listener = (facts: readonly Fact[]) => void

export type Tail = {
  readonly listen: (listener: Listener) => () => void
  readonly end: () => Promise<void>
}

type Options = {
  readonly place: Place
  readonly ask: Ask
  readonly own: OwnEntries
  /** How many entries are known to be in the log: who begins to listen hears of what comes after them. */
  readonly size: () => number
}

/** A notification is lost with its session; looking once a second finds what it spoke of. */
const LOOK_AGAIN = 1000

/** Follows the log: what other processes append, in order, nothing twice and nothing lost. */
export function createTail(options: Options): Tail {
  const listeners = new Set<Listener>()
  let following: (() => Promise<void>) | undefined
  options.own.onSettled(() => {
    // Nobody asks whose they are.
    if (following === undefined) options.own.forget(options.size())
  })
  return {
    listen: (listener) => {
      listeners.add(listener)
      following ??= follow(options, (facts) => {
        for (const each of listeners) each(facts)
      })
      return () => void listeners.delete(listener)
    },
    end: async () => {
      listeners.clear()
      await following?.()
    },
  }
}

function follow({ place, ask, own, size }: Options, tell: Listener): () => Promise<void> {
  const follower = new Follower({ ask, own, tell, from: size() })
  const timer = setInterval(() => follower.look(), LOOK_AGAIN)
  const hangUp = keepConnected({
    open: () => connect(place),
    onUp: async (client) => {
      client.on('notification', (news) => follower.hear(news))
      await client.query(`listen ${CHANNEL}`)
      // What came before we listened.
      follower.look()
    },
    onDown: () => undefined,
  })
  return async () => {
    clearInterval(timer)
    await Promise.all([hangUp(), follower.end()])
  }
}
