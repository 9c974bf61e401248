import type { KnownBlock } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import type { Person } from '../../core/person.ts'
import { isOver } from '../../core/run.ts'
import type { Message } from './block.ts'
import { section, sections } from './block.ts'
import { fit } from './fit.ts'
import { linesOf, longLine, shortLine } from './lines.ts'
import { missingWords } from './guardrail-words.ts'
import { decisionButtons, takeBackButton } from './request-buttons.ts'
import { targets } from './summary.ts'
import { code, mention, prose } from './text.ts'
import { clock, localClock, runSigns, shortDigest } from './words.ts'

/** What is waited for: who is missing, who may approve, what their approval covers, and until when. */
export function waiting(view: RunView): readonly KnownBlock[] {
  const given = givenLines(view)
  const { waitingFor } = view
  if (waitingFor === undefined || isOver(view.state.status))
    return given.length === 0 ? [] : [section(given.join('\n'))]
  const lines = [
    `✋ *Waiting for approval*: ${missingWords(view, 150).join('; ')}`,
    `May approve: ${names(waitingFor.eligible)}`,
    `Covers plan ${code(shortDigest(waitingFor.digest))}, expires ${localClock(waitingFor.expires)}`,
    ...again(view, waitingFor.request),
    ...given,
  ]
  return [section(lines.join('\n'))]
}

/** Why it is asked again, when an earlier approval was voided. */
function again(view: RunView, request: string): readonly string[] {
  const because = view.state.approvals.find((approval) => approval.request === request)?.because
  return because === undefined ? [] : [`Asked again: ${prose(because, 300)}`]
}

function givenLines(view: RunView): readonly string[] {
  return view.state.approvals
    .filter((approval) => approval.voided === undefined)
    .flatMap((approval) => approval.given)
    .map(({ person, at }) => `👍 approved by *${prose(person, 60)}* at ${clock(at)}`)
}

function names(people: readonly Person[]): string {
  if (people.length === 0) return 'nobody who is bound to a Slack account'
  const shown = people.slice(0, 12).map((person) => prose(person.name, 60))
  return people.length > 12 ? `${shown.join(', ')} and ${people.length - 12} more` : shown.join(', ')
}

/** The new post that calls the approvers: an edit of the run message notifies nobody. */
export function askMessage(view: RunView, request: string): Message {
  const { state, waitingFor } = view
  const title = prose(state.requested.playbook.title, 120)
  if (waitingFor?.request !== request || isOver(state.status)) return closedAsk(view, request)
  const callees = waitingFor.eligible.flatMap(({ slack }) => (slack === undefined ? [] : [mention(slack)]))
  const missing = missingWords(view, 120).join(' and ')
  const on = targets(view, 3) === '' ? '' : ` on ${targets(view, 3)}`
  const text = `✋ ${callees.slice(0, 20).join(' ')} Approval needed: ${title}${on}, missing ${missing}, until ${clock(waitingFor.expires)}. Run ${code(state.id)}.`
  const effects = linesOf(view).filter(({ plan }) => plan?.kind === 'change' || plan?.kind === 'unknown')
  const form = (show: typeof longLine, max: number) => () => [
    section(text),
    ...sections(effects.slice(0, max).map(show)),
    ...(effects.length > max ? [section(`and ${effects.length - max} more, in the run's thread`)] : []),
    ...waiting(view),
    ...decisionButtons(view),
  ]
  return fit(text, [form(longLine, 20), form(longLine, 6), form(shortLine, 6)])
}

/** Decided, voided or over: the buttons go, the record stays. */
function closedAsk(view: RunView, request: string): Message {
  const { state } = view
  const approval = state.approvals.find((entry) => entry.request === request)
  const by = (approval?.given ?? [])
    .map(({ person, at }) => `${prose(person, 60)} at ${clock(at)}`)
    .join(', ')
  const fate =
    approval?.voided === undefined ? runSigns[state.status].word : `Voided: ${prose(approval.voided, 200)}`
  const who = by === '' ? '' : ` Approved by ${by}.`
  const bypassed = approval?.bypassed
  const alone =
    bypassed === undefined
      ? ''
      : ` 🔨 Break-glass by ${prose(bypassed.person, 60)}: ${prose(bypassed.reason, 500)}.`
  const text = `☑️ No longer waiting: ${prose(state.requested.playbook.title, 120)}.${who}${alone} ${fate}. Run ${code(state.id)}.`
  return { text, blocks: [section(text), ...takeBackButton(view)] }
}
