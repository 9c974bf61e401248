import { describe, expect, it } from 'vitest'
import { leafHash } from '../../src/audit/leaf.ts'
import { verifyConsistency, verifyInclusion } from '../../src/audit/proof.ts'
import { consistencyProof, inclusionProof, type Roots } from '../../src/audit/prove.ts'
import { rootOf } from '../../src/audit/tree.ts'
import { codeOf } from './code-of.ts'
import { vectorSet } from './vectors.ts'

type Vector = { readonly desc: string; readonly wantErr: boolean } & Record<string, unknown>

const merkle = vectorSet('tlog-merkle')
const hex = (base64: unknown): string => Buffer.from(String(base64), 'base64').toString('hex')
const path = (proof: unknown): string[] => (Array.isArray(proof) ? proof.map(hex) : [])
// JSON.parse would round 18446744073709551615: the source text is kept for whole numbers.
const exact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' ? BigInt(context?.source ?? '') : value
const vectors = (file: string): Vector[] =>
  merkle
    .read(file)
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line, exact as never) as { vector: Vector }).vector)
const num = (value: unknown): bigint => value as bigint

/** A range [start, end) that can be a subtree: aligned to the power of two that holds its length. */
function isSubtree(start: bigint, end: bigint): boolean {
  let width = 1n
  while (width < end - start) width *= 2n
  return start >= 0n && start < end && start % width === 0n
}

describe.skipIf(merkle.skip)('the vectors of transparency-dev/merkle', () => {
  it('inclusion: each is accepted or refused as it says', () => {
    const all = vectors('inclusion.jsonl')
    expect(all.length).toBe(42)
    for (const v of all) {
      const { leafIdx: index, treeSize: size, leafHash: leaf, root, proof } = v
      const got = verifyInclusion({
        index: num(index),
        size: num(size),
        leaf: hex(leaf),
        root: hex(root),
        proof: path(proof),
      })
      expect(got, v.desc).toBe(!v.wantErr)
    }
  })

  it('consistency: each is accepted or refused as it says', () => {
    const all = vectors('consistency.jsonl')
    expect(all.length).toBe(34)
    expect(all.filter((v) => !v.wantErr).length).toBeGreaterThan(0)
    for (const v of all) {
      const { size1, size2, root1, root2, proof } = v
      const sizes = { size1: num(size1), size2: num(size2) }
      const got = verifyConsistency({ ...sizes, root1: hex(root1), root2: hex(root2), proof: path(proof) })
      expect(got, v.desc).toBe(!v.wantErr)
    }
  })

  it('subtree inclusion, which brings positives: each is accepted or refused as it says', () => {
    const all = vectors('subtreeinclusion.jsonl')
    expect(all.filter((v) => !v.wantErr).length).toBe(8)
    for (const v of all) {
      const [start, end, leafIdx] = [num(v['start']), num(v['end']), num(v['leafIdx'])]
      const place = { index: leafIdx - start, size: end - start }
      const got =
        isSubtree(start, end) &&
        verifyInclusion({ ...place, leaf: hex(v['leafHash']), root: hex(v['root']), proof: path(v['proof']) })
      expect(got, v.desc).toBe(!v.wantErr)
    }
  })

  it('subtree consistency from index 0 is the ordinary one and decides alike, but for the empty subtree', () => {
    const all = vectors('subtreeconsistency.jsonl').filter(
      (v) => num(v['start']) === 0n && num(v['end']) > 0n,
    )
    expect(all.filter((v) => !v.wantErr).length).toBeGreaterThan(0)
    for (const v of all) {
      const sizes = { size1: num(v['end']), size2: num(v['size']) }
      const roots = { root1: hex(v['root1']), root2: hex(v['root2']) }
      expect(verifyConsistency({ ...sizes, ...roots, proof: path(v['proof']) }), v.desc).toBe(!v.wantErr)
    }
  })
})

const leaves = Array.from({ length: 70 }, (_, i) => leafHash(`entry ${i}`))
const sizes = [1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 33, 64, 70]

const rootsOver =
  (tree: readonly string[]): Roots =>
  ({ height, index }) =>
    rootOf(tree.slice(index * 2 ** height, (index + 1) * 2 ** height))

/** Every way to change one proof a little. */
function variants(proof: readonly string[]): string[][] {
  const flipped = proof.map((hash, i) => proof.with(i, (hash.startsWith('0') ? '1' : '0') + hash.slice(1)))
  const shorter = proof.map((_, i) => proof.toSpliced(i, 1))
  return [...flipped, ...shorter, [...proof, leaves[0] ?? ''], [leaves[0] ?? '', ...proof], [...proof, '']]
}

describe('proofs of our own logs', () => {
  it('every leaf of every size is proved, and no other index, size or proof is', () => {
    for (const size of sizes) {
      const tree = leaves.slice(0, size)
      const root = rootOf(tree)
      for (const [index, leaf] of tree.entries()) {
        const proof = inclusionProof(index, size, rootsOver(tree))
        expect(verifyInclusion({ index, size, leaf, root, proof })).toBe(true)
        expect(verifyInclusion({ index: BigInt(index), size: BigInt(size), leaf, root, proof })).toBe(true)
        for (const other of tree.keys()) {
          expect(verifyInclusion({ index: other, size, leaf, root, proof })).toBe(other === index)
        }
        for (const bad of variants(proof))
          expect(verifyInclusion({ index, size, leaf, root, proof: bad })).toBe(false)
      }
    }
  })

  it('every size is proved consistent with every earlier one, and with no altered proof', () => {
    for (const size2 of sizes) {
      const tree = leaves.slice(0, size2)
      const root2 = rootOf(tree)
      for (let size1 = 1; size1 <= size2; size1++) {
        const root1 = rootOf(tree.slice(0, size1))
        const proof = consistencyProof(size1, size2, rootsOver(tree))
        expect(verifyConsistency({ size1, size2, root1, root2, proof })).toBe(true)
        for (const bad of variants(proof)) {
          expect(verifyConsistency({ size1, size2, root1, root2, proof: bad })).toBe(false)
        }
        const forked = rootOf(tree.slice(0, size1).with(0, leafHash('another')))
        expect(verifyConsistency({ size1, size2, root1: forked, root2, proof })).toBe(false)
      }
    }
  })

  it('a size of 0, a shrinking log and broken numbers are refused', () => {
    const root = rootOf(leaves.slice(0, 4))
    const empty = rootOf([])
    expect(verifyConsistency({ size1: 0, size2: 4, root1: empty, root2: root, proof: [] })).toBe(false)
    expect(verifyConsistency({ size1: 0, size2: 0, root1: empty, root2: empty, proof: [] })).toBe(false)
    expect(verifyConsistency({ size1: 4, size2: 2, root1: root, root2: root, proof: [] })).toBe(false)
    expect(verifyInclusion({ index: -1, size: 1, leaf: root, root, proof: [] })).toBe(false)
    expect(verifyInclusion({ index: 0.5, size: 1, leaf: root, root, proof: [] })).toBe(false)
    expect(verifyInclusion({ index: 2 ** 53, size: 2 ** 54, leaf: root, root, proof: [] })).toBe(false)
    expect(
      verifyInclusion({ index: 0, size: 1, leaf: root.toUpperCase(), root: root.toUpperCase(), proof: [] }),
    ).toBe(false)
  })

  it('a proof of what the log does not have is refused with a code', () => {
    const none = rootsOver([])
    expect(codeOf(() => inclusionProof(70, 70, none))).toBe('audit.bad-tree')
    expect(codeOf(() => inclusionProof(-1, 70, none))).toBe('audit.bad-tree')
    expect(codeOf(() => consistencyProof(0, 70, none))).toBe('audit.bad-tree')
    expect(codeOf(() => consistencyProof(71, 70, none))).toBe('audit.bad-tree')
  })
})
