import type { Command } from 'commander'
import { z } from 'zod'
import type { SignedAction } from '../../../core/app.ts'
import { ContainmentAnswer } from '../../../core/wire-views.ts'
import { outcomeText, signAndSend, type SignOptions } from '../decide.ts'
import type { CommonOptions, Session } from '../session.ts'
import { containmentsTable } from '../text/containment.ts'
import { addDefaultCommand, addSigningCommand } from './define.ts'

type RenewOptions = SignOptions & { readonly for?: string }

/** `containments`: what is in place for a time, and what people decide about it. */
export function addContainments(program: Command, session: Session): void {
  const containments = program
    .command('containments')
    .description('list effects that are in place for a time; renew, lift or keep them')
  addDefaultCommand(
    containments,
    'list',
    'what is in place for a time, the one that ends first at the top',
  ).action(async (options: CommonOptions) => {
    const views = await session.control(options).get('/v1/containments', z.array(ContainmentAnswer))
    const text =
      views.length === 0 ? 'nothing is in place for a time' : containmentsTable(views, session.paint)
    session.print(options, text, views)
  })
  deciding(containments, 'renew <run> <step>', 'more time, from now on (signed)')
    .option('--for <time>', 'how much, such as 2h (default: as much as it had)')
    .action(async (run: string, step: string, options: RenewOptions) => {
      const time = options.for === undefined ? {} : { for: options.for }
      await decide(session, options, {
        action: { kind: 'renew', run, step, ...time },
        done: `${step} of run ${run} is renewed`,
      })
    })
  deciding(containments, 'lift <run> <step>', 'start a run that puts it back now (signed)').action(
    async (run: string, step: string, options: SignOptions) => {
      await decide(session, options, {
        action: { kind: 'lift', run, step },
        done: `the undo of ${step} of run ${run} has begun`,
      })
    },
  )
  deciding(containments, 'keep <run> <step>', 'it stays for good (signed)').action(
    async (run: string, step: string, options: SignOptions) => {
      await decide(session, options, {
        action: { kind: 'keep', run, step },
        done: `${step} of run ${run} stays for good`,
      })
    },
  )
}

function deciding(parent: Command, usage: string, summary: string): Command {
  return addSigningCommand(parent, usage, summary).requiredOption('--reason <text>', 'why, for the log')
}

type Deciding = { readonly action: SignedAction; readonly done: string }

async function decide(session: Session, options: SignOptions, { action, done }: Deciding): Promise<void> {
  const outcome = await signAndSend(session, session.control(options), { action, options })
  const started = outcome.kind === 'done' && outcome.run !== undefined ? ` as run ${outcome.run}` : ''
  session.print(options, outcomeText(outcome, `${done}${started}`), outcome)
}
