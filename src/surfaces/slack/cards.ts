import type { KnownBlock } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import type { InputType, PlaybookInfo } from '../../core/playbook.ts'
import type { Freeze } from '../../core/ports.ts'
import type { Message } from './block.ts'
import { section, sections } from './block.ts'
import { commandUsages } from './command-line.ts'
import { fit } from './fit.ts'
import { defaultOf } from './form-fields.ts'
import { detailsButton } from './run-buttons.ts'
import { requester } from './summary.ts'
import { frozenText } from './thaw-message.ts'
import { code, prose } from './text.ts'
import { localClock, runSigns } from './words.ts'

/** Answers that only the asker sees. */

export type Refusal = { readonly code: string; readonly message: string; readonly remedy: string }

export function note(text: string): Message {
  return { text, blocks: [section(text)] }
}

/** Why not, and what to do instead. Messages may quote what somebody typed, so they are escaped. */
export function refusalText({ code: id, message, remedy }: Refusal): string {
  return `🙅 ${prose(message, 800)}\n*To do:* ${prose(remedy, 800)}${id === '' ? '' : `\n${code(id)}`}`
}

export function refusalCard(refusal: Refusal): Message {
  return note(refusalText(refusal))
}

const meanings: { readonly [word in keyof typeof commandUsages]: string } = {
  run: 'plan, get approval, act',
  plan: 'dry run: show what would change, change nothing',
  status: 'the latest runs, or one run',
  approve: 'shows the plan that waits, with the button to approve it',
  reject: 'ends a run that waits for approval',
  withdraw: 'takes your approval back, as long as not everything has begun',
  'break-glass': 'acts alone, at once: everybody is told, and a review is due',
  review: 'says that you have looked at a run in which somebody acted alone',
  cancel: 'stops a run; steps under way finish',
  resume: 'takes a parked run on: what is in doubt is looked at again',
  undo: 'puts back what a run did, as a run of its own',
  freeze: 'no step may change anything until thaw',
  thaw: 'says that the freeze is to be lifted; it takes several people',
  playbooks: 'what can be run, with inputs',
  help: 'this list',
}

/** `person` is absent for an account that is bound to nobody: it is told how to be. */
export function helpCard(person: string | undefined, user: string): Message {
  const rows = Object.entries(commandUsages).map(
    ([word, usage]) => `${code(`/firebreak ${usage}`)} — ${meaningOf(word)}`,
  )
  const who =
    person === undefined
      ? `Your account ${code(user)} is bound to no person, so it can start and decide nothing. Have ${code(`slack: ${user}`)} added to your entry under ${code('people')} in firebreak.yaml.`
      : `You are ${prose(person, 80)}.`
  const lines = [`${code('/firebreak')} — opens a form`, ...rows]
  return fit(
    'What /firebreak understands: run, plan, status, approve, reject, withdraw, break-glass, review, cancel, undo, freeze, thaw, playbooks, help.',
    [() => [...sections(lines, 15), section(`${who} Write lists as a,b,c and quote values with blanks.`)]],
  )
}

function meaningOf(word: string): string {
  return Object.entries(meanings).find(([name]) => name === word)?.[1] ?? ''
}

export function playbooksCard(playbooks: readonly PlaybookInfo[]): Message {
  if (playbooks.length === 0) return note('No playbook is loaded.')
  const text = `Playbooks: ${playbooks.map(({ name }) => prose(name, 60)).join(', ')}.`
  return fit(text, [
    () => sections(playbooks.map(longEntry), 6),
    () => sections(playbooks.map(shortEntry), 20),
  ])
}

function longEntry(playbook: PlaybookInfo): string {
  return `*${prose(playbook.title, 100)}* (severity ${playbook.severity})\n${code(exampleOf(playbook), 250)}`
}

function shortEntry({ name, title }: PlaybookInfo): string {
  return `${code(name)} ${prose(title, 60)}`
}

/** What to type, with every required input. */
export function exampleOf({ name, inputs }: PlaybookInfo): string {
  const required = Object.entries(inputs).filter(([, type]) => defaultOf(type) === undefined)
  return ['/firebreak plan', name, ...required.map(([input, type]) => `${input}=${sample(type)}`)].join(' ')
}

function sample(type: InputType): string {
  switch (type.type) {
    case 'string':
      return type.enum?.[0] ?? '…'
    case 'integer':
    case 'number':
      return String(type.minimum ?? 1)
    case 'boolean':
      return 'yes'
    case 'array':
      return 'a,b'
    case 'object':
      return "'{}'"
  }
}

/** The latest runs, so that nobody has to remember an id. */
export function runsCard(views: readonly RunView[], freeze: Freeze | undefined): Message {
  const frozen = freeze === undefined ? '' : frozenText(freeze)
  const ice = frozen === '' ? [] : [section(frozen)]
  const said = frozen === '' ? '' : `${frozen}. `
  if (views.length === 0) return { text: `${said}No run yet.`, blocks: [...ice, section('No run yet.')] }
  const text = `${said}Latest runs: ${views.map((view) => `${prose(view.state.requested.playbook.name, 60)} ${runSigns[view.state.status].word}`).join('; ')}.`
  return fit(text, [() => [...ice, ...views.map(row)]])
}

function row(view: RunView): KnownBlock {
  const { state } = view
  const { emoji, word } = runSigns[state.status]
  const dry = state.mode === 'dry-run' ? ', dry run' : ''
  return {
    type: 'section',
    text: {
      type: 'mrkdwn',
      text: `${emoji} *${word}* · ${prose(state.requested.playbook.title, 100)}${dry}\n${code(state.id)} asked by ${prose(requester(view), 60)}, ${localClock(state.requestedAt)}`,
      verbatim: true,
    },
    accessory: detailsButton(view),
  } satisfies KnownBlock
}
