import { stepOf, type PlanLine } from '../../core/plan.ts'
import { isOver, isUnderWay, itemsOf, openRequest, type RunState, type StepState } from '../../core/run.ts'

export type MarkKind = 'done' | 'failed' | 'waiting' | 'now' | 'skipped' | 'later' | 'doubt'

/** Where a step stands in a run: a colour, and always a word, because not everybody sees the colour. */
export type Mark = { readonly kind: MarkKind; readonly words: string }

export function markOf(run: RunState, step: string): Mark {
  const items = itemsOf(run, step)
  const whole = run.steps[step]
  if (items.length > 0 && whole?.status !== 'skipped') return ofItems(run, whole, items)
  if (run.status === 'planned') return ofPlan(run.plan?.lines.find((line) => stepOf(line.step) === step))
  const asked = whole === undefined || whole.status === 'pending' ? waiting(run, step) : undefined
  return asked ?? ofStep(run, whole)
}

function ofStep(run: RunState, step: StepState | undefined): Mark {
  switch (step?.status) {
    case 'succeeded':
      return { kind: 'done', words: 'done' }
    case 'satisfied':
      return { kind: 'done', words: 'was already so' }
    case 'skipped':
      return { kind: 'skipped', words: 'skipped' }
    case 'failed':
      return { kind: 'failed', words: 'failed' }
    case 'in-doubt':
      return { kind: 'doubt', words: 'in doubt' }
    case 'intended':
    case 'applied':
      return { kind: 'now', words: 'now' }
    default:
      return ofPending(run, step)
  }
}

/** A step that lets time pass, or that a person does by hand, is pending until that is over. */
function ofPending(run: RunState, step: StepState | undefined): Mark {
  if (isOver(run.status)) return { kind: 'skipped', words: 'never begun' }
  if (step?.saidDone !== undefined) return { kind: 'now', words: 'said to be done, being checked' }
  if (step?.asked !== undefined) return { kind: 'waiting', words: 'waiting for a person' }
  if (step?.waitsUntil !== undefined) return { kind: 'waiting', words: 'waiting for its time' }
  return { kind: 'later', words: 'not yet' }
}

/**
 * How far a request is can be said only where all that it asks for are of one role: which role a person has who agreed is
 * not in the run.
 */
function waiting(run: RunState, step: string): Mark | undefined {
  const request = openRequest(run)
  if (request === undefined || !Object.keys(request.lines).some((line) => stepOf(line) === step)) {
    return undefined
  }
  const counts = request.gates.flatMap(({ scope, count }) =>
    scope === 'run' || stepOf(scope) === step ? [count] : [],
  )
  const roles = new Set(request.gates.map(({ from }) => from))
  if (counts.length === 0 || roles.size !== 1) return { kind: 'waiting', words: 'waiting for approval' }
  const needed = Math.max(...counts)
  return {
    kind: 'waiting',
    words: `waiting: ${Math.min(request.given.length, needed)} of ${needed} approved`,
  }
}

/** How many of the entries ended how; the worst that happened gives the colour. */
function ofItems(run: RunState, whole: StepState | undefined, items: readonly StepState[]): Mark {
  const count = (...statuses: StepState['status'][]): number =>
    items.filter(({ status }) => statuses.includes(status)).length
  const total = Math.max(items.length, whole?.items?.length ?? 0)
  const done = count('succeeded', 'satisfied', 'skipped')
  const bad = { failed: count('failed'), doubt: count('in-doubt') }
  const said = [
    `${done} of ${total} done`,
    ...(bad.failed > 0 ? [`${bad.failed} failed`] : []),
    ...(bad.doubt > 0 ? [`${bad.doubt} in doubt`] : []),
  ].join(', ')
  const asked = items.some(isUnderWay) ? undefined : waiting(run, stepOf(items[0]?.id ?? ''))
  const words = asked === undefined ? said : `${said}; ${asked.words}`
  return { kind: kindOfItems(bad, done === total, asked !== undefined), words }
}

type Bad = { readonly failed: number; readonly doubt: number }

function kindOfItems({ failed, doubt }: Bad, over: boolean, asked: boolean): MarkKind {
  if (doubt > 0) return 'doubt'
  if (failed > 0) return 'failed'
  if (over) return 'done'
  return asked ? 'waiting' : 'now'
}

/** A dry run has done nothing: it says what would be. */
const planned: { readonly [K in PlanLine['kind']]: Mark } = {
  change: { kind: 'now', words: 'would change something' },
  satisfied: { kind: 'done', words: 'is already so' },
  read: { kind: 'done', words: 'was read' },
  notify: { kind: 'now', words: 'would be sent' },
  wait: { kind: 'now', words: 'would wait' },
  manual: { kind: 'now', words: 'a person would be asked' },
  unknown: { kind: 'later', words: 'not known yet' },
  fails: { kind: 'failed', words: 'would fail' },
  skip: { kind: 'skipped', words: 'would be skipped' },
}

function ofPlan(line: PlanLine | undefined): Mark {
  if (line === undefined) return planned.unknown
  return line.onFailure ? { kind: 'later', words: 'only after a failure' } : planned[line.kind]
}
