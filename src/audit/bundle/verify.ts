import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { sha256Hex } from '../../core/canonical.ts'
import { isFirebreakError } from '../../core/errors.ts'
import { verifyCheckpoint } from '../checkpoint.ts'
import type { StoredEntry } from '../entry.ts'
import { damaged, EXPORT_FILES, readExportFile } from '../export-files.ts'
import type { VerifierKey } from '../key.ts'
import { folderKey } from '../verify-export.ts'
import { verifyProof } from '../verify-proof.ts'
import { BUNDLE_FILES, BUNDLE_VERSION, BundleAbout, derivedFiles, proofPath, sumsText } from './files.ts'
import { readRecord } from './record.ts'

export type BundleVerdict =
  | {
      readonly ok: true
      readonly run: string
      readonly entries: number
      readonly checkpoint: string
      readonly size: number
      readonly root: string
      readonly withoutBody: number
      readonly keySource: 'caller' | 'folder'
    }
  | { readonly ok: false; readonly seq?: number; readonly reason: string }

const SUM = /^([0-9a-f]{64}) {2}(\S.*)$/

/** Whether the folder says that it is the evidence of one run. */
export function isBundle(dir: string): boolean {
  return existsSync(join(dir, BUNDLE_FILES.about))
}

/**
 * Verifies the evidence of a run, offline, with public keys only: files against the manifest, entries against the signed
 * checkpoint, the run's own count of its entries, and everything readable against the entries.
 *
 * What it cannot know is whether the run wrote more after its last entry in the bundle; the report says in which state
 * that one left it.
 */
export function verifyBundle(dir: string, keys?: readonly VerifierKey[]): BundleVerdict {
  try {
    const about = readAbout(dir)
    const checkpoint = readExportFile(dir, EXPORT_FILES.checkpoint).toString()
    const head = verifyCheckpoint(checkpoint, keys ?? [folderKey(dir)])
    const bad = wrongFile(dir)
    if (bad !== undefined) return { ok: false, reason: bad }
    const found = readEntries(dir, about, { checkpoint, key: head.key })
    if (!Array.isArray(found)) return found
    const wrong = incomplete(about, found) ?? untrue(dir, about.run, found)
    if (wrong !== undefined) return wrong
    const withoutBody = found.filter(({ data }) => data === null).length
    const { size, root } = head
    const keySource = keys === undefined ? 'folder' : 'caller'
    return { ok: true, run: about.run, entries: found.length, checkpoint, size, root, withoutBody, keySource }
  } catch (error) {
    if (!isFirebreakError(error)) throw error
    return { ok: false, reason: error.message }
  }
}

function readAbout(dir: string): BundleAbout {
  const { about } = BUNDLE_FILES
  let read: BundleAbout
  try {
    read = BundleAbout.parse(JSON.parse(readExportFile(dir, about).toString()))
  } catch (cause) {
    damaged(`${about} cannot be read`, cause)
  }
  if (read.v !== BUNDLE_VERSION) {
    damaged(`${about} is of version ${read.v}, and this program knows ${BUNDLE_VERSION}: use another release`)
  }
  return read
}

/** Every file is in the manifest, and as the manifest says. */
function wrongFile(dir: string): string | undefined {
  const { sums } = BUNDLE_FILES
  const manifest = readExportFile(dir, sums).toString()
  const listed = new Map<string, string>()
  for (const line of manifest.trimEnd().split('\n')) {
    const [, hash = '', path = ''] = SUM.exec(line) ?? []
    listed.set(path, hash)
  }
  const present = filesIn(dir).filter((path) => path !== sums)
  const strange = present.find((path) => !listed.has(path))
  if (strange !== undefined) return `${strange} does not belong to the bundle`
  const gone = [...listed.keys()].find((path) => !present.includes(path))
  if (gone !== undefined) return `${gone} is missing`
  const files = present.map((path) => ({ path, bytes: readExportFile(dir, path) }))
  const changed = files.find(({ path, bytes }) => sha256Hex(bytes) !== listed.get(path))
  if (changed !== undefined) return `${changed.path} is not the file that ${sums} lists`
  return manifest === sumsText(files) ? undefined : `${sums} lists these files in another form`
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = relative(dir, join(entry.parentPath, entry.name))
      // A link would leave the folder: what it leads to is elsewhere tomorrow, or something else.
      return entry.isFile() ? path : damaged(`${path} is not a regular file`)
    })
}

type Signed = { readonly checkpoint: string; readonly key: VerifierKey }

/** The proven entries, or what is wrong with the first that is not proven. */
function readEntries(
  dir: string,
  about: BundleAbout,
  { checkpoint, key }: Signed,
): StoredEntry[] | (BundleVerdict & { ok: false }) {
  const entries: StoredEntry[] = []
  for (const seq of about.entries) {
    const path = proofPath(seq)
    if (!existsSync(join(dir, path))) return no(seq, `${path} is missing`)
    const text = readExportFile(dir, path).toString()
    if (!text.endsWith(`\n\n${checkpoint}`)) return no(seq, `${path} is proved against another checkpoint`)
    const verdict = verifyProof(text, { keys: [key] })
    if (!verdict.ok) return no(seq, verdict.reason)
    const entry = verdict.kind === 'inclusion' && verdict.seq === seq ? verdict.entry : undefined
    if (entry === undefined) return no(seq, `${path} is no proof of this entry`)
    entries.push(entry)
  }
  return entries
}

/** A run counts its entries: a gap is an entry that was left out. */
function incomplete({ run, entries: seqs }: BundleAbout, entries: readonly StoredEntry[]) {
  for (const [n, entry] of entries.entries()) {
    const record = readRecord(entry)
    const seq = seqs[n] ?? 0
    if (record?.run !== run) return no(seq, `it does not belong to run ${run}`)
    if (record.n !== n)
      return no(seq, `it is entry ${record.n ?? '?'} of the run, and entry ${n} belongs here: one is missing`)
  }
  return entries.length === 0
    ? ({ ok: false, reason: `there are no entries of run ${run}` } as const)
    : undefined
}

/** What people read must follow from the entries. */
function untrue(
  dir: string,
  run: string,
  entries: readonly StoredEntry[],
): (BundleVerdict & { ok: false }) | undefined {
  const derived = derivedFiles(run, entries)
  const own = new Set<string>([
    ...Object.values(BUNDLE_FILES),
    ...Object.values(EXPORT_FILES),
    ...entries.map(({ seq }) => proofPath(seq)),
    ...derived.map(({ path }) => path),
  ])
  const strange = filesIn(dir).find((path) => !own.has(path))
  if (strange !== undefined) return { ok: false, reason: `${strange} does not follow from the entries` }
  const wrong = derived.find(
    ({ path, bytes }) => !existsSync(join(dir, path)) || !readExportFile(dir, path).equals(bytes),
  )
  return wrong && { ok: false, reason: `${wrong.path} does not say what the entries say` }
}

function no(seq: number, reason: string): BundleVerdict & { ok: false } {
  return { ok: false, seq, reason: `entry ${seq}: ${reason}` }
}
