import type { Command } from 'commander'
import type { SignedAction } from '../../../core/app.ts'
import type { Answer } from '../../../core/fact.ts'
import { outcomeText, signAndSend, type SignOptions } from '../decide.ts'
import { badUsage, type Session } from '../session.ts'
import { addSigningCommand } from './define.ts'

type ResumeOptions = SignOptions & { readonly applied: readonly string[]; readonly absent: readonly string[] }

/** `runs resume`: a person has looked, and takes a parked run on with what they saw. */
export function addResume(runs: Command, session: Session): void {
  const what = 'take a parked run on; steps in doubt without an answer are looked at again (signed)'
  addSigningCommand(runs, 'resume <run>', what)
    .option('--applied <step>', 'I have looked: this effect is in place (repeatable)', collect, [])
    .option(
      '--absent <step>',
      'I have looked: this effect did not happen; do it now (repeatable)',
      collect,
      [],
    )
    .requiredOption('--reason <text>', 'what was seen, for the log')
    .action(async (run: string, options: ResumeOptions) => {
      const action: SignedAction = { kind: 'resume', run, answers: answersOf(options) }
      const outcome = await signAndSend(session, session.control(options), { action, options })
      session.print(options, outcomeText(outcome, `run ${run} goes on`), outcome)
    })
}

function collect(step: string, before: readonly string[]): readonly string[] {
  return [...before, step]
}

function answersOf({ applied, absent }: ResumeOptions): { readonly [step: string]: Answer } {
  const both = applied.find((step) => absent.includes(step))
  if (both !== undefined)
    throw badUsage(`${both} cannot be both in place and not`, 'Give each step one answer.')
  return Object.fromEntries([
    ...applied.map((step) => [step, 'applied'] as const),
    ...absent.map((step) => [step, 'absent'] as const),
  ])
}
