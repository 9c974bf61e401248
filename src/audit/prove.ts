import { FirebreakError } from '../core/errors.ts'
import { EMPTY_ROOT, nodeHash } from './tree.ts'
import type { Hash } from './tree.ts'

/** A perfect subtree: the 2^height leaves from index · 2^height on. */
export type Subtree = { readonly height: number; readonly index: number }

/** Where the roots of perfect subtrees come from: tiles, or whatever has seen the tree grow. */
export type Roots = (subtree: Subtree) => Hash

/** Leaves from `start` up to, not including, `end`. */
type Range = { readonly start: number; readonly end: number }

/** The hashes that prove that leaf `index` is in the tree of this size (RFC 9162, section 2.1.3.1). */
export function inclusionProof(index: number, size: number, roots: Roots): Hash[] {
  return inclusionRanges(index, size).map((range) => rootOfRange(range, roots))
}

/** The subtrees whose roots `inclusionProof` asks for: for those who must collect them while the tree goes by. */
export function inclusionSubtrees(index: number, size: number): Subtree[] {
  return inclusionRanges(index, size).flatMap(subtreesOf)
}

/**
 * The hashes that prove that the tree of size `to` extends the one of size `from` (RFC 9162, section 2.1.4.1). None is
 * made from size 0 (see the policy in proof.ts).
 */
export function consistencyProof(from: number, to: number, roots: Roots): Hash[] {
  if (!Number.isSafeInteger(from) || from < 1 || from > to) {
    outOfRange(`there is no consistency proof from size ${from} to size ${to}`)
  }
  const ranges: Range[] = []
  let [start, end] = [0, to]
  while (from < end) {
    const split = start + splitOf(end - start)
    if (from <= split) {
      ranges.push({ start: split, end })
      end = split
    } else {
      ranges.push({ start, end: split })
      start = split
    }
  }
  // Where the first tree is a perfect subtree of the second, the verifier knows its root already.
  if (start > 0) ranges.push({ start, end })
  return ranges.toReversed().map((range) => rootOfRange(range, roots))
}

/** The root of the tree over the first leaves. */
export function rootAt(size: number, roots: Roots): Hash {
  return size === 0 ? EMPTY_ROOT : rootOfRange({ start: 0, end: size }, roots)
}

/** From the leaf's sibling up to the root's child. */
function inclusionRanges(index: number, size: number): Range[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    outOfRange(`there is no entry ${index} in a log of ${size}`)
  }
  const ranges: Range[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const split = start + splitOf(end - start)
    if (index < split) {
      ranges.push({ start: split, end })
      end = split
    } else {
      ranges.push({ start, end: split })
      start = split
    }
  }
  return ranges.toReversed()
}

function rootOfRange(range: Range, roots: Roots): Hash {
  return subtreesOf(range)
    .map(roots)
    .reduceRight((right, left) => nodeHash(left, right))
}

/** The perfect subtrees of a range that begins where one of its length may begin, largest first. */
function subtreesOf({ start, end }: Range): Subtree[] {
  const subtrees: Subtree[] = []
  for (let at = start; at < end;) {
    const height = Math.floor(Math.log2(end - at))
    subtrees.push({ height, index: at / 2 ** height })
    at += 2 ** height
  }
  return subtrees
}

/** The largest power of two below `size` (size > 1). */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

function outOfRange(what: string): never {
  throw new FirebreakError('audit.bad-tree', what, { remedy: 'Ask for an entry or a size that the log has.' })
}
