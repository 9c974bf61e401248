import type { Json } from '../../core/json.ts'
import { isOver } from '../../core/run.ts'
import type { Message } from './block.ts'
import { chunks, section } from './block.ts'
import type { Line } from './lines.ts'
import { linesOf, longLine } from './lines.ts'
import type { RunModel } from './summary.ts'
import { summary, tally } from './summary.ts'
import { code, fence, prose } from './text.ts'
import { shortDigest, span } from './words.ts'

/** More would drown the thread; `firebreak runs show` has it all. */
const MAX_PAGES = 10

/** The plan in full: every line, reads too, with how it would be put back. */
export function planPages({ view }: RunModel): readonly Message[] {
  const { plan } = view.state
  if (plan === undefined) return []
  const lines = plan.lines.map((line, at) =>
    planned(at + 1, { id: line.step, title: line.title, plan: line }),
  )
  return pages(`📋 Plan ${code(shortDigest(plan.digest))} in full`, lines, view.state.id)
}

function planned(at: number, line: Line): string {
  const { plan } = line
  const undo = plan?.undo === undefined ? '' : `\n      undo: ${undoWords(plan.undo)}`
  const where = plan === undefined ? '' : ` [${code(plan.action, 60)} on ${code(plan.instance, 40)}]`
  return `${at}. ${longLine(line)}${where}${undo}`
}

function undoWords(undo: NonNullable<NonNullable<Line['plan']>['undo']>): string {
  return undo.kind === 'inverse' ? `by ${code(undo.action, 60)}` : `never, ${prose(undo.reason, 150)}`
}

/** Each step's outcome with its output or its problem. */
export function stepPages({ view, probed }: RunModel): readonly Message[] {
  const lines = linesOf(view).filter(({ step }) => step !== undefined && step.status !== 'pending')
  if (lines.length === 0) return []
  const told = lines.map((line) => `${longLine(line)}${took(line)}${proved(line, probed)}${detail(line)}`)
  return pages(`🧾 Steps (${tally(view)})`, told, view.state.id)
}

function took({ step }: Line): string {
  if (step?.startedAt === undefined || step.endedAt === undefined) return ''
  return ` (${span(Date.parse(step.endedAt) - Date.parse(step.startedAt))})`
}

function proved({ id }: Line, probed: ReadonlySet<string>): string {
  return probed.has(id) ? ', seen in place by a probe' : ''
}

function detail({ step }: Line): string {
  if (step?.problem !== undefined)
    return `\n${fence(`${step.problem.message}\nTo do: ${step.problem.remedy}`, 1200)}`
  const output = step?.output
  if (output === undefined || Object.keys(output).length === 0) return ''
  return `\n${fence(
    Object.entries(output)
      .map(([key, value]) => `${key}: ${show(value)}`)
      .join('\n'),
    700,
  )}`
}

function show(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The reply that says how it ended. */
export function endPage(model: RunModel): Message | undefined {
  if (!isOver(model.view.state.status) || model.view.state.status === 'planned') return undefined
  const text = summary(model)
  return { text, blocks: [section(text)] }
}

function pages(title: string, lines: readonly string[], run: string): readonly Message[] {
  const parts = chunks(lines, { lines: 20, chars: 2800 })
  const shown = parts.slice(0, MAX_PAGES)
  return shown.map((part, at) => {
    const heading = parts.length === 1 ? `*${title}*` : `*${title}* (${at + 1} of ${parts.length})`
    const last = at === MAX_PAGES - 1 && parts.length > MAX_PAGES
    const cut = last ? `\n…the rest: ${code(`firebreak runs show ${run}`, 100)}` : ''
    const body = `${heading}\n${part.join('\n')}${cut}`
    return { text: body.slice(0, 3900).toWellFormed(), blocks: [section(body)] }
  })
}
