import type { NewFact } from '../../core/fact.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { Actor } from '../../core/person.ts'
import type { Clock, Notary } from '../../core/ports.ts'
import { movedTo, unfinished } from '../moved.ts'
import { type Digests, digestsOf, stream, verifyCopy } from './carry.ts'
import { type Destination, type Head, type Readable, type Row, type Source, tableNames } from './port.ts'

/** Where a copy stands; a process may end at each. */
export type Stage = 'arriving' | 'loaded' | 'verified' | 'left'

export type CopyOptions = {
  readonly from: Source
  readonly to: Destination
  readonly notary: Notary
  readonly clock: Clock
  /** Who moves the log; it is written into it. */
  readonly actor: Actor
  /** The hash of a leaf in the tree. */
  readonly leafHash: (leaf: string) => string
  /** Of the runs that this program can go on with. */
  readonly protocol: number
  /** Hears of each stage once it is durable. */
  readonly onStage?: (stage: Stage) => Promise<void> | undefined
}

export type Copied = {
  /** With the entry that says so. */
  readonly size: number
  readonly root: string
  /** A checkpoint over it. */
  readonly checkpoint: string
  /** An earlier copy was found and only had to be finished. */
  readonly resumed: boolean
}

/**
 * Moves a log and everything that was derived from it. The destination is marked before its first row and unusable until
 * the source has ended; the source is untouched until every row at the destination was read back and is the same. Whoever
 * is interrupted begins anew, or finishes where the source has ended already.
 */
export async function copyStore(options: CopyOptions): Promise<Copied> {
  const { from, to, onStage = () => undefined } = options
  if (await isFinishing(options)) {
    await to.open()
    return copied(options, await to.head(), true)
  }
  const head = await from.head()
  if (head.size === 0) throw bad(`there is no log in ${from.place}`, 'Name the store that the bot has used.')
  await to.arrive(from.place)
  await onStage('arriving')
  const sent = await load(options, head)
  const last = sealLast(options, head)
  await to.add('journal', [last.entry])
  await to.setHead(last.head)
  await onStage('loaded')
  await verifyCopy(options, sent, last)
  await onStage('verified')
  await from.leave({ ...last, to: to.place })
  await onStage('left')
  await to.open()
  return copied(options, last.head, false)
}

/** Whether the source has ended and the destination only waits to be opened. Refuses every other odd state of the two. */
async function isFinishing({ from, to }: CopyOptions): Promise<boolean> {
  const left = await from.passage()
  if (left.state === 'arriving') throw unfinished(from.place, left.place)
  const isOurs = await isArriving(from, to)
  if (left.state === 'moved') {
    const isHere = isOurs && left.place === to.place && (await endAlike(from, to))
    if (isHere) return true
    throw movedTo(left.place)
  }
  if (!isOurs && !(await isEmpty(to))) {
    throw new FirebreakError('store.not-empty', `${to.place} holds a log already`, {
      remedy: 'Name an empty database or a folder that does not exist yet. Two logs are never joined.',
    })
  }
  return false
}

/** Whether an earlier copy from here was begun there. */
async function isArriving(from: Readable, to: Readable): Promise<boolean> {
  const { state, ...arrived } = await to.passage()
  if (state === 'none') return false
  const place = 'place' in arrived ? arrived.place : ''
  if (state === 'moved') throw movedTo(place)
  if (place === from.place) return true
  throw unfinished(to.place, place)
}

async function endAlike(from: Readable, to: Readable): Promise<boolean> {
  const [one, other] = [await from.head(), await to.head()]
  return one.size === other.size && one.tree === other.tree
}

async function isEmpty(store: Readable): Promise<boolean> {
  for (const table of tableNames) {
    // oxlint-disable-next-line no-await-in-loop -- the first row of any of them says no
    for await (const page of store.rows(table)) if (page.length > 0) return false
  }
  return true
}

async function load(options: CopyOptions, head: Head): Promise<Digests> {
  const { from, to } = options
  const digests = digestsOf(options)
  for (const table of tableNames) {
    // oxlint-disable-next-line no-await-in-loop -- page by page, so that memory stays flat
    for await (const page of stream(options, from, table)) {
      digests.take(table, page)
      // oxlint-disable-next-line no-await-in-loop
      await to.add(table, page)
    }
  }
  if (digests.tree.size() !== head.size || digests.tree.state() !== head.tree)
    throw bad(`the log in ${from.place} does not fit its own tree`, 'Run `firebreak audit verify` on it.')
  return digests
}

/** The entry that ends the source and is the first that the destination has beyond it: sealed once, the same in both. */
function sealLast({ notary, clock, actor, to }: CopyOptions, head: Head): { entry: Row; head: Head } {
  const tree = notary.tree(head.tree)
  const now = new Date(clock.now()).toISOString()
  const time = now > head.time ? now : head.time
  const fact: NewFact = {
    type: 'log.moved',
    actor,
    data: { to: to.place, size: head.size, root: tree.root() },
  }
  const { leaf, hash, salt, data } = notary.seal({ ...fact, seq: head.size, time })
  tree.append(hash)
  return {
    entry: [head.size, null, null, leaf, hash, salt, data],
    head: { size: tree.size(), tree: tree.state(), time },
  }
}

function copied({ notary }: CopyOptions, head: Head, resumed: boolean): Copied {
  const tree = notary.tree(head.tree)
  const [size, root] = [tree.size(), tree.root()]
  return { size, root, checkpoint: notary.sign(size, root), resumed }
}

function bad(what: string, remedy: string): FirebreakError {
  return new FirebreakError('store.bad-copy', what, { remedy })
}
