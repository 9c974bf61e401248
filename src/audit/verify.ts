import { isFirebreakError } from '../core/errors.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import type { VerifiedCheckpoint } from './checkpoint.ts'
import { checkEntry, checkLeaf, finding } from './entry.ts'
import type { Finding, Pages, StoredEntry } from './entry.ts'
import type { VerifierKey } from './key.ts'
import { Tree } from './tree.ts'
import type { Hash } from './tree.ts'

export type VerifyOptions = {
  /** The keys that are trusted: they must come from elsewhere than the log. */
  readonly keys: readonly VerifierKey[]
  /** Bodies deleted by retention: refused by default, or counted in the verdict. Their leaves are proved either way. */
  readonly missingBodies?: 'refuse' | 'count'
  /** `any`: the log is not ours. Its leaves are hashed, and nothing is said about what they hold. */
  readonly leaves?: 'ours' | 'any'
  /** Earlier checkpoints of the log. They narrow down where a log departs from what was signed. */
  readonly earlier?: readonly string[]
  /**
   * A newer checkpoint of a log that grows while it is verified: asked for when an entry lies beyond the one at hand. Without
   * it, or when the newer one does not cover the entry either, the entry is one too many.
   */
  readonly newer?: () => Promise<string>
  /** Hears of each perfect subtree; what `verifyExport` compares tiles with. */
  readonly onSubtree?: (height: number, root: Hash) => void
}

type Sound = {
  readonly ok: true
  readonly origin: string
  readonly size: number
  readonly root: Hash
  /** Text form of the verifier key whose signature was verified. */
  readonly key: string
  /** How many entries have lost their body to retention. */
  readonly withoutBody: number
}
type Unsound = { readonly ok: false } & Finding & {
    /** With fault `root`: the first difference lies in the entries from `from` up to, not including, `to`. */
    readonly between?: { readonly from: number; readonly to: number }
  }
export type Verdict = Sound | Unsound

/**
 * Verifies a whole log against a signed checkpoint. Needs public keys only.
 *
 * What is nameable: an entry whose data, salt, leaf, stored hash or place does not fit the rest of the entry is named, and so
 * is the first one missing, doubled or out of order. Without a stored `hash`, a change to a leaf elsewhere than in its
 * body hash or seq cannot be named: the signed root says that the log was changed, not where. The same holds
 * for a forger who made an entry consistent in itself. Then `between` narrows it as far as earlier checkpoints allow.
 */
export async function verifyEntries(
  pages: Pages,
  checkpoint: string,
  options: VerifyOptions,
): Promise<Verdict> {
  const marks = readMarks(checkpoint, options)
  if ('fault' in marks) return { ok: false, ...marks }
  const run: Run = { tree: Tree.empty(), head: marks.head, marks: marks.earlier, sound: 0, withoutBody: 0 }
  for await (const page of pages) {
    let taken = 0
    while (taken < page.length) {
      const rest = page.slice(taken)
      const covered = run.head.size - run.tree.size
      // oxlint-disable-next-line no-await-in-loop -- what comes after depends on the newer checkpoint
      const problem = covered > 0 ? takeEntries(rest, run, options) : await beyond(rest[0], run, options)
      if (problem !== undefined) return { ok: false, ...problem }
      taken += Math.min(covered, rest.length)
    }
  }
  return conclude(run)
}

type Marks = { readonly head: VerifiedCheckpoint; readonly earlier: ReadonlyMap<number, Hash> }
type Run = {
  readonly tree: Tree
  head: VerifiedCheckpoint
  readonly marks: ReadonlyMap<number, Hash>
  sound: number
  withoutBody: number
}
type RootFinding = Finding & Pick<Unsound, 'between'>

function readMarks(
  checkpoint: string,
  { keys, earlier = [] }: Pick<VerifyOptions, 'keys' | 'earlier'>,
): Marks | Finding {
  try {
    const head = verifyCheckpoint(checkpoint, keys)
    // Of the same log: its origin is the name of its keys, of which it may have had several.
    const own = keys.filter(({ name }) => name === head.origin)
    const marks = new Map<number, Hash>()
    for (const { size, root } of earlier.map((text) => verifyCheckpoint(text, own))) {
      // Of two that contradict each other, one would hide what the other has signed.
      if ((size === head.size ? head.root : (marks.get(size) ?? root)) !== root) return twoOf(size)
      marks.set(size, root)
    }
    return { head, earlier: marks }
  } catch (error) {
    if (!isFirebreakError(error)) throw error
    return { fault: 'checkpoint', reason: `the checkpoint: ${error.message}` }
  }
}

function twoOf(size: number): Finding {
  const reason = `two signed checkpoints of size ${size} contradict each other: the log was rewritten or forked`
  return { fault: 'root', reason }
}

/** As many entries as the checkpoint covers. */
function takeEntries(
  entries: readonly StoredEntry[],
  run: Run,
  options: VerifyOptions,
): (Finding & Pick<Unsound, 'between'>) | undefined {
  for (const entry of entries) {
    if (run.tree.size === run.head.size) return undefined
    const problem = takeEntry(entry, run, options) ?? compareMark(run)
    if (problem !== undefined) return problem
  }
  return undefined
}

function takeEntry(entry: StoredEntry, run: Run, options: VerifyOptions): Finding | undefined {
  const hash = hashOf(entry, run.tree.size, options)
  if (typeof hash !== 'string') return hash
  if (entry.data === null && options.leaves !== 'any') {
    if (options.missingBodies !== 'count') return finding('body-missing', entry.seq, 'its data is missing')
    run.withoutBody++
  }
  run.tree.append(hash, options.onSubtree)
  return undefined
}

/** An entry that the checkpoint does not cover: the log has grown, or the entry is one too many. */
async function beyond(
  entry: StoredEntry | undefined,
  run: Run,
  options: VerifyOptions,
): Promise<RootFinding | undefined> {
  const { tree, head } = run
  const checked = entry && hashOf(entry, tree.size, options)
  if (typeof checked === 'object') return checked
  if (tree.root() !== head.root) return departed(run, tree.size)
  if (options.newer === undefined) return extra(tree.size, head)
  const newer = readMarks(await options.newer(), { keys: options.keys })
  if ('fault' in newer) return newer
  if (newer.head.size <= tree.size) return extra(tree.size, newer.head)
  run.sound = tree.size
  run.head = newer.head
  return undefined
}

function extra(seq: number, head: VerifiedCheckpoint): Finding {
  return finding('extra', seq, `the checkpoint covers ${head.size} entries only`)
}

function hashOf(entry: StoredEntry, index: number, { leaves }: VerifyOptions): Hash | Finding {
  return leaves === 'any' ? checkLeaf(entry) : checkEntry(entry, index)
}

/** Compares with the earlier checkpoint of this size, if there is one. */
function compareMark(run: Run): RootFinding | undefined {
  const expected = run.marks.get(run.tree.size)
  if (expected === undefined) return undefined
  if (expected !== run.tree.root()) return departed(run, run.tree.size)
  run.sound = run.tree.size
  return undefined
}

function conclude(run: Run): Verdict {
  const { head } = run
  const { size } = run.tree
  const root = run.tree.root()
  if (size < head.size) {
    const reason = `the log ends here, and the checkpoint covers ${head.size} entries: it was truncated`
    return { ok: false, ...finding('truncated', size, reason) }
  }
  if (root !== head.root) return { ok: false, ...departed(run, size) }
  const signed = Math.max(0, ...run.marks.keys())
  if (signed > size) return { ok: false, ...lostEnd(size, signed) }
  return { ok: true, origin: head.origin, size, root, key: head.key.text, withoutBody: run.withoutBody }
}

/** A log that went back as a whole, tree and all, is sound in itself: only what was signed before gives it away. */
function lostEnd(size: number, signed: number): Finding {
  const reason = `the log ends before entry ${size}, and an earlier checkpoint covers ${signed} entries: it was truncated`
  return { fault: 'truncated', seq: size, reason }
}

/** Each entry fits itself, the whole does not fit what was signed. */
function departed({ sound }: Run, to: number): RootFinding {
  const where = to - sound === 1 ? `entry ${sound}` : `the entries ${sound} to ${to - 1}`
  const reason =
    `the log does not match the checkpoint of size ${to}: it was rewritten or forked, ` +
    `and the first difference lies in ${where}`
  const named = to - sound === 1 ? { seq: sound } : {}
  return { fault: 'root', reason, between: { from: sound, to }, ...named }
}
