import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalJson } from '../../core/canonical.ts'
import { FirebreakError } from '../../core/errors.ts'
import { verifyCheckpoint } from '../checkpoint.ts'
import type { ExportSource } from '../export.ts'
import { EXPORT_FILES } from '../export-files.ts'
import { entryExtra } from '../proof-entry.ts'
import { inclusionText } from '../proof-text.ts'
import { inclusionProof } from '../prove.ts'
import { collect } from './collect.ts'
import {
  BUNDLE_FILES,
  BUNDLE_VERSION,
  type BundleAbout,
  derivedFiles,
  file,
  proofPath,
  sumsText,
} from './files.ts'
import type { BundleFile } from './files.ts'

/** The whole log is read, for the proofs; `seqs` are the entries of the run, in order. */
export type BundleSource = ExportSource & { readonly run: string; readonly seqs: readonly number[] }

/**
 * Writes the evidence of one run into a new or empty folder: its entries, each with the proof that it is in the log of one
 * signed checkpoint, and what follows from them. Nothing else of the log leaves the house.
 */
export async function writeBundle(dir: string, source: BundleSource): Promise<{ readonly size: number }> {
  const { run, checkpoint, key } = source
  const head = verifyCheckpoint(checkpoint, [key])
  const seqs = source.seqs.filter((seq) => seq < head.size)
  await mkdir(dir, { recursive: true })
  if ((await readdir(dir)).length > 0) {
    throw new FirebreakError('audit.export-exists', `${dir} is not empty`, { remedy: 'Name a new folder.' })
  }
  const { entries, roots } = await collect(source.entries, head, seqs)
  const proofs = entries.map((entry) => {
    const proof = inclusionProof(entry.seq, head.size, roots)
    return file(
      proofPath(entry.seq),
      inclusionText({ index: entry.seq, extra: entryExtra(entry), proof, checkpoint }),
    )
  })
  const about: BundleAbout = { v: BUNDLE_VERSION, run, entries: seqs }
  const files = [
    file(BUNDLE_FILES.about, `${canonicalJson(about)}\n`),
    file(EXPORT_FILES.key, `${key.text}\n`),
    file(EXPORT_FILES.checkpoint, checkpoint),
    ...proofs,
    ...derivedFiles(run, entries),
  ]
  await writeAll(dir, [...files, file(BUNDLE_FILES.sums, sumsText(files))])
  return { size: entries.length }
}

async function writeAll(dir: string, files: readonly BundleFile[]): Promise<void> {
  for (const { path, bytes } of files) {
    const to = join(dir, path)
    // oxlint-disable-next-line no-await-in-loop -- in order, so that an interrupted bundle has no manifest
    await mkdir(dirname(to), { recursive: true })
    // oxlint-disable-next-line no-await-in-loop -- as above
    await writeFile(to, bytes, { flag: 'wx' })
  }
}
