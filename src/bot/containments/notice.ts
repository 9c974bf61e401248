import type { OutboxNotice } from '../../core/ports.ts'
import type { Contained, RunState } from '../../core/run.ts'
import { cut, type BotParts } from '../parts.ts'

type Telling = Pick<BotParts, 'config'>

/** Tells the channel of the bot, in the transaction of the fact that it is about. Without Slack the log is all there is. */
export function tell(
  { config }: Telling,
  run: RunState,
  { step, text }: { readonly step: Contained; readonly text: string },
): readonly OutboxNotice[] {
  if (config.slack === undefined) return []
  // One for each fact: a bot that is told of the same end twice has written nothing the second time.
  const id = `${run.id}/${step.id}/containment-${run.n}`
  return [{ id, run: run.id, step: step.id, channel: config.slack.channel, text: cut(text, 2000) }]
}

const CHOICE = 'Renew it for more time, lift it now, or keep it for good'

export function announcement(run: RunState, step: Contained, until: string): string {
  const then =
    step.containment.onExpiry === 'undo'
      ? 'Then it undoes itself.'
      : 'Then you are asked what shall become of it.'
  return `⏳ ${nameOf(run, step)} is in place until ${words(until)}. ${then} ${CHOICE}: ${commands(run, step)}.`
}

export function question(run: RunState, step: Contained, why: string): string {
  return `🙋 ${nameOf(run, step)} stays in place: ${why}. ${CHOICE}: ${commands(run, step)}.`
}

/** Its run still has the target in its hands; the undo comes when it has ended. */
export function postponement(run: RunState, step: Contained): string {
  return `⏳ The time of ${nameOf(run, step)} is over, and run ${run.id} has not ended yet: it undoes itself when the run has.`
}

function nameOf(run: RunState, { id, change }: Contained): string {
  const target = change === undefined ? id : change.target.name
  return `The containment of ${target} (${id} of “${run.requested.playbook.title}”)`
}

function commands({ id }: RunState, step: Contained): string {
  return `buttons here, or firebreak containments renew|lift|keep ${id} ${step.id}`
}

/** `2026-01-01 10:00 UTC`. */
function words(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`
}
