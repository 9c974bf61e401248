import { z } from 'zod'
import { sha256Hex } from '../../core/canonical.ts'
import type { StoredEntry } from '../entry.ts'
import { readRecord, type EntryRecord } from './record.ts'
import { reportText } from './report.ts'

/** Raised when what is made from entries changes: a bundle is compared with what this version would make. */
export const BUNDLE_VERSION = 1

/** Names of the files of a bundle that every one has. `key.vkey` and `checkpoint` are those of an export. */
export const BUNDLE_FILES = { about: 'bundle.json', sums: 'SHA256SUMS', report: 'report.md' } as const

/** What `bundle.json` says: of which run, and which entries of the log. */
export const BundleAbout = z.strictObject({
  v: z.int(),
  run: z.string(),
  entries: z.array(z.int().min(0)),
})
export type BundleAbout = z.infer<typeof BundleAbout>

export type BundleFile = { readonly path: string; readonly bytes: Buffer }

const Signed = z.looseObject({
  evidence: z.looseObject({ kind: z.literal('ssh'), message: z.string(), signature: z.string() }),
})
const WithPlaybook = z.looseObject({ playbook: z.looseObject({ text: z.string() }) })

/** `entries/000000012.tlog-proof`: the names sort as the entries do. */
export function proofPath(seq: number): string {
  return `entries/${String(seq).padStart(9, '0')}.tlog-proof`
}

/** The files that follow from the entries of a run: for people and other programs. */
export function derivedFiles(run: string, entries: readonly StoredEntry[]): BundleFile[] {
  const records = entries.flatMap((entry) => readRecord(entry) ?? [])
  return [file(BUNDLE_FILES.report, reportText(run, records)), ...records.flatMap(filesOf)]
}

function filesOf(record: EntryRecord): BundleFile[] {
  const { seq, type, data } = record
  if (data === undefined) return []
  return [
    ...(type === 'run.requested' ? playbookFile(data) : []),
    ...(type === 'run.planned' ? [file(`plans/${seq}.json`, json(data['plan']))] : []),
    ...(type.startsWith('approval.') ? [file(`approvals/${seq}.json`, json({ type, ...data }))] : []),
    ...signedFiles(record),
  ]
}

function playbookFile(data: object): BundleFile[] {
  const { success, data: found } = WithPlaybook.safeParse(data)
  return success ? [file('playbook.yaml', found.playbook.text)] : []
}

/** What somebody signed and how, so that their signature can be checked with their own tools. */
function signedFiles({ seq, data }: EntryRecord): BundleFile[] {
  const { success, data: found } = Signed.safeParse(data)
  if (!success) return []
  const { message, signature } = found.evidence
  return [file(`approvals/${seq}.message`, message), file(`approvals/${seq}.sig`, signature)]
}

/** The manifest, as `sha256sum` writes it. */
export function sumsText(files: readonly BundleFile[]): string {
  const lines = files.map(({ path, bytes }) => `${sha256Hex(bytes)}  ${path}\n`)
  return lines.toSorted((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join('')
}

export function file(path: string, text: string): BundleFile {
  return { path, bytes: Buffer.from(text) }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
