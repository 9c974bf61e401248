import { resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import type { AuditReport } from '../../../core/app.ts'
import { AuditAnswer, CheckpointAnswer, ExportAnswer } from '../../../core/wire.ts'
import { FactAnswer } from '../../../core/wire-views.ts'
import type { CommonOptions, Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { factLine } from '../text/fact.ts'
import { addClientCommand } from './define.ts'

type ListOptions = CommonOptions & { readonly from: string; readonly limit: string }
type VerifyOptions = CommonOptions & { readonly key?: readonly string[] }

/** `audit list|verify|export|checkpoint`. */
export function addAudit(program: Command, session: Session): void {
  const audit = program.command('audit').description('read, verify and export the audit log')
  addClientCommand(audit, 'list', 'entries of the log, oldest first')
    .option('--from <seq>', 'the first entry', '0')
    .option('--limit <count>', 'how many (at most 1000)', '100')
    .action(async (options: ListOptions) => {
      const query = new URLSearchParams({ from: options.from, limit: options.limit })
      const facts = await session.control(options).get(`/v1/log?${query.toString()}`, z.array(FactAnswer))
      session.print(options, facts.map((fact) => `${fact.seq}  ${factLine(fact)}`).join('\n'), facts)
    })
  addVerify(audit, session)
  addClientCommand(
    audit,
    'export <folder>',
    'write the whole log, with what others need to verify it',
  ).action(async (folder: string, options: CommonOptions) => {
    const where = resolve(session.deps.io.cwd, folder)
    const done = await session.control(options).post('/v1/audit/export', { folder: where }, ExportAnswer)
    session.print(options, `${done.size} entries in ${clean(where)}`, { ...done, folder: where })
  })
  addClientCommand(
    audit,
    'checkpoint',
    'a signed checkpoint over the log as it is now, to be kept elsewhere',
  ).action(async (options: CommonOptions) => {
    const answer = await session.control(options).post('/v1/audit/checkpoint', {}, CheckpointAnswer)
    session.print(options, answer.checkpoint.trimEnd(), answer)
  })
}

function addVerify(audit: Command, session: Session): void {
  addClientCommand(audit, 'verify [folder]', 'check every entry: of the running bot, or of an export')
    .option('--key <vkey...>', 'verifier key that the export must be signed with')
    .action(async (folder: string | undefined, options: VerifyOptions) => {
      const report = await verify(session, folder, options)
      if (!report.ok) session.endWith(1)
      session.print(options, reportText(report, session), report)
    })
}

function verify(session: Session, folder: string | undefined, options: VerifyOptions): Promise<AuditReport> {
  if (folder === undefined) return session.control(options).get('/v1/audit/verify', AuditAnswer)
  const keys = options.key ?? []
  if (keys.length === 0) {
    session.note('without --key the export is held against the key it brought along: that proves no origin')
  }
  return session.deps.files.auditVerifyDir(resolve(session.deps.io.cwd, folder), keys)
}

function reportText(report: AuditReport, { paint }: Session): string {
  if (report.ok) return `${paint('green', 'sound')}: ${report.size} entries, root ${clean(report.root)}`
  const where = report.seq === undefined ? '' : ` at entry ${report.seq}`
  return `${paint('red', 'NOT sound')}${where}: ${clean(report.reason)}`
}
