import { resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { CheckpointAnswer, ExportAnswer } from '../../../core/wire.ts'
import { FactAnswer } from '../../../core/wire-views.ts'
import type { CommonOptions, Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { factLine } from '../text/fact.ts'
import { addHold } from './audit-hold.ts'
import { addAuditVerify } from './audit-verify.ts'
import { addClientCommand, addCommand } from './define.ts'

/** The filters of `audit list`; each is part of the query under its own name. */
const filters = ['run', 'person', 'target', 'type', 'since', 'until'] as const

type ListOptions = CommonOptions & { readonly from: string; readonly limit: string } & {
  readonly [F in (typeof filters)[number]]?: string
}
type ExportOptions = CommonOptions & { readonly run?: string }
type RotateOptions = CommonOptions & { readonly config?: string; readonly end?: true }

/** `audit list|verify|proof|export|checkpoint|hold|release|rotate-key`. */
export function addAudit(program: Command, session: Session): void {
  const audit = program.command('audit').description('read, verify, prove and export the audit log')
  addList(audit, session)
  addAuditVerify(audit, session)
  addExport(audit, session)
  addClientCommand(
    audit,
    'checkpoint',
    'a signed checkpoint over the log as it is now, to be kept elsewhere',
  ).action(async (options: CommonOptions) => {
    const answer = await session.control(options).post('/v1/audit/checkpoint', {}, CheckpointAnswer)
    session.print(options, answer.checkpoint.trimEnd(), answer)
  })
  addHold(audit, session)
  addInit(audit, session)
  addRotate(audit, session)
}

function addList(audit: Command, session: Session): void {
  addClientCommand(audit, 'list', 'entries of the log, oldest first')
    .option('--from <seq>', 'the first entry', '0')
    .option('--limit <count>', 'how many (at most 1000)', '100')
    .option('--run <id>', 'only those of this run')
    .option('--person <id>', 'only those by or about this person, or this account as the list shows it')
    .option('--target <id>', 'only plans and effects on this target, by its id or name')
    .option(
      '--type <type>',
      'only this type, such as step.intended, or all that begin with it, such as approval',
    )
    .option('--since <time>', 'only from this time on, such as 2026-01-31T00:00:00Z')
    .option('--until <time>', 'only before this time')
    .action(async (options: ListOptions) => {
      const query = new URLSearchParams({ from: options.from, limit: options.limit })
      for (const name of filters) if (options[name] !== undefined) query.set(name, options[name])
      const facts = await session.control(options).get(`/v1/log?${query.toString()}`, z.array(FactAnswer))
      session.print(options, facts.map((fact) => `${fact.seq}  ${factLine(fact)}`).join('\n'), facts)
    })
}

function addExport(audit: Command, session: Session): void {
  addClientCommand(
    audit,
    'export <folder>',
    'write the whole log, or the evidence of one run, with what others need to verify it',
  )
    .option('--run <id>', 'only the evidence of this run: entries, proofs, plans, approvals and a report')
    .action(async (folder: string, options: ExportOptions) => {
      const where = resolve(session.deps.io.cwd, folder)
      const call = { folder: where, ...(options.run === undefined ? {} : { run: options.run }) }
      const done = await session.control(options).post('/v1/audit/export', call, ExportAnswer)
      const gone = done.withoutBody === undefined ? '' : `, ${done.withoutBody} of them without their data`
      session.print(options, `${done.size} entries${gone} in ${clean(where)}`, { ...done, folder: where })
    })
}

function addInit(audit: Command, session: Session): void {
  addCommand(audit, 'init', 'make the signing key of a log that several processes will share')
    .option('--config <file>', 'firebreak.yaml (default: FIREBREAK_CONFIG)')
    .option('--state <folder>', 'state folder (default: the one of the configuration)')
    .action(async ({ config, state, ...options }: RotateOptions) => {
      const made = await session.deps.owner.initAudit({
        ...(config === undefined ? {} : { config }),
        ...(state === undefined ? {} : { state }),
      })
      const told = [
        made.key,
        `Hand this line to whoever verifies the log. The signing key is ${made.file}: give it to every process that`,
        'shares the journal, in its state folder with mode 0600, keep a copy offline, and show it to nobody else.',
      ]
      session.print(options, told.map(clean).join('\n'), made)
    })
}

function addRotate(audit: Command, session: Session): void {
  addCommand(audit, 'rotate-key', 'make a new signing key; the old one signs beside it until --end')
    .option('--config <file>', 'firebreak.yaml (default: FIREBREAK_CONFIG)')
    .option('--state <folder>', 'state folder (default: the one of the configuration)')
    .option('--end', 'end the overlap: the old key signs no more, and is deleted')
    .action(async ({ config, state, end, ...options }: RotateOptions) => {
      const { owner, io } = session.deps
      const done = await owner.rotateKey({
        end: end === true,
        user: io.user,
        ...(config === undefined ? {} : { config }),
        ...(state === undefined ? {} : { state }),
      })
      const told = end === true ? `${done.key} signs alone` : `${done.key} signs beside ${done.previous}`
      session.print(options, `${clean(told)}: hand the new key to whoever verifies the log`, done)
    })
}
