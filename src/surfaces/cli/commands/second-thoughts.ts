import type { Command } from 'commander'
import { outcomeText, signAndSend, type SignOptions } from '../decide.ts'
import type { Session } from '../session.ts'
import { addSigningCommand } from './define.ts'

/** `withdraw RUN` and `review RUN`: what is said about a decision after it was made. */
export function addSecondThoughts(program: Command, session: Session): void {
  signed(program, session, {
    kind: 'withdraw',
    summary: 'take your approval of a run back, as long as something that it covers has not begun (signed)',
    reason: 'why, for the log',
    done: 'your approval is taken back; what it was needed for is asked about anew',
  })
  signed(program, session, {
    kind: 'review',
    summary: 'say that you have looked at a run in which somebody acted alone (signed)',
    reason: 'what you found, for the log',
    done: 'reviewed',
  })
}

type Spec = {
  readonly kind: 'withdraw' | 'review'
  readonly summary: string
  readonly reason: string
  readonly done: string
}

function signed(program: Command, session: Session, { kind, summary, reason, done }: Spec): void {
  addSigningCommand(program, `${kind} <run>`, summary)
    .requiredOption('--reason <text>', reason)
    .action(async (run: string, options: SignOptions) => {
      const outcome = await signAndSend(session, session.control(options), { action: { kind, run }, options })
      session.print(options, outcomeText(outcome, `run ${run}: ${done}`), outcome)
    })
}
