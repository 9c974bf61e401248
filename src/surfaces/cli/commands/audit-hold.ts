import type { Command } from 'commander'
import { outcomeText, signAndSend, type SignOptions } from '../decide.ts'
import type { Session } from '../session.ts'
import { addSigningCommand } from './define.ts'

/** `audit hold` and `audit release`: whether retention may delete what the log has of a run. */
export function addHold(audit: Command, session: Session): void {
  signed(audit, session, {
    kind: 'hold',
    summary: 'a legal hold: nothing of a run is deleted, however old it is (signed)',
    done: 'is held until "firebreak audit release"',
  })
  signed(audit, session, {
    kind: 'release',
    summary: 'end the legal hold on a run (signed)',
    done: 'is held no more: its data goes when it is old enough',
  })
}

type Spec = { readonly kind: 'hold' | 'release'; readonly summary: string; readonly done: string }

function signed(audit: Command, session: Session, { kind, summary, done }: Spec): void {
  addSigningCommand(audit, `${kind} <run>`, summary)
    .requiredOption('--reason <text>', 'why, for the log')
    .action(async (run: string, options: SignOptions) => {
      const action = { kind, run }
      const outcome = await signAndSend(session, session.control(options), { action, options })
      session.print(options, outcomeText(outcome, `run ${run} ${done}`), outcome)
    })
}
