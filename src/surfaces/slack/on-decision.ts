import type { RunView } from '../../core/app.ts'
import type { Message } from './block.ts'
import type { DecisionCommand } from './command-line.ts'
import type { Desk } from './desk.ts'
import { outcomeCard, provenBy } from './desk.ts'
import { modelOf } from './model.ts'
import type { CommandPayload } from './payload.ts'
import { runMessage } from './run-message.ts'

/**
 * A typed approval shows the plan first, with the button that is bound to it: an approval signs what its giver has
 * seen (P3), and who types an id may have seen an older plan. With the digest typed as well it counts at once.
 * A rejection needs neither: it changes nothing.
 */
export async function onDecision(
  desk: Desk,
  payload: CommandPayload,
  { word, run, reason }: DecisionCommand,
): Promise<Message> {
  const model = await modelOf(desk.app, run)
  const { waitingFor } = model.view
  if (waitingFor === undefined) return runMessage(model)
  const typed = splitDigest(waitingFor, reason)
  if (word === 'approve' && !typed.named) return runMessage(model)
  const outcome = await desk.app.decide({
    run,
    request: waitingFor.request,
    digest: waitingFor.digest,
    decision: word,
    ...(await provenBy(desk, { id: payload.user_id, team_id: payload.team_id })),
    ...(typed.reason === '' ? {} : { reason: typed.reason }),
  })
  return outcomeCard(outcome, word)
}

type Waiting = NonNullable<RunView['waitingFor']>

/** At least 12 digits of the digest, as the message shows them, may come before the reason. */
export function splitDigest(
  { digest }: Waiting,
  text = '',
): { readonly named: boolean; readonly reason: string } {
  const [first = '', ...rest] = text.split(' ')
  const named = first.length >= 12 && digest.replace(/^sha256:/, '').startsWith(first.toLowerCase())
  return { named, reason: named ? rest.join(' ') : text }
}
