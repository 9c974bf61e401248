import { isFirebreakError } from '../core/errors.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import type { VerifiedCheckpoint } from './checkpoint.ts'
import { checkEntry, finding } from './entry.ts'
import type { Finding, StoredEntry } from './entry.ts'
import type { VerifierKey } from './key.ts'
import { Tree } from './tree.ts'
import type { Hash } from './tree.ts'

export type VerifyOptions = {
  /** The keys that are trusted: they must come from elsewhere than the log. */
  readonly keys: readonly VerifierKey[]
  /** Bodies deleted by retention: refused by default, or counted in the verdict. Their leaves are proved either way. */
  readonly missingBodies?: 'refuse' | 'count'
  /** Earlier checkpoints of the log. They narrow down where a log departs from what was signed. */
  readonly earlier?: readonly string[]
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
export function verifyEntries(
  entries: Iterable<StoredEntry>,
  checkpoint: string,
  options: VerifyOptions,
): Verdict {
  const marks = readMarks(checkpoint, options)
  if ('fault' in marks) return { ok: false, ...marks }
  const tree = Tree.empty()
  const run = { tree, marks: marks.earlier, sound: 0, withoutBody: 0 }
  for (const entry of entries) {
    const problem = takeEntry(entry, run, options) ?? compareMark(run)
    if (problem !== undefined) return { ok: false, ...problem }
    if (tree.size > marks.head.size) {
      return {
        ok: false,
        ...finding('extra', entry.seq, `the checkpoint covers ${marks.head.size} entries only`),
      }
    }
  }
  return conclude(marks.head, run)
}

type Marks = { readonly head: VerifiedCheckpoint; readonly earlier: ReadonlyMap<number, Hash> }
type Run = {
  readonly tree: Tree
  readonly marks: ReadonlyMap<number, Hash>
  sound: number
  withoutBody: number
}
type RootFinding = Finding & Pick<Unsound, 'between'>

function readMarks(checkpoint: string, { keys, earlier = [] }: VerifyOptions): Marks | Finding {
  try {
    const head = verifyCheckpoint(checkpoint, keys)
    // Signed by the same key, so of the same log: its origin is the name of the key.
    const others = earlier.map((text) => verifyCheckpoint(text, [head.key]))
    return { head, earlier: new Map(others.map(({ size, root }) => [size, root])) }
  } catch (error) {
    if (!isFirebreakError(error)) throw error
    return { fault: 'checkpoint', reason: `the checkpoint: ${error.message}` }
  }
}

function takeEntry(entry: StoredEntry, run: Run, options: VerifyOptions): Finding | undefined {
  const hash = checkEntry(entry, run.tree.size)
  if (typeof hash !== 'string') return hash
  if (entry.data === null) {
    if (options.missingBodies !== 'count') return finding('body-missing', entry.seq, 'its data is missing')
    run.withoutBody++
  }
  run.tree.append(hash, options.onSubtree)
  return undefined
}

/** Compares with the earlier checkpoint of this size, if there is one. */
function compareMark(run: Run): RootFinding | undefined {
  const expected = run.marks.get(run.tree.size)
  if (expected === undefined) return undefined
  if (expected !== run.tree.root()) return departed(run, run.tree.size)
  run.sound = run.tree.size
  return undefined
}

function conclude(head: VerifiedCheckpoint, run: Run): Verdict {
  const { size } = run.tree
  const root = run.tree.root()
  if (size < head.size) {
    const reason = `the log ends here, and the checkpoint covers ${head.size} entries: it was truncated`
    return { ok: false, ...finding('truncated', size, reason) }
  }
  if (root !== head.root) return { ok: false, ...departed(run, size) }
  return { ok: true, origin: head.origin, size, root, key: head.key.text, withoutBody: run.withoutBody }
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
