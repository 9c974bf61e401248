import { bodyHash, leafHash, leafHolds, readLeaf } from './leaf.ts'
import type { Text } from './leaf.ts'
import type { Hash } from './tree.ts'

/** An entry as it is stored or exported. */
export type StoredEntry = {
  readonly seq: number
  /** The leaf as it was sealed. */
  readonly leaf: Text
  /** 32 hex digits; null together with `data` once retention has deleted the body. */
  readonly salt: string | null
  /** The canonical text of the data, byte for byte as it was sealed. */
  readonly data: Text | null
  /** The leaf hash, stored apart from the leaf: what makes a changed leaf nameable. */
  readonly hash?: Hash | undefined
}

/** Entries in order, by pages: one promise an entry would cost more than verifying it. */
export type Pages = Iterable<readonly StoredEntry[]> | AsyncIterable<readonly StoredEntry[]>

/** What can be wrong with a log. */
export type Fault =
  | 'checkpoint' // not a checkpoint, or no trusted key has signed it
  | 'order' // an entry stands twice, or in another's place
  | 'missing' // an entry is not where it should be
  | 'leaf' // a leaf, or its stored hash, was changed
  | 'body' // data, salt, or the body hash in the leaf was changed
  | 'body-missing' // the body was deleted
  | 'extra' // an entry that the checkpoint does not cover
  | 'truncated' // the log ends before the checkpoint does
  | 'root' // every entry is sound in itself, and yet this is not the log that was signed
  | 'file' // a file of an export is missing or damaged

export type Finding = { readonly fault: Fault; readonly seq?: number; readonly reason: string }

/** The sound entry's leaf hash, or what is wrong with it. */
export function checkEntry(entry: StoredEntry, index: number): Hash | Finding {
  const { seq, leaf, salt, data } = entry
  if (seq !== index) return wrongPlace(seq, index)
  const hash = checkLeaf(entry)
  if (typeof hash !== 'string') return hash
  const body = salt === null || data === null ? '' : bodyHash(salt, data)
  return leafHolds(leaf, index, body) ? hash : (wrongLeaf(entry, body) ?? hash)
}

/** The hash of a leaf, whatever it holds, or that it is not the one which was stored. */
export function checkLeaf({ seq, leaf, hash: stored }: StoredEntry): Hash | Finding {
  const hash = leafHash(leaf)
  if (hash !== '' && (stored === undefined || stored === hash)) return hash
  return finding('leaf', seq, 'its leaf does not hash to its stored hash: one of them was changed')
}

/** The slow way, for what is wrong and for bodies deleted by retention: the leaf still proves what they hashed to. */
function wrongLeaf({ seq, leaf, salt, data }: StoredEntry, body: string): Finding | undefined {
  const read = readLeaf(leaf)
  if (read === undefined) return finding('leaf', seq, 'its leaf is not the leaf of an entry')
  if (read.seq !== seq) return finding('order', seq, `it holds the leaf of entry ${read.seq}`)
  if (read.body === body || (salt === null && data === null)) return undefined
  return finding('body', seq, 'its data or salt is not what its leaf was sealed with')
}

/** Every finding about an entry reads alike, and names it. */
export function finding(fault: Fault, seq: number, reason: string): Finding {
  return { fault, seq, reason: `entry ${seq}: ${reason}` }
}

function wrongPlace(seq: number, index: number): Finding {
  return seq < index
    ? finding('order', seq, `it stands a second time, or out of order, where entry ${index} belongs`)
    : finding('missing', index, `it is missing, or out of order; entry ${seq} stands in its place`)
}
