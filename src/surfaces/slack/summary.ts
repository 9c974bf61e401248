import type { RunView } from '../../core/app.ts'
import { nameOf } from '../../core/person.ts'
import { isOver } from '../../core/run.ts'
import { alone } from './alone.ts'
import { heldSteps, heldWords, missingWords } from './guardrail-words.ts'
import { linesOf } from './lines.ts'
import { code, count, mention, prose } from './text.ts'
import { clock, runSigns, span } from './words.ts'

/** Everything a rendering depends on. Same model, same message. */
export type RunModel = {
  readonly view: RunView
  /** Steps whose effect a probe has seen in place. */
  readonly probed: ReadonlySet<string>
  readonly now: number
  readonly frozen?: string
  /** It is shown as a reply in the thread of a storm, without a thread of its own. */
  readonly reply?: true
}

/** The complete sentence that notifications and screen readers give: state, playbook, targets, what is needed, run. */
export function summary({ view, now, frozen }: RunModel): string {
  const { state } = view
  const { emoji, word } = runSigns[state.status]
  const parts = [
    `${emoji} ${word}: ${prose(state.requested.playbook.title, 120)}`,
    state.mode === 'dry-run' && state.status !== 'planned' ? 'a dry run' : '',
    targets(view, 3) === '' ? '' : `on ${targets(view, 3)}`,
    `asked by ${prose(requester(view), 60)}`,
    needs(view),
    ...held(view),
    problem(view),
    alone(view.state),
    state.reason === undefined ? '' : `because ${prose(state.reason, 200)}`,
    frozen === undefined || isOver(state.status) ? '' : 'Firebreak is frozen, so no step may change anything',
    isOver(state.status) ? `after ${elapsed(view, now)}` : '',
  ]
  return `${parts.filter((part) => part !== '').join(', ')}. Run ${code(state.id)}.`
}

export function requester(view: RunView): string {
  return nameOf(view.state.requester)
}

/** The Slack account of whoever asked, for mentions. */
export function requesterMention(view: RunView): string {
  const { requester } = view.state
  if (requester.kind !== 'account' || requester.account.via !== 'slack') return ''
  return mention(requester.account.user)
}

/** What the run touches: names, the first few. */
export function targets(view: RunView, max: number): string {
  const names = linesOf(view).flatMap(({ plan, step }) => {
    const change = step?.change ?? plan?.change
    return change === undefined ? [] : [change.target.name]
  })
  const unique = [...new Set(names)]
  const shown = unique.slice(0, max).map((name) => code(name, 60))
  return unique.length > max ? `${shown.join(', ')} and ${unique.length - max} more` : shown.join(', ')
}

export function elapsed(view: RunView, now: number): string {
  const end = view.state.endedAt === undefined ? now : Date.parse(view.state.endedAt)
  return span(end - Date.parse(view.state.requestedAt))
}

function needs(view: RunView): string {
  const { waitingFor } = view
  if (waitingFor === undefined || isOver(view.state.status)) return ''
  return `missing ${missingWords(view, 120).join(' and ')}, until ${clock(waitingFor.expires)}`
}

/** What guardrails hold back: the first two, with until when. */
function held(view: RunView): readonly string[] {
  if (isOver(view.state.status)) return []
  const steps = heldSteps(view)
  const names = new Map(linesOf(view).map(({ id, plan }) => [id, plan?.change?.target.name]))
  const said = steps.slice(0, 2).map(({ id, held: by }) => {
    const until = by.until === undefined ? '' : ` until ${clock(by.until)}`
    return `${code(id, 40)} ${heldWords(by, names.get(id))}${until}`
  })
  return steps.length > said.length ? [...said, `${steps.length - said.length} more held back`] : said
}

function problem(view: RunView): string {
  if (view.state.problem === undefined) return ''
  return `${prose(view.state.problem.message, 300)} (${view.state.problem.code})`
}

/** How the steps stand: `3 done, 1 failed, 2 waiting`. */
export function tally(view: RunView): string {
  const counts = new Map<string, number>()
  for (const { step } of linesOf(view)) {
    const status = step?.status ?? 'pending'
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  const words: readonly (readonly [string, string])[] = [
    ['succeeded', 'done'],
    ['satisfied', 'already so'],
    ['failed', 'failed'],
    ['in-doubt', 'in doubt'],
    ['intended', 'now'],
    ['applied', 'being checked'],
    ['skipped', 'skipped'],
    ['pending', 'waiting'],
  ]
  const parts = words.flatMap(([status, word]) => {
    const n = counts.get(status) ?? 0
    return n === 0 ? [] : [`${n} ${word}`]
  })
  return parts.length === 0 ? 'no steps yet' : `${count(linesOf(view).length, 'step')}: ${parts.join(', ')}`
}
