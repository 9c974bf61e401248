import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FirebreakError } from '../core/errors.ts'
import type { NewFact } from '../core/fact.ts'
import type { Actor } from '../core/person.ts'
import type { Notary, Store } from '../core/ports.ts'
import { HANDOVERS } from '../audit/handover.ts'
import { deletePrevious, installNext, nextKey, readLogKeys } from '../audit/key-folder.ts'
import { createNotary } from '../audit/notary.ts'
import { keepCheckpoint } from './audit.ts'
import { searchLog } from './log-search.ts'

export type KeyOffice = {
  readonly folder: string
  readonly origin: string
  /** Who asks; it is written into the log. */
  readonly actor: Actor
  /** Opens the journal; refused while a bot has it for itself. */
  readonly open: (notary: Notary) => Promise<Store>
}

/**
 * Makes a new signing key and hands over to it: the log names it in an entry, and old and new key sign a checkpoint that
 * covers that entry. From then on both sign, until the overlap is ended. An interrupted rotation is taken up where it was.
 */
export async function rotateKey(
  office: KeyOffice,
): Promise<{ readonly key: string; readonly previous: string }> {
  const { folder, origin, actor, open } = office
  const { key: old, previous } = readLogKeys(folder, origin)
  if (previous !== undefined) {
    throw new FirebreakError('audit.rotation-open', `the key ${previous.id} still signs beside ${old.id}`, {
      remedy: 'End that overlap first: `firebreak audit rotate-key --end`.',
    })
  }
  const { next, begun } = nextKey(folder, origin)
  const data = { key: next.text, previous: old.text }
  await withStore(await open(createNotary(old, next)), async (store) => {
    const seq =
      (begun ? await rotationOf(store, next.text) : undefined) ??
      (await write(store, { type: 'log.key-rotated', actor, data }))
    const checkpoint = await store.checkpoint()
    keepHandover(folder, seq, checkpoint)
    keepCheckpoint(folder, checkpoint)
  })
  installNext(folder, next)
  return data
}

/** Whole or not at all: half a checkpoint would stand in the way of every export. */
function keepHandover(folder: string, seq: number, checkpoint: string): void {
  const dir = join(folder, HANDOVERS)
  mkdirSync(dir, { recursive: true })
  const temporary = join(dir, `${seq}.new`)
  writeFileSync(temporary, checkpoint, { flush: true })
  renameSync(temporary, join(dir, String(seq)))
}

/** The old key signs no more, and is deleted. What it has signed stays good. */
export async function endOverlap(
  office: KeyOffice,
): Promise<{ readonly key: string; readonly retired: string }> {
  const { folder, origin, actor, open } = office
  const { key, previous } = readLogKeys(folder, origin)
  if (previous === undefined) {
    throw new FirebreakError('audit.rotation-none', `only the key ${key.id} signs for this log`, {
      remedy: 'Rotate it with `firebreak audit rotate-key`.',
    })
  }
  await withStore(await open(createNotary(key, previous)), async (store) => {
    await write(store, { type: 'log.key-retired', actor, data: { key: previous.text } })
    keepCheckpoint(folder, await store.checkpoint())
  })
  deletePrevious(folder)
  return { key: key.text, retired: previous.text }
}

async function withStore(store: Store, work: (store: Store) => Promise<void>): Promise<void> {
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

async function write(store: Store, fact: NewFact): Promise<number> {
  const [written] = await store.commit({ facts: [fact] })
  if (written === undefined) throw new Error('a commit of one fact gave none')
  return written.seq
}

/** The entry that names this key already, if the rotation was interrupted after it. */
async function rotationOf(store: Store, key: string): Promise<number | undefined> {
  const all = await searchLog(store, { from: 0, limit: Number.MAX_SAFE_INTEGER, type: 'log.key-rotated' })
  return all.find((fact) => fact.type === 'log.key-rotated' && fact.data.key === key)?.seq
}
