import { isHash, nodeHash } from './tree.ts'
import type { Hash } from './tree.ts'

/**
 * Checks proofs of RFC 9162, section 2.1. Indexes and sizes that come from outside may be any 64-bit number, hence bigint.
 *
 * Policy for size 0: every consistency proof from (or to) size 0 is refused, even 0 → 0. All trees extend the empty
 * one, so such a proof says nothing, and accepting it would let "size 0" stand in for "I have no earlier checkpoint".
 * The test vectors of transparency-dev/merkle decide the same.
 */
export type Inclusion = {
  readonly index: number | bigint
  readonly size: number | bigint
  readonly leaf: Hash
  readonly root: Hash
  readonly proof: readonly Hash[]
}

export type Consistency = {
  readonly size1: number | bigint
  readonly size2: number | bigint
  readonly root1: Hash
  readonly root2: Hash
  readonly proof: readonly Hash[]
}

/** Whether the proof shows the leaf at this index under this root. Malformed input is false, not an exception. */
export function verifyInclusion({ index, size, leaf, root, proof }: Inclusion): boolean {
  const range = toRange(index, size)
  if (range === undefined || range.from >= range.to) return false
  if (![leaf, root, ...proof].every(isHash)) return false
  return climb({ node: range.from, last: range.to - 1n, first: leaf, rest: proof })?.new === root
}

/** Whether the proof shows that the second tree extends the first. Malformed input is false, not an exception. */
export function verifyConsistency({ size1, size2, root1, root2, proof }: Consistency): boolean {
  const range = toRange(size1, size2)
  if (range === undefined || range.from === 0n || range.from > range.to) return false
  if (![root1, root2, ...proof].every(isHash)) return false
  if (range.from === range.to) return proof.length === 0 && root1 === root2
  if (proof.length === 0) return false
  const ends = climbFromBorder(range, root1, proof)
  return ends?.old === root1 && ends.new === root2
}

/** Starts at the last perfect subtree of the first tree (RFC 9162, section 2.1.4.2, steps 3 to 5). */
function climbFromBorder({ from, to }: Range, root1: Hash, proof: readonly Hash[]): Ends | undefined {
  // Of a perfect first tree the proof leaves out the root, which the verifier knows.
  const [first = '', ...rest] = isPowerOfTwo(from) ? [root1, ...proof] : proof
  let node = from - 1n
  let last = to - 1n
  for (; node % 2n === 1n; node /= 2n) last /= 2n
  return climb({ node, last, first, rest })
}

type Range = { readonly from: bigint; readonly to: bigint }
type Ends = { readonly old: Hash; readonly new: Hash }
type Climb = { node: bigint; last: bigint; readonly first: Hash; readonly rest: readonly Hash[] }

/** The walk from a node to two roots, of the tree that ends there and of the whole (RFC 9162, 2.1.3.2 and 2.1.4.2). */
function climb({ node, last, first, rest }: Climb): Ends | undefined {
  let older = first
  let newer = first
  for (const sibling of rest) {
    if (last === 0n) return undefined
    if (node % 2n === 1n || node === last) {
      older = nodeHash(sibling, older)
      newer = nodeHash(sibling, newer)
      // At the right edge the levels where the node has no sibling are passed over.
      for (; node % 2n === 0n && node !== 0n; node /= 2n) last /= 2n
    } else {
      newer = nodeHash(newer, sibling)
    }
    node /= 2n
    last /= 2n
  }
  return last === 0n ? { old: older, new: newer } : undefined
}

/** Both numbers as 64-bit integers, or nothing. */
function toRange(from: number | bigint, to: number | bigint): Range | undefined {
  const whole = [from, to].every((value) => typeof value === 'bigint' || Number.isSafeInteger(value))
  if (!whole || from < 0 || to < 0) return undefined
  return { from: BigInt(from), to: BigInt(to) }
}

function isPowerOfTwo(value: bigint): boolean {
  return value > 0n && (value & (value - 1n)) === 0n
}
