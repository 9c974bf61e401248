import { isFirebreakError } from '../../core/errors.ts'
import type { Store } from '../../core/ports.ts'
import { parseCheckpoint, verifyCheckpoint, type Checkpoint } from '../checkpoint.ts'
import type { VerifierKey } from '../key.ts'
import { leafHash } from '../leaf.ts'
import { EMPTY_ROOT, type Hash, Tree } from '../tree.ts'
import { troubleOf } from '../sinks/trouble.ts'
import { within } from '../sinks/wait.ts'
import type { Anchor } from './anchor.ts'

/** What an anchor says about the log. */
export type Comparison = { readonly name: string; readonly place: string } & (
  | { readonly state: 'ok'; readonly size: number; readonly compared: number; readonly ignored: number }
  /** It holds no checkpoint of this log. That is so before the first one is put, and after somebody emptied it. */
  | { readonly state: 'empty' }
  /**
   * All that it holds under the name of this log is signed by other keys: a log that was made anew, key and all, or another
   * installation of the same name. Whoever can write there could have put it, so that nothing is frozen for it.
   */
  | { readonly state: 'foreign'; readonly ignored: number }
  /** The log is shorter than what was anchored: its end was cut off, or an old copy was put in its place. */
  | { readonly state: 'behind'; readonly size: number; readonly has: number }
  /** The log had another content at this size: it was rewritten. */
  | { readonly state: 'forked'; readonly size: number }
  | { readonly state: 'unreachable'; readonly why: string }
)

export type ComparedLog = {
  /** Keys of the log that are trusted, those of the past too. */
  readonly keys: readonly VerifierKey[]
  /** The log as it is now. */
  readonly head: Pick<Checkpoint, 'origin' | 'size' | 'root'>
  readonly entries: Store['entries']
}

type Options = {
  /** How many of the last checkpoints of each anchor. All of them find also a rewriting that was anchored afterwards. */
  readonly limit: number
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 20_000

/**
 * Holds the log against what its anchors remember. The entries are read only when an anchor remembers a smaller log than
 * there is: after an orderly end of the program the last checkpoint is the log's own size.
 */
export async function compareAnchors(
  anchors: readonly Anchor[],
  log: ComparedLog,
  { limit, timeoutMs = TIMEOUT_MS }: Options,
): Promise<readonly Comparison[]> {
  const kept = await Promise.all(anchors.map((anchor) => ask(anchor, log, { limit, timeoutMs })))
  const sizes = kept.flatMap(({ checkpoints }) => checkpoints.map(({ size }) => size))
  const roots = await rootsAt(log, sizes)
  return kept.map((one) => judge(one, log, roots))
}

/** Whether effects must be refused: the log is not what it was. An anchor that cannot be asked decides nothing. */
export function contradicts({ state }: Comparison): boolean {
  return state === 'behind' || state === 'forked'
}

type Kept = {
  readonly anchor: Anchor
  readonly checkpoints: readonly Checkpoint[]
  /** Under the name of this log, and signed by none of its keys. */
  readonly ignored: number
  readonly why?: string
}

async function ask(anchor: Anchor, log: ComparedLog, { limit, timeoutMs }: Required<Options>): Promise<Kept> {
  const never = new AbortController().signal
  try {
    const texts = await within(timeoutMs, never, (signal) => anchor.recent(limit, signal))
    const checkpoints = texts.flatMap((text) => verified(text, log))
    const named = texts.filter((text) => isNamed(text, log.head.origin))
    return { anchor, checkpoints, ignored: named.length - checkpoints.length }
  } catch (error) {
    return { anchor, checkpoints: [], ignored: 0, why: troubleOf(error, 'the anchor').why }
  }
}

/** Texts that no trusted key has signed prove nothing, neither for nor against the log. */
function verified(text: string, { keys, head }: ComparedLog): Checkpoint[] {
  try {
    const checkpoint = verifyCheckpoint(text, keys)
    return checkpoint.origin === head.origin ? [checkpoint] : []
  } catch (error) {
    if (isFirebreakError(error)) return []
    throw error
  }
}

function isNamed(text: string, name: string): boolean {
  try {
    return parseCheckpoint(text).origin === name
  } catch (error) {
    if (isFirebreakError(error)) return false
    throw error
  }
}

/** The roots that the log as stored had at these sizes, from the leaves themselves; none for sizes beyond its end. */
async function rootsAt({ head, entries }: ComparedLog, sizes: readonly number[]): Promise<Map<number, Hash>> {
  const roots = new Map([
    [0, EMPTY_ROOT],
    [head.size, head.root],
  ])
  const wanted = new Set(sizes.filter((size) => size < head.size && size > 0))
  const most = Math.max(0, ...wanted)
  const tree = Tree.empty()
  if (most === 0) return roots
  for await (const page of entries()) {
    for (const { leaf } of page) {
      tree.append(leafHash(leaf))
      if (wanted.has(tree.size)) roots.set(tree.size, tree.root())
      if (tree.size === most) return roots
    }
  }
  return roots
}

function judge(
  { anchor, checkpoints, ignored, why }: Kept,
  log: ComparedLog,
  roots: Map<number, Hash>,
): Comparison {
  const { name, place } = anchor
  if (why !== undefined) return { name, place, state: 'unreachable', why }
  const [first, ...more] = checkpoints.toSorted((one, other) => one.size - other.size)
  if (first === undefined)
    return ignored === 0 ? { name, place, state: 'empty' } : { name, place, state: 'foreign', ignored }
  const has = log.head.size
  const forked = [first, ...more].find(({ size, root }) => size <= has && roots.get(size) !== root)
  if (forked !== undefined) return { name, place, state: 'forked', size: forked.size }
  const { size } = more.at(-1) ?? first
  if (size > has) return { name, place, state: 'behind', size, has }
  return { name, place, state: 'ok', size, compared: checkpoints.length, ignored }
}
