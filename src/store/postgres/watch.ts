import { connectToWait, waitForLock } from './advisory.ts'
import type { Place } from './connect.ts'
import { keepConnected } from './keep-connected.ts'
import { endAllSessions, hasRemains, replicaKey, strikeOff } from './replicas.ts'

type Watch = {
  readonly place: Place
  /** Whom we watch. */
  readonly peer: string
  /** Takes over what the peer had in hand. It is tried again until it succeeds, here or by another survivor. */
  readonly onDead: (peer: string) => Promise<void>
  /** There is nothing more to watch. */
  readonly onGone: () => void
}

/**
 * Waits for the lock that a peer holds as long as it lives. Whoever of the survivors gets it is the one that takes over;
 * should that one die in the middle of it, the next one gets the lock. Returns the way to stop.
 */
export function watch({ place, peer, onDead, onGone }: Watch): () => Promise<void> {
  const end = keepConnected({
    open: () => connectToWait(place),
    onUp: async (client) => {
      await waitForLock(client, replicaKey(peer))
      if (await hasRemains(client, peer)) {
        await endAllSessions(client, peer)
        await onDead(peer)
        await strikeOff(client, peer)
      }
      onGone()
      void end()
    },
    onDown: () => undefined,
  })
  return end
}
