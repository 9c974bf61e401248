import { FirebreakError } from '../core/errors.ts'
import { parseCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { damaged, EXPORT_FILES, readExportFile } from './export-files.ts'
import { hasBodies, readExportEntry } from './export-read.ts'
import { exportRoots } from './export-roots.ts'
import { leafHash } from './leaf.ts'
import { verifyConsistency, verifyInclusion } from './proof.ts'
import { entryExtra } from './proof-entry.ts'
import { consistencyText, inclusionText } from './proof-text.ts'
import { consistencyProof, inclusionProof, rootAt } from './prove.ts'

/**
 * Proves, from an export of the log, that an entry is in it: a text that holds the entry, the proof and the checkpoint, and
 * that anybody can check with the log's public key. It reads the few files that it needs, whatever the size of the log.
 */
export function proveEntry(dir: string, seq: number): string {
  const checkpoint = readExportFile(dir, EXPORT_FILES.checkpoint).toString()
  const { size, root } = parseCheckpoint(checkpoint)
  const proof = inclusionProof(seq, size, exportRoots(dir, size))
  const entry = readExportEntry(dir, seq, size)
  const leaf = leafHash(entry.leaf)
  if (!verifyInclusion({ index: seq, size, leaf, root, proof })) {
    damaged(`its files do not lead from entry ${seq} to the checkpoint`)
  }
  const extra = hasBodies(dir) ? { extra: entryExtra(entry) } : {}
  return inclusionText({ index: seq, ...extra, proof, checkpoint })
}

/**
 * Proves, from an export of the log, that it extends what it was at an earlier size, or at an earlier checkpoint. From
 * size 0 nothing is proved (see the policy in proof.ts).
 */
export function proveGrowth(dir: string, from: number | Checkpoint): string {
  const checkpoint = readExportFile(dir, EXPORT_FILES.checkpoint).toString()
  const { origin, size, root } = parseCheckpoint(checkpoint)
  const size1 = typeof from === 'number' ? from : from.size
  if (typeof from === 'object' && from.origin !== origin) {
    notExtended(`the checkpoint is of ${from.origin}, and the log is ${origin}`)
  }
  const roots = exportRoots(dir, size)
  const proof = consistencyProof(size1, size, roots)
  const root1 = rootAt(size1, roots)
  if (!verifyConsistency({ size1, size2: size, root1, root2: root, proof })) {
    damaged('its tiles do not lead to the checkpoint')
  }
  if (typeof from === 'object' && from.root !== root1) {
    notExtended(`the first ${size1} entries of the log are not those that the earlier checkpoint covers`)
  }
  return consistencyText({ from: size1, proof, checkpoint })
}

function notExtended(what: string): never {
  throw new FirebreakError('audit.not-extended', what, {
    remedy:
      'Keep both checkpoints: together they show that the log was rewritten, or that one is of another log.',
  })
}
