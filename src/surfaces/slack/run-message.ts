import type { KnownBlock, MrkdwnElement } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import { isOver, isSettled } from '../../core/run.ts'
import { aloneNote } from './alone.ts'
import type { Message } from './block.ts'
import { context, mrkdwn, plainText, section, sections } from './block.ts'
import { containments } from './containments.ts'
import { fit } from './fit.ts'
import type { Line } from './lines.ts'
import { isQuiet, linesOf, longLine, shortLine } from './lines.ts'
import { otherButtons } from './request-buttons.ts'
import { runButtons } from './run-buttons.ts'
import { stormNote, stormSentence } from './storm-message.ts'
import type { StormView } from './storm-view.ts'
import type { RunModel } from './summary.ts'
import { elapsed, requester, summary, tally, targets } from './summary.ts'
import { tasks } from './tasks.ts'
import { code, count, prose } from './text.ts'
import { waiting } from './waiting.ts'
import { clock, runSigns, shortDigest } from './words.ts'

/** The one live message of a run (facts 6.3), and of the storm that it heads. The longest form that fits is taken. */
export function runMessage(model: RunModel, storm?: StormView): Message {
  const top = storm === undefined ? [] : stormNote(storm)
  const said = storm === undefined ? summary(model) : `${stormSentence(storm)} ${summary(model)}`
  const forms = [longLines, shortLines, importantLines, noLines].map((lines) => () => [
    ...top,
    ...blocks(model, lines),
  ])
  return fit(said, forms)
}

type Listing = (model: RunModel) => readonly KnownBlock[]

function blocks(model: RunModel, listing: Listing): readonly KnownBlock[] {
  return [
    header(model),
    { type: 'section', fields: fields(model) },
    ...notes(model),
    ...aloneNote(model.view),
    ...frozenNote(model),
    ...listing(model),
    ...waiting(model.view),
    ...tasks(model.view),
    ...containments(model.view),
    ...outcome(model),
    ...stays(model.view),
    ...runButtons(model.view),
    ...(model.reply === true ? otherButtons(model.view) : []),
    footer(model),
  ] satisfies KnownBlock[]
}

function header({ view }: RunModel): KnownBlock {
  const { emoji, word } = runSigns[view.state.status]
  return { type: 'header', text: plainText(`${emoji} ${word} · ${view.state.requested.playbook.title}`, 150) }
}

function fields({ view, now }: RunModel): MrkdwnElement[] {
  const { state } = view
  const rows: readonly (readonly [string, string])[] = [
    ['Asked by', prose(requester(view), 100)],
    ['Mode', state.mode === 'dry-run' ? 'Dry run (changes nothing)' : 'Run'],
    ['Target', targets(view, 3) === '' ? 'not known yet' : targets(view, 3)],
    ['Elapsed', elapsed(view, now)],
    ...optional('Reason', state.requested.reason),
    ...optional('Alert', state.requested.alert),
    ...optional('Puts back', state.requested.undoes),
  ]
  return rows.map(([label, value]) => mrkdwn(`*${label}*\n${value}`))
}

function optional(label: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[label, prose(value, 300)]]
}

function notes({ view }: RunModel): readonly KnownBlock[] {
  return (view.notes ?? []).map((note) => section(`⚠️ *${prose(note, 300)}*`))
}

function frozenNote({ view, frozen }: RunModel): readonly KnownBlock[] {
  if (frozen === undefined || isOver(view.state.status)) return []
  return [
    section(
      `🧊 *Firebreak is frozen*: ${prose(frozen, 300)}. No step may change anything until it is thawed.`,
    ),
  ]
}

function longLines(model: RunModel): readonly KnownBlock[] {
  return [...total(model.view), ...listed(model, longLine)]
}

function shortLines(model: RunModel): readonly KnownBlock[] {
  return [...total(model.view), ...listed(model, shortLine)]
}

/** A list that is not seen at one glance begins with its sum. */
function total(view: RunView): readonly KnownBlock[] {
  return linesOf(view).length > 8 ? [section(`*${tally(view)}*`)] : []
}

/** Of a very long run: the count, and what is wrong or under way. */
function importantLines(model: RunModel): readonly KnownBlock[] {
  const { view } = model
  const lines = linesOf(view)
  const important = lines.filter(
    ({ step }) => step !== undefined && (!isSettled(step.status) || step.status === 'failed'),
  )
  const shown = important.slice(0, 12)
  const rest = lines.length - shown.length
  return [
    section(`*${tally(view)}*`),
    ...sections(shown.map(shortLine)),
    context(`${count(rest, 'more line')} in the ${restPlace(model)}`),
  ]
}

function noLines(model: RunModel): readonly KnownBlock[] {
  return [section(`*${tally(model.view)}*. The full list is in the ${restPlace(model)}.`)]
}

/** A run in the thread of a storm has none of its own. */
function restPlace({ reply }: RunModel): string {
  return reply === true ? 'details' : 'thread'
}

function listed(model: RunModel, show: (line: Line) => string): readonly KnownBlock[] {
  const lines = linesOf(model.view)
  if (lines.length === 0) return []
  const loud = lines.filter((line) => !isQuiet(line))
  const quiet = lines.length - loud.length
  return [
    ...sections(loud.map(show)),
    ...(quiet === 0 ? [] : [context(`🔍 and ${count(quiet, 'read')}, in the ${restPlace(model)}`)]),
  ]
}

/** After the end: what came of it, and what a probe has proved. */
function outcome({ view, probed }: RunModel): readonly KnownBlock[] {
  const { state } = view
  if (state.status === 'planned')
    return [section('Nothing was changed. *Run this* starts a real run with the same inputs.')]
  const lines = [
    state.problem === undefined
      ? ''
      : `*${prose(state.problem.message, 500)}* (${code(state.problem.code)})\nTo do: ${prose(state.problem.remedy, 500)}`,
    state.reason === undefined ? '' : `Reason: ${prose(state.reason, 500)}`,
    isOver(state.status) && probed.size > 0 ? proof(probed) : '',
  ].filter((line) => line !== '')
  return lines.length === 0 ? [] : [section(lines.join('\n'))]
}

/** Of an undo: what of the other run it leaves, and why. */
function stays({ state }: RunView): readonly KnownBlock[] {
  const left = state.requested.stays ?? []
  if (left.length === 0) return []
  const lines = left.slice(0, 10).map(({ step, reason }) => `${code(step, 40)}: ${prose(reason, 250)}`)
  const more = left.length > 10 ? [`and ${left.length - 10} more`] : []
  return [section(['*Stays as it is*', ...lines, ...more].join('\n'))]
}

function proof(probed: ReadonlySet<string>): string {
  const names = [...probed].slice(0, 10).map((step) => code(step, 40))
  const more = probed.size > 10 ? ` and ${probed.size - 10} more` : ''
  return `🔬 Seen in place by a probe: ${names.join(', ')}${more}`
}

function footer({ view, now }: RunModel): KnownBlock {
  const { state, waitingFor } = view
  const digest = waitingFor?.digest ?? state.plan?.digest
  const parts = [
    `run ${code(state.id)}`,
    `playbook ${code(state.requested.playbook.name)}`,
    digest === undefined ? '' : `plan digest ${code(shortDigest(digest))}`,
    `updated ${clock(now)}`,
  ]
  return context(parts.filter((part) => part !== '').join(' · '))
}
