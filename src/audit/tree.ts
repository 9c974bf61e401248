import { hash } from 'node:crypto'
import { FirebreakError } from '../core/errors.ts'

/** A SHA-256 hash as 64 lower-case hex digits: comparable with ===, and storable as it is. */
export type Hash = string

/** The root of the tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1). */
export const EMPTY_ROOT: Hash = hash('sha256', '', 'hex')

/** The state of a growing tree: its size and the roots of its perfect subtrees, largest first. At most 53 hashes. */
export type TreeState = { readonly size: number; readonly stack: readonly Hash[] }

const HASH_BYTES = 32
const HASH = /^[0-9a-f]{64}$/
const pair = Buffer.alloc(65)
pair[0] = 1

export function isHash(text: string): boolean {
  return HASH.test(text)
}

/** SHA-256(0x01 ‖ left ‖ right): an inner node of RFC 6962. */
export function nodeHash(left: Hash, right: Hash): Hash {
  pair.write(left, 1, 'hex')
  pair.write(right, 33, 'hex')
  return hash('sha256', pair, 'hex')
}

/** A size is a safe integer, so has at most 53 perfect subtrees, and for a moment one more. */
const MAX_STACK = 54

/**
 * A Merkle tree of RFC 6962/9162 that only grows. Appending costs O(log n) at worst and two hashes on average. The roots
 * of its perfect subtrees lie in one buffer, each behind the other, so that two are hashed together where they lie:
 * verifying a log spends most of its time here.
 */
export class Tree {
  #size: number
  #depth = 0
  /** One byte in front, for the prefix of the first pair. */
  readonly #stack = Buffer.alloc(1 + HASH_BYTES * MAX_STACK)
  readonly #pairs: Buffer[] = []

  private constructor(size: number, stack: readonly Hash[]) {
    this.#size = size
    for (const root of stack) this.#push(root)
  }

  static empty(): Tree {
    return new Tree(0, [])
  }

  /** Continues from a stored state; refuses one that cannot be a state of a tree. */
  static from({ size, stack }: TreeState): Tree {
    const fits = Number.isSafeInteger(size) && size >= 0 && stack.length === ones(size) && stack.every(isHash)
    if (!fits) {
      throw new FirebreakError(
        'audit.bad-tree',
        `the stored state of the log's tree (size ${size}) is damaged`,
        {
          remedy: 'Run `firebreak audit verify`; restore the store from a backup if it says no.',
        },
      )
    }
    return new Tree(size, stack)
  }

  get size(): number {
    return this.#size
  }

  /** The state to store. */
  state(): TreeState {
    const hex = this.#stack.toString('hex', 1, 1 + HASH_BYTES * this.#depth)
    const length = 2 * HASH_BYTES
    const stack = Array.from({ length: this.#depth }, (_, i) => hex.slice(length * i, length * (i + 1)))
    return { size: this.#size, stack }
  }

  /** Appends a leaf hash. `onSubtree` hears of each perfect subtree that is thereby complete, the leaf first (height 0). */
  append(leaf: Hash, onSubtree?: (height: number, root: Hash) => void): void {
    this.#push(leaf)
    onSubtree?.(0, leaf)
    let height = 0
    // Each trailing one bit of the size is a perfect subtree that the new node completes to one twice as large.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      height++
      if (onSubtree === undefined) this.#join('binary')
      else onSubtree(height, this.#join('hex'))
    }
    this.#size++
  }

  root(): Hash {
    const { stack } = this.state()
    const last = stack.at(-1)
    if (last === undefined) return EMPTY_ROOT
    return stack.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
  }

  #push(root: Hash): void {
    this.#stack.write(root, 1 + HASH_BYTES * this.#depth, 'hex')
    this.#depth++
  }

  /** Hashes the last two roots into one. The byte before them belongs to another root, and is lent for the prefix. */
  #join(encoding: 'hex' | 'binary'): string {
    this.#depth--
    const start = HASH_BYTES * (this.#depth - 1)
    const pair = (this.#pairs[this.#depth] ??= this.#stack.subarray(start, start + 1 + 2 * HASH_BYTES))
    const lent = pair[0] ?? 0
    pair[0] = 1
    const joined = hash('sha256', pair, encoding)
    pair[0] = lent
    pair.write(joined, 1, encoding)
    return joined
  }
}

/** The root over a list of leaf hashes. */
export function rootOf(leaves: Iterable<Hash>): Hash {
  const tree = Tree.empty()
  for (const leaf of leaves) tree.append(leaf)
  return tree.root()
}

function ones(size: number): number {
  return BigInt(size).toString(2).replaceAll('0', '').length
}
