import type { Message } from './block.ts'
import type { Desk } from './desk.ts'
import { provenBy } from './desk.ts'
import { splitDigest } from './on-decision.ts'
import { alonenessCard } from './on-wish.ts'
import { openBreakGlass } from './open-word-form.ts'
import type { CommandPayload } from './payload.ts'

type Typed = { readonly run: string; readonly reason: string | undefined }

/** Like an approval, it binds to a plan that its giver has seen: without its digest the form shows it first. */
export async function onBreakGlass(
  desk: Desk,
  payload: CommandPayload,
  { run, reason }: Typed,
): Promise<Message | undefined> {
  const { waitingFor } = await desk.app.run(run)
  const typed = waitingFor === undefined ? undefined : splitDigest(waitingFor, reason)
  if (waitingFor === undefined || typed?.named !== true)
    return await openBreakGlass(desk, payload.trigger_id, { run, typed: reason })
  const { request, digest } = waitingFor
  const proven = await provenBy(desk, { id: payload.user_id, team_id: payload.team_id })
  const wish = { run, request, digest, reason: typed.reason, ...proven }
  return alonenessCard(await desk.app.breakGlass(wish), run)
}
