import { isFirebreakError } from '../core/errors.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import type { VerifiedCheckpoint } from './checkpoint.ts'
import { checkEntry } from './entry.ts'
import type { StoredEntry } from './entry.ts'
import type { VerifierKey } from './key.ts'
import { leafHash } from './leaf.ts'
import { verifyConsistency, verifyInclusion } from './proof.ts'
import { entryOfExtra } from './proof-entry.ts'
import { parseProof } from './proof-text.ts'
import type { ConsistencyText, InclusionText } from './proof-text.ts'

export type ProofOptions = {
  readonly keys: readonly VerifierKey[]
  /** The entry's leaf, byte for byte, for a proof that does not carry it. */
  readonly leaf?: Uint8Array
  /** The earlier checkpoint that a consistency proof starts from. */
  readonly earlier?: string
}

export type ProofVerdict =
  | {
      readonly ok: true
      readonly kind: 'inclusion'
      readonly seq: number
      readonly head: VerifiedCheckpoint
      /** The proven entry, where the proof carries it. */
      readonly entry?: StoredEntry
    }
  | {
      readonly ok: true
      readonly kind: 'consistency'
      readonly from: number
      readonly head: VerifiedCheckpoint
    }
  | { readonly ok: false; readonly reason: string }

/** Checks a proof file, offline, with public keys only. */
export function verifyProof(text: string, options: ProofOptions): ProofVerdict {
  try {
    const proof = parseProof(text)
    const head = verifyCheckpoint(proof.checkpoint, options.keys)
    return proof.kind === 'inclusion'
      ? checkInclusion(proof, head, options)
      : checkConsistency(proof, head, options)
  } catch (error) {
    if (!isFirebreakError(error)) throw error
    return no(error.message)
  }
}

function checkInclusion(
  { index, extra, proof }: InclusionText,
  head: VerifiedCheckpoint,
  { leaf: given }: ProofOptions,
): ProofVerdict {
  const entry = extra && entryOfExtra(index, extra)
  const leaf = given ?? entry?.leaf
  if (leaf === undefined) return no('the proof does not carry the entry, and none was given')
  const { size, root } = head
  if (!verifyInclusion({ index, size, leaf: leafHash(leaf), root, proof })) {
    return no(`the entry is not entry ${index} of the log of the checkpoint`)
  }
  const proven = entry && checkEntry(entry, index)
  if (typeof proven === 'object') return no(proven.reason)
  // With a leaf that was given, what the file carries beside it was not proved.
  const carried = entry !== undefined && proven === leafHash(leaf) ? { entry } : {}
  return { ok: true, kind: 'inclusion', seq: index, head, ...carried }
}

function checkConsistency(
  { from, proof }: ConsistencyText,
  head: VerifiedCheckpoint,
  { earlier, keys }: ProofOptions,
): ProofVerdict {
  if (from === 0) return no('a proof from size 0 says nothing: every log extends the empty one')
  if (earlier === undefined) return no('a consistency proof needs the earlier checkpoint')
  const old = verifyCheckpoint(earlier, keys)
  if (old.origin !== head.origin) return no(`the checkpoints are of ${old.origin} and ${head.origin}`)
  if (old.size !== from)
    return no(`the proof starts at size ${from}, the earlier checkpoint is of size ${old.size}`)
  const roots = { root1: old.root, root2: head.root }
  if (!verifyConsistency({ size1: from, size2: head.size, ...roots, proof })) {
    return no(
      `the log of size ${head.size} does not extend the one of size ${from}: it was rewritten or forked`,
    )
  }
  return { ok: true, kind: 'consistency', from, head }
}

function no(reason: string): ProofVerdict {
  return { ok: false, reason }
}
