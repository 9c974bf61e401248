import type { Command } from 'commander'
import { WhyAnswer } from '../../../core/wire-views.ts'
import type { CommonOptions, Session } from '../session.ts'
import { whyText } from '../text/why.ts'
import { addClientCommand } from './define.ts'

/** `why ID`: why a run is where it is, or what was decided about an alert. The answer comes first. */
export function addWhy(program: Command, session: Session): void {
  addClientCommand(
    program,
    'why <id>',
    'why a run waits or ended, why an alert (fingerprint or name) began nothing, why a command was refused',
  ).action(async (id: string, options: CommonOptions) => {
    const answer = await session.control(options).get(`/v1/why/${encodeURIComponent(id)}`, WhyAnswer)
    session.print(options, whyText(answer, session.paint), answer)
  })
}
