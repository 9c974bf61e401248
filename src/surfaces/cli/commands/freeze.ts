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
    summary: 'say that the freeze is to be lifted, which takes several people (signed)',
    done: 'thawed: runs may act again',
    counted: 'noted, and it is frozen as before',
  })
}

type Spec = {
  readonly kind: 'freeze' | 'thaw'
  readonly summary: string
  readonly done: string
  /** Where others must say so as well. */
  readonly counted?: string
}

function signed(program: Command, session: Session, { kind, summary, done, counted = done }: Spec): void {
  addSigningCommand(program, kind, summary)
    .requiredOption('--reason <text>', 'why, for the log')
    .action(async (options: SignOptions) => {
      const outcome = await signAndSend(session, session.control(options), { action: { kind }, options })
      const said = outcomeText(outcome, outcome.kind === 'counted' ? counted : done)
      session.print(options, said, outcome)
    })
}
