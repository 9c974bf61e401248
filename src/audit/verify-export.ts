import { FirebreakError, isFirebreakError } from '../core/errors.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { EXPORT_FILES } from './export.ts'
import { readExportEntries, readExportFile } from './export-read.ts'
import { parseVerifierKey } from './key.ts'
import type { VerifierKey } from './key.ts'
import { TileCollector } from './tile.ts'
import { verifyEntries } from './verify.ts'
import type { Verdict, VerifyOptions } from './verify.ts'

export type ExportVerifyOptions = Partial<Pick<VerifyOptions, 'keys' | 'missingBodies' | 'earlier'>>

/**
 * The verdict, and where the key came from. `folder` means that the export was held against the key it brought along: it is
 * consistent in itself, and whoever made it up could have made up the key too. Only `caller` proves whose log it is.
 */
export type ExportVerdict = Verdict & { readonly keySource: 'caller' | 'folder' }

/** Verifies an export, offline, with public keys only. A damaged folder is a verdict, not an exception. */
export function verifyExport(dir: string, options: ExportVerifyOptions = {}): ExportVerdict {
  const keySource = options.keys === undefined ? 'folder' : 'caller'
  try {
    const keys = options.keys ?? [folderKey(dir)]
    return { ...verifyFolder(dir, { ...options, keys }), keySource }
  } catch (error) {
    if (!isFirebreakError(error)) throw error
    const fault = error.code === 'audit.bad-export' ? 'file' : 'checkpoint'
    return { ok: false, fault, reason: error.message, keySource }
  }
}

function folderKey(dir: string): VerifierKey {
  const text = readExportFile(dir, EXPORT_FILES.key).toString()
  const key = parseVerifierKey(text)
  if (text === `${key.text}\n`) return key
  throw new FirebreakError('audit.bad-key', `${EXPORT_FILES.key} is not one verifier key on one line`, {
    remedy: 'Give the verifier key that was handed out when the log was made.',
  })
}

function verifyFolder(dir: string, options: VerifyOptions): Verdict {
  const checkpoint = readExportFile(dir, EXPORT_FILES.checkpoint).toString()
  const wrong: string[] = []
  const tiles = new TileCollector(({ path, bytes }) => {
    if (!readExportFile(dir, path).equals(bytes)) wrong.push(path)
  })
  // The tiles of level 0 are compared hash by hash already, as the entries' stored hashes.
  const onSubtree = (height: number, root: string): void => {
    if (height > 0) tiles.add(height, root)
  }
  // The size is only used to know where to stop reading; verifyEntries verifies the signature first.
  const entries = readExportEntries(dir, parseCheckpoint(checkpoint).size)
  const verdict = verifyEntries(entries, checkpoint, { ...options, onSubtree })
  if (!verdict.ok) return verdict
  tiles.finish()
  if (wrong.length === 0) return verdict
  return {
    ok: false,
    fault: 'file',
    reason: `the log is sound, but ${wrong[0] ?? ''} does not hold its hashes`,
  }
}
