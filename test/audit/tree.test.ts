import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { leafHash } from '../../src/audit/leaf.ts'
import { EMPTY_ROOT, rootOf, Tree } from '../../src/audit/tree.ts'
import { codeOf } from './code-of.ts'

function sha(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The definition of RFC 6962, section 2.1, word for word: slow, and independent of the code under test. */
function definedRoot(leaves: readonly string[]): Buffer {
  if (leaves.length === 0) return sha('')
  if (leaves.length === 1) return sha(Buffer.of(0), leaves[0] ?? '')
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1))
  return sha(Buffer.of(1), definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)))
}

describe('the tree', () => {
  it('has the root that RFC 6962 defines, at every size', () => {
    const leaves = Array.from({ length: 130 }, (_, i) => `leaf ${i}`)
    const tree = Tree.empty()
    for (let size = 0; size <= leaves.length; size++) {
      expect(tree.root()).toBe(definedRoot(leaves.slice(0, size)).toString('hex'))
      expect(rootOf(leaves.slice(0, size).map(leafHash))).toBe(tree.root())
      tree.append(leafHash(leaves[size] ?? ''))
    }
    expect(EMPTY_ROOT).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  it('goes on from its stored state as if it had never stopped', () => {
    const whole = Tree.empty()
    let resumed = Tree.empty()
    for (let i = 0; i < 100; i++) {
      whole.append(leafHash(`leaf ${i}`))
      resumed = Tree.from(JSON.parse(JSON.stringify(resumed.state())))
      resumed.append(leafHash(`leaf ${i}`))
      expect(resumed.state()).toEqual(whole.state())
      expect(whole.state().stack.length).toBeLessThanOrEqual(7)
    }
  })

  it('a stored state is a copy', () => {
    const tree = Tree.empty()
    tree.append(leafHash('a'))
    const state = tree.state()
    tree.append(leafHash('b'))
    expect(Tree.from(state).root()).toBe(leafHash('a'))
  })

  it('says which perfect subtrees a leaf completes', () => {
    const heights: number[][] = []
    const tree = Tree.empty()
    for (let i = 0; i < 4; i++) {
      const own: number[] = []
      tree.append(leafHash(''), (height) => own.push(height))
      heights.push(own)
    }
    expect(heights).toEqual([[0], [0, 1], [0], [0, 1, 2]])
  })

  it.each([
    ['a hash too many', { size: 1, stack: [EMPTY_ROOT, EMPTY_ROOT] }],
    ['a hash too few', { size: 3, stack: [EMPTY_ROOT] }],
    ['a hash that is none', { size: 1, stack: ['00'] }],
    ['a negative size', { size: -1, stack: [] }],
    ['half a size', { size: 0.5, stack: [] }],
  ])('refuses a state with %s', (_name, state) => {
    expect(codeOf(() => Tree.from(state))).toBe('audit.bad-tree')
  })

  it('counts ones also in sizes beyond 32 bits', () => {
    expect(Tree.from({ size: 2 ** 40 + 1, stack: [EMPTY_ROOT, EMPTY_ROOT] }).size).toBe(2 ** 40 + 1)
  })
})
