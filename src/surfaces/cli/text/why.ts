import type { FactType } from '../../../core/fact.ts'
import type { WhyAnswer } from '../../../core/wire-views.ts'
import { clean } from './clean.ts'
import { containmentLines } from './containment.ts'
import { factLine } from './fact.ts'
import type { Paint } from './paint.ts'

/** Facts that carry a reason and are not in the words of the answer already. The whole log of it: `--json`. */
const more: ReadonlySet<FactType> = new Set<FactType>([
  'run.parked',
  'run.held',
  'run.released',
  'run.resumed',
  'step.in-doubt',
  'containment.asked',
  'containment.lifting',
  'containment.not-lifted',
  'containment.renewed',
  'containment.kept',
  'notice.failed',
])

/** The answer, then what it rests on, then what else the log has reasons for. */
export function whyText({ answer, because, run, facts }: WhyAnswer, paint: Paint): string {
  const lines = [
    ...because.map(clean),
    ...(run === null ? [] : containmentLines(run.state)),
    ...facts.filter(({ type }) => more.has(type)).map(factLine),
  ]
  return [paint('bold', clean(answer)), ...lines.map((line) => `  ${line}`)].join('\n')
}
