import type { KnownBlock } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import type { StepState } from '../../core/run.ts'
import type { Message } from './block.ts'
import { mrkdwn, section } from './block.ts'
import { doneButton } from './run-buttons.ts'
import { code, link, mention, prose } from './text.ts'
import { clock, localClock } from './words.ts'

/** More stand in the list of steps; each would be a block of its own. */
const MAX_TASKS = 5

type Open = NonNullable<RunView['byHand']>[number]

/** What people are asked to do by hand: each with where, until when, who may say that it is done, and the button for it. */
export function tasks(view: RunView): readonly KnownBlock[] {
  const open = view.byHand ?? []
  const rest = open.length - MAX_TASKS
  return [
    ...open.slice(0, MAX_TASKS).map((task, at) => block(view, task, at)),
    ...(rest > 0 ? [section(`🙋 and ${rest} more that people do by hand`)] : []),
  ]
}

function block(view: RunView, { step, people }: Open, at: number): KnownBlock {
  const state = view.state.steps[step]
  const lines = [
    `🙋 *By hand* (${code(step, 40)}): ${prose(state?.asked?.what ?? '', 600)}`,
    state?.asked?.link === undefined ? '' : `Where: ${link(state.asked.link)}`,
    `May say that it is done: ${names(people)}`,
    ...standing(state),
  ]
  return {
    type: 'section',
    block_id: `hand-${at}-${view.state.n}`,
    text: mrkdwn(lines.filter((line) => line !== '').join('\n')),
    ...(state?.saidDone === undefined ? { accessory: doneButton(view, step) } : {}),
  } satisfies KnownBlock
}

function standing(state: StepState | undefined): readonly string[] {
  if (state === undefined) return []
  const { waitsUntil, saidDone, notClosed } = state
  return [
    waitsUntil === undefined ? '' : `Fails if it is not done by ${localClock(waitsUntil)}`,
    saidDone === undefined ? '' : `🔎 *${prose(saidDone.person, 60)}* says it is done; Firebreak is looking`,
    saidDone === undefined && notClosed !== undefined ? `Not closed yet: ${prose(notClosed, 400)}` : '',
  ]
}

function names(people: Open['people']): string {
  if (people.length === 0) return 'nobody who is configured'
  const shown = people.slice(0, 12).map(({ name }) => prose(name, 60))
  return people.length > 12 ? `${shown.join(', ')} and ${people.length - 12} more` : shown.join(', ')
}

/** The steps for which people are called, by a post of their own: an edit of the run message notifies nobody. */
export function calledFor(view: RunView): readonly string[] {
  const asked = Object.values(view.state.steps).filter((step) => step.asked !== undefined)
  return asked.slice(0, MAX_TASKS).map(({ id }) => id)
}

export function taskMessage(view: RunView, step: string): Message {
  const { asked, status } = view.state.steps[step] ?? {}
  const title = prose(view.state.requested.playbook.title, 120)
  const what = prose(asked?.what ?? '', 600)
  const run = code(view.state.id)
  const open = view.byHand?.find((task) => task.step === step)
  if (open === undefined) {
    const fate = status === 'succeeded' ? 'Done, and seen by the probe' : 'No longer asked'
    return message(`☑️ ${fate}: ${what} (${title}). Run ${run}.`, [])
  }
  const callees = open.people.flatMap(({ slack }) => (slack === undefined ? [] : [mention(slack)]))
  const until = asked?.until === undefined ? '' : `, until ${clock(asked.until)}`
  const text = `🙋 ${callees.slice(0, 20).join(' ')} To be done by hand: ${what} (${title})${until}. Run ${run}.`
  return message(text, [block(view, open, 0)])
}

function message(text: string, blocks: readonly KnownBlock[]): Message {
  return { text, blocks: [section(text), ...blocks] }
}
