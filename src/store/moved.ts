import { FirebreakError } from '../core/errors.ts'
import type { Store } from '../core/ports.ts'

/** Whether a log is on its way: into this store from a place, or out of it to another. */
export type Passage =
  | { readonly state: 'none' }
  | { readonly state: 'arriving'; readonly place: string }
  | { readonly state: 'moved'; readonly place: string }

/** A passage as its row says it. */
export function passageOf(state: unknown, place: unknown): Passage {
  if (typeof place !== 'string') return { state: 'none' }
  return state === 'arriving' || state === 'moved' ? { state, place } : { state: 'none' }
}

/** A log that was moved goes on elsewhere: here it can be read and verified, and nothing is added. */
export function openMoved(store: Store, to: string): Store {
  const refuse = () => Promise.reject(movedTo(to))
  return {
    ...store,
    moved: to,
    commit: refuse,
    forget: refuse,
    settle: refuse,
    memo: { get: store.memo.get, set: refuse },
  }
}

export function movedTo(place: string): FirebreakError {
  return new FirebreakError('store.moved', `The log was moved to ${place}: here it can only be read`, {
    remedy: `Set store (or state) in firebreak.yaml to ${place}, where the log goes on.`,
  })
}

/** Half a log must not be taken for a log. */
export function unfinished(place: string, from: string): FirebreakError {
  return new FirebreakError(
    'store.unfinished',
    `A copy of the log from ${from} to ${place} is not finished`,
    {
      remedy: `Run the same \`firebreak store copy\` from ${from} again: it finishes, or begins anew. To give it up, delete this copy: the log in ${from} is whole.`,
    },
  )
}
