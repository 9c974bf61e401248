import type { Command } from 'commander'
import { outcomeText, signAndSend, type SignOptions } from '../decide.ts'
import type { Session } from '../session.ts'
import { addSigningCommand } from './define.ts'

/** `freeze` and `thaw`: whether anything may be changed at all. No question: a freeze is for when seconds count. */
export function addFreeze(program: Command, session: Session): void {
  signed(program, session, {
    kind: 'freeze',
    summary: 'from now on no run changes anything (signed)',
    done: 'frozen: no effect begins until "firebreak thaw"',
  })
  signed(program, session, {
    kind: 'thaw',
    summary: 'lift the freeze (signed)',
    done: 'thawed: runs may act again',
  })
}

type Spec = { readonly kind: 'freeze' | 'thaw'; readonly summary: string; readonly done: string }

function signed(program: Command, session: Session, { kind, summary, done }: Spec): void {
  addSigningCommand(program, kind, summary)
    .requiredOption('--reason <text>', 'why, for the log')
    .action(async (options: SignOptions) => {
      const outcome = await signAndSend(session, session.control(options), { action: { kind }, options })
      session.print(options, outcomeText(outcome, done), outcome)
    })
}
