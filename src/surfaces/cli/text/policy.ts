import type { PolicyAnswer, PolicyResult } from '../deps.ts'
import { clean } from './clean.ts'
import type { Paint } from './paint.ts'

const colours = { allow: 'green', ask: 'yellow', wait: 'yellow', deny: 'red' } as const

/** What failed, each with its place and what decided; then a count. */
export function resultsText(results: readonly PolicyResult[], paint: Paint): string {
  const failed = results.filter(({ passed }) => !passed)
  const lines = failed.map(({ file, line, name, faults, found }) => {
    const place = paint('bold', `${clean(file)}:${line}`)
    const said = faults.map((fault) => `    ${clean(fault)}`)
    return [`${place} ${paint('red', 'failed')} ${clean(name)}`, ...said, `    ${clean(found.why)}`].join(
      '\n',
    )
  })
  const count = `${results.length - failed.length} of ${results.length} as expected`
  return [...lines, paint(failed.length === 0 ? 'green' : 'red', count)].join('\n')
}

/** The decision and its reason, who is asked and what is open, then each point with the rules that lost. */
export function explainedText(
  { outcome, why, asks, open, points, file }: PolicyAnswer,
  paint: Paint,
): string {
  const head = `${paint(colours[outcome], outcome)}: ${clean(why)} [${clean(file)}]`
  const each = points.map((point) => {
    const about = point.about === '' ? 'anything' : clean(point.about)
    const lost = point.lost.length === 0 ? '' : `\n      less specific: ${clean(point.lost.join(', '))}`
    return `  ${paint(colours[point.outcome], point.outcome)} ${about}: ${clean(point.rule)}${lost}`
  })
  const asked = asks.map(({ count, from, rule }) => `  asks ${count} of ${clean(from)}: ${clean(rule)}`)
  const unsaid = open.map(({ rule, on }) => `  open ${clean(rule)}: depends on ${clean(on)}`)
  return [head, ...asked, ...unsaid, ...each].join('\n')
}
