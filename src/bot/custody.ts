import type { AnchorCheck } from '../core/app.ts'
import type { Store } from '../core/ports.ts'
import { readHandovers } from '../audit/handover.ts'
import { parseVerifierKey, type LogKey, type VerifierKey } from '../audit/key.ts'
import { freezeItself } from './freeze.ts'
import type { BotParts } from './parts.ts'
import { forgetOld, type Forgotten } from './retention.ts'

/** What the program does with its log beside writing it: sinks, anchors and retention take it from here. */
export type Custody = {
  readonly journal: Pick<Store, 'entries' | 'memo' | 'checkpoint' | 'moved'>
  /** Every key that has signed for this log, as far as the log names them. */
  readonly keys: () => Promise<readonly VerifierKey[]>
  readonly forgetOld: () => Promise<Forgotten>
  /** The log is not what it was: nothing is changed any more until people say so. */
  readonly distrust: (reason: string) => Promise<void>
  readonly useAnchors: (check: AnchorCheck) => void
  readonly anchors: () => AnchorCheck | undefined
}

export function createCustody(
  parts: BotParts,
  { key, folder }: { readonly key: LogKey; readonly folder: string },
): Custody {
  let check: AnchorCheck | undefined
  return {
    journal: parts.store,
    keys: () => keysOf(parts.store, key, folder),
    forgetOld: () => forgetOld(parts),
    distrust: (reason) => freezeItself(parts, reason),
    useAnchors: (given) => {
      check = given
    },
    anchors: () => check,
  }
}

/** The entries by which one key handed over to the next name both. */
async function keysOf(store: Store, key: LogKey, folder: string): Promise<readonly VerifierKey[]> {
  const handovers = readHandovers(folder)
  const facts = await Promise.all(handovers.map(({ seq }) => store.log({ from: seq, limit: 1 })))
  const named = facts
    .flat()
    .flatMap((fact) => (fact.type === 'log.key-rotated' ? [fact.data.key, fact.data.previous] : []))
  const others = new Set(named.filter((text) => text !== key.text))
  return [key, ...[...others].map(parseVerifierKey)]
}
