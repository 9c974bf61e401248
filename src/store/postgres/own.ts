import type { Entry } from './draft.ts'

/** What this process knows of an entry: its own, on its way and perhaps committed, or somebody else's. */
type Origin = 'own' | 'pending' | 'foreign'

/** Which entries this process wrote itself. By their hashes, which are salted: whoever gets the same place has another one. */
export type OwnEntries = {
  readonly sent: (entries: readonly Entry[]) => void
  /** It is known what became of them. Of those that are given up the caller knows nothing, so they count as foreign. */
  readonly settle: (entries: readonly Entry[], became: 'committed' | 'given-up') => void
  readonly originOf: (seq: number, hash: string) => Origin
  /** Entries below this one are of no interest any more. */
  readonly forget: (below: number) => void
  readonly onSettled: (listener: () => void) => void
}

export function ownEntries(): OwnEntries {
  const known = new Map<number, { readonly hash: string; readonly origin: Origin }>()
  const listeners: (() => void)[] = []
  return {
    sent: (entries) => {
      for (const { seq, hash } of entries) known.set(seq, { hash, origin: 'pending' })
    },
    settle: (entries, became) => {
      for (const { seq, hash } of entries) {
        if (known.get(seq)?.hash !== hash) continue
        if (became === 'committed') known.set(seq, { hash, origin: 'own' })
        else known.delete(seq)
      }
      for (const listener of listeners) listener()
    },
    originOf: (seq, hash) => {
      const entry = known.get(seq)
      return entry?.hash === hash ? entry.origin : 'foreign'
    },
    forget: (below) => {
      // In the order of their places, as they were put in.
      for (const seq of known.keys()) {
        if (seq >= below) return
        known.delete(seq)
      }
    },
    onSettled: (listener) => listeners.push(listener),
  }
}
