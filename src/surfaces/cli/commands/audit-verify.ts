import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { AuditReport } from '../../../core/app.ts'
import { AuditAnswer } from '../../../core/wire.ts'
import type { ProofReport } from '../deps.ts'
import { badUsage, type CommonOptions, type Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { addClientCommand, addCommand } from './define.ts'

type VerifyOptions = CommonOptions & {
  readonly key?: readonly string[]
  readonly any?: true
  readonly anchors?: true
  readonly proof?: string
  readonly entry?: string
  readonly earlier?: string
}
type ProofOptions = CommonOptions & { readonly from?: string }

/** `audit verify` and `audit proof`: what anybody can do, on any machine, with the public key. */
export function addAuditVerify(audit: Command, session: Session): void {
  addClientCommand(
    audit,
    'verify [folder]',
    'check every entry: of the running bot, of an export, or of the evidence of a run',
  )
    .option('--key <vkey...>', 'verifier key that the log must be signed with')
    .option('--anchors', 'hold the log of the running bot against the checkpoints kept outside, all of them')
    .option('--any', 'the folder is a tiled log of another program: hash its entries, read nothing in them')
    .option('--proof <file>', 'check a proof file instead')
    .option('--entry <file>', 'the entry it proves, byte for byte, where the proof does not carry it')
    .option('--earlier <file>', 'the earlier checkpoint that a consistency proof starts from')
    .action(async (folder: string | undefined, options: VerifyOptions) => {
      if (options.proof !== undefined) return verifyProof(session, options.proof, options)
      const report = await verify(session, folder, options)
      if (!report.ok) session.endWith(1)
      session.print(options, reportText(report, session), report)
    })
  addCommand(
    audit,
    'proof <seq|folder> [folder]',
    'prove, from an export, that an entry is in the log, or with --from that the log only grew',
  )
    .option('--from <size>', 'an earlier size, or the file of an earlier checkpoint')
    .action((first: string, second: string | undefined, options: ProofOptions) =>
      prove(session, [first, second], options),
    )
}

async function prove(
  session: Session,
  [first, second]: readonly [string, string | undefined],
  options: ProofOptions,
): Promise<void> {
  const { files, io } = session.deps
  const folder = resolve(io.cwd, second ?? first)
  const { from } = options
  const isEntry = from === undefined && second !== undefined && /^\d{1,15}$/.test(first)
  if (!isEntry && (from === undefined || second !== undefined)) {
    throw badUsage('what is to be proved is not clear', 'Give SEQ FOLDER, or --from SIZE FOLDER.')
  }
  const proof = isEntry
    ? await files.auditProveEntry(folder, Number(first))
    : await files.auditProveGrowth(
        folder,
        isSize(from) ? Number(from) : { file: resolve(io.cwd, from ?? '') },
      )
  session.print(options, proof.replace(/\n$/, ''), { proof })
}

function isSize(from: string | undefined): boolean {
  return from !== undefined && /^\d{1,15}$/.test(from)
}

async function verifyProof(session: Session, file: string, options: VerifyOptions): Promise<void> {
  const { key, entry, earlier } = options
  if (key === undefined) {
    throw badUsage('a proof is held against a key', 'Give --key VKEY, as it was handed out with the log.')
  }
  const { files, io } = session.deps
  const report = await files.auditVerifyProof(resolve(io.cwd, file), {
    keys: key,
    ...(entry === undefined ? {} : { entry: resolve(io.cwd, entry) }),
    ...(earlier === undefined ? {} : { earlier: resolve(io.cwd, earlier) }),
  })
  if (!report.ok) session.endWith(1)
  session.print(options, proofText(report, session), report)
}

function proofText(report: ProofReport, { paint }: Session): string {
  if (!report.ok) return `${paint('red', 'NOT proved')}: ${clean(report.reason)}`
  const entry = report.entry === undefined ? [] : [report.entry.leaf, report.entry.data ?? 'without its data']
  return [`${paint('green', 'proved')}: ${clean(report.proves)}`, ...entry.map(clean)].join('\n')
}

function verify(session: Session, folder: string | undefined, options: VerifyOptions): Promise<AuditReport> {
  const anchors = options.anchors === true
  if (folder === undefined)
    return session.control(options).get(`/v1/audit/verify?anchors=${String(anchors)}`, AuditAnswer)
  if (anchors)
    throw badUsage('the anchors are asked by the running bot', 'Give no folder, or leave out --anchors.')
  const keys = options.key ?? []
  const where = resolve(session.deps.io.cwd, folder)
  if (options.any === true) return session.deps.files.auditVerifyAny(where, keys)
  if (keys.length === 0) {
    session.note('without --key the export is held against the key it brought along: that proves no origin')
  }
  return session.deps.files.auditVerifyDir(where, keys)
}

function reportText(report: AuditReport, session: Session): string {
  return [logText(report, session), ...anchorLines(report, session)].join('\n')
}

function anchorLines({ anchors }: AuditReport, { paint }: Session): string[] {
  if (anchors?.length === 0) return ['no anchors are configured: nothing outside remembers this log']
  return (anchors ?? []).map(({ name, place, state, contradicts, says }) => {
    const mark = paint(contradicts ? 'red' : state === 'ok' ? 'green' : 'yellow', state)
    return `anchor ${clean(name)} (${clean(place)}): ${mark}: ${clean(says)}`
  })
}

function logText(report: AuditReport, { paint }: Session): string {
  if (!report.ok) {
    const where = report.seq === undefined ? '' : ` at entry ${report.seq}`
    return `${paint('red', 'NOT sound')}${where}: ${clean(report.reason)}`
  }
  const { size, root, run, withoutBody, keys = [] } = report
  const what =
    run === undefined
      ? `${size} entries`
      : `${run.entries} entries of run ${clean(run.id)}, in a log of ${size}`
  return [
    `${paint('green', 'sound')}: ${what}, root ${clean(root)}`,
    ...(withoutBody === undefined ? [] : [`${withoutBody} of them without their data, which was deleted`]),
    ...keys.map(({ key, covers }) => `the first ${covers} entries are vouched for by ${clean(key)}`),
  ].join('\n')
}
