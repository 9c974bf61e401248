import { FirebreakError } from '../../core/errors.ts'
import type { Checkpoint } from '../checkpoint.ts'
import { checkEntry } from '../entry.ts'
import type { Pages, StoredEntry } from '../entry.ts'
import { inclusionSubtrees, type Roots, type Subtree } from '../prove.ts'
import { Tree } from '../tree.ts'
import type { Hash } from '../tree.ts'

/** Some entries of a log, and what proves that they are in it. */
export type Collected = { readonly entries: readonly StoredEntry[]; readonly roots: Roots }

/**
 * Reads a log once, keeping the wanted entries and the roots that their proofs need: a few hashes for each, however long
 * the log is. Every entry is checked on the way; a log that does not verify gives no evidence.
 */
export async function collect(
  pages: Pages,
  { size, root }: Checkpoint,
  seqs: readonly number[],
): Promise<Collected> {
  const wanted = new Set(seqs)
  const roots = rememberRoots(seqs.flatMap((seq) => inclusionSubtrees(seq, size)))
  const entries: StoredEntry[] = []
  const tree = Tree.empty()
  for await (const page of pages) {
    for (const entry of page.slice(0, size - tree.size)) {
      const hash = checkEntry(entry, tree.size)
      if (typeof hash !== 'string') refuse(hash.reason)
      tree.append(hash, roots.see)
      if (wanted.has(entry.seq)) entries.push(entry)
    }
    if (tree.size === size) break
  }
  if (tree.size < size || tree.root() !== root) refuse(`it does not match the checkpoint of size ${size}`)
  return { entries, roots: roots.get }
}

/** Hears of each perfect subtree that is complete, and keeps those that are wanted. */
function rememberRoots(wanted: readonly Subtree[]) {
  const kept = new Map<string, Hash>(wanted.map((subtree) => [nameOf(subtree), '']))
  const seen: number[] = []
  return {
    see: (height: number, root: Hash): void => {
      const index = seen[height] ?? 0
      seen[height] = index + 1
      const name = nameOf({ height, index })
      if (kept.has(name)) kept.set(name, root)
    },
    get: (subtree: Subtree): Hash => kept.get(nameOf(subtree)) ?? '',
  }
}

function nameOf({ height, index }: Subtree): string {
  return `${height}/${index}`
}

function refuse(what: string): never {
  throw new FirebreakError('audit.bad-export', `the log gives no evidence: ${what}`, {
    remedy: 'Run `firebreak audit verify`; keep the store as it is, it is evidence.',
  })
}
