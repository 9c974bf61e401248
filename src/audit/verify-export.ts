import { FirebreakError, isFirebreakError } from '../core/errors.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { EXPORT_FILES, readExportFile } from './export-files.ts'
import { readExportEntries, readLeaves } from './export-read.ts'
import { countForgotten, takenAway } from './forgotten.ts'
import { type Chain, followHandovers } from './handover.ts'
import { parseVerifierKey } from './key.ts'
import type { VerifierKey } from './key.ts'
import { splitNote } from './note.ts'
import { TileCollector } from './tile.ts'
import { verifyEntries } from './verify.ts'
import type { Verdict, VerifyOptions } from './verify.ts'

export type ExportVerifyOptions = Partial<
  Pick<VerifyOptions, 'keys' | 'missingBodies' | 'earlier' | 'leaves'>
>

/**
 * The verdict, and where the key came from. `folder` means that the export was held against the key it brought along: it is
 * consistent in itself, and whoever made it up could have made up the key too. Only `caller` proves whose log it is.
 */
export type ExportVerdict = Verdict & {
  readonly keySource: 'caller' | 'folder'
  /** Where a trusted key handed over to others: which of them vouches for how many entries. */
  readonly keys?: Chain['covers']
}

/** Verifies an export, offline, with public keys only. A damaged folder is a verdict, not an exception. */
export async function verifyExport(dir: string, options: ExportVerifyOptions = {}): Promise<ExportVerdict> {
  const keySource = options.keys === undefined ? 'folder' : 'caller'
  try {
    const keys = options.keys ?? [folderKey(dir)]
    const checkpoint = readExportFile(dir, EXPORT_FILES.checkpoint).toString()
    const { covers, ...chain } = chainFor(dir, checkpoint, keys)
    const earlier = [...(options.earlier ?? []), ...chain.earlier]
    const verdict = await verifyFolder(dir, checkpoint, { ...options, keys: chain.keys, earlier })
    if (!verdict.ok || covers.length === 0) return { ...verdict, keySource }
    return { ...verdict, keySource, keys: [...covers, { key: verdict.key, covers: verdict.size }] }
  } catch (error) {
    if (!isFirebreakError(error)) throw error
    const fault = error.code === 'audit.bad-export' ? 'file' : 'checkpoint'
    return { ok: false, fault, reason: error.message, keySource }
  }
}

/** The key that an export brought along: it proves no origin. */
export function folderKey(dir: string): VerifierKey {
  const text = readExportFile(dir, EXPORT_FILES.key).toString()
  const key = parseVerifierKey(text)
  if (text === `${key.text}\n`) return key
  throw new FirebreakError('audit.bad-key', `${EXPORT_FILES.key} is not one verifier key on one line`, {
    remedy: 'Give the verifier key that was handed out when the log was made.',
  })
}

/** A key that does not sign any more may have handed over to the one that does. */
function chainFor(dir: string, checkpoint: string, keys: readonly VerifierKey[]): Chain {
  const { signatures } = splitNote(checkpoint)
  const signs = keys.some((key) => signatures.some(({ name, id }) => name === key.name && id === key.id))
  if (signs) return { keys, earlier: [], covers: [] }
  return followHandovers(dir, parseCheckpoint(checkpoint).size, keys)
}

async function verifyFolder(dir: string, checkpoint: string, options: VerifyOptions): Promise<Verdict> {
  const wrong: string[] = []
  const tiles = new TileCollector(({ path, bytes }) => {
    if (!readExportFile(dir, path).equals(bytes)) wrong.push(path)
  })
  // The tiles of level 0 are compared hash by hash already, as the entries' stored hashes.
  const onSubtree = (height: number, root: string): void => {
    if (height > 0) tiles.add(height, root)
  }
  // The size is only used to know where to stop reading; verifyEntries verifies the signature first.
  const { size } = parseCheckpoint(checkpoint)
  const forgotten = { entries: 0 }
  const entries =
    options.leaves === 'any' ? readLeaves(dir, size) : countForgotten(readExportEntries(dir, size), forgotten)
  const verdict = await verifyEntries(entries, checkpoint, { ...options, onSubtree })
  if (!verdict.ok) return verdict
  const robbed = takenAway(verdict.withoutBody, forgotten)
  if (robbed !== undefined) return { ok: false, fault: 'body-missing', reason: robbed }
  tiles.finish()
  if (wrong.length === 0) return verdict
  return {
    ok: false,
    fault: 'file',
    reason: `the log is sound, but ${wrong[0] ?? ''} does not hold its hashes`,
  }
}
