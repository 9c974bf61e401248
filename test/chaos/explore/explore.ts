import type { Fact } from '../../../src/core/fact.ts'
import { illegalMoves } from '../legal.ts'
import type { Without } from './memory.ts'
import { Schedule } from './schedule.ts'
import { along, nextPath, pathWords, play } from './search.ts'
import type { Landed } from './world.ts'

export type Exploring = {
  /** Of the playbook. */
  readonly text: string
  /** Steps that run although the run was stopped. */
  readonly closing: readonly string[]
  /** Steps that need an approval. */
  readonly approved: readonly string[]
  /** How often a schedule may leave the path on which nobody interferes. */
  readonly deviations: number
  readonly most: number
  readonly without?: Without
}

export type Explored = {
  readonly schedules: number
  /** Every schedule within the bound was run. */
  readonly exhausted: boolean
  /** What must never be, with the schedule that leads there. */
  readonly violations: readonly string[]
  /** How runs ended, and how often. */
  readonly ends: { readonly [status: string]: number }
}

/** Depth first through all schedules, each from the beginning, as long as they leave the quiet path no more than so often. */
export async function explore(exploring: Exploring): Promise<Explored> {
  const violations: string[] = []
  const ends: { [status: string]: number } = {}
  let path: readonly number[] | undefined = []
  let schedules = 0
  while (path !== undefined && schedules < exploring.most && violations.length === 0) {
    const schedule = new Schedule(exploring.text, exploring.without)
    // oxlint-disable-next-line no-await-in-loop -- one schedule after the other
    const choices = await play(schedule, along(path))
    schedules += 1
    const status = schedule.state()?.status ?? 'unknown'
    ends[status] = (ends[status] ?? 0) + 1
    violations.push(...faultsIn(schedule, exploring).map((fault) => `${fault} after ${pathWords(choices)}`))
    path = nextPath(choices, exploring.deviations)
  }
  return { schedules, exhausted: path === undefined, violations, ends }
}

function faultsIn(schedule: Schedule, { closing, approved }: Exploring): string[] {
  const { facts } = schedule.memory
  const state = schedule.state()
  const ended = state?.endedAt !== undefined || state?.status === 'parked'
  return [
    ...schedule.troubles.map((trouble) => `a worker failed: ${trouble}`),
    ...(ended ? [] : [`the run stands still: ${state?.status}`]),
    ...schedule.unintended.map((key) => `${key} happened without its intent`),
    ...illegalMoves(facts),
    ...twice(schedule.world.landed, facts),
    ...schedule.world.overlooked.map((key) => `${key} was believed absent, and had happened`),
    ...afterCancel(facts, closing),
    ...unapproved(facts, approved),
    ...unseen(facts, schedule.world.landed),
  ]
}

/** What is guarded never happens twice; anything else only where the world was asked and did not show the first. */
function twice(landed: readonly Landed[], facts: readonly Fact[]): string[] {
  return [...Map.groupBy(landed, ({ key }) => key)].flatMap(([key, own]) => {
    const [first] = own
    if (first === undefined || own.length === 1) return []
    const missed = facts.filter(
      ({ type, step, data }) =>
        type === 'step.probed' && step === first.step && 'verdict' in data && data.verdict === 'absent',
    )
    const allowed = first.guarded ? 1 : 1 + missed.length
    return own.length <= allowed ? [] : [`${key} happened ${own.length} times`]
  })
}

function afterCancel(facts: readonly Fact[], closing: readonly string[]): string[] {
  const cancelled = facts.findIndex(({ type }) => type === 'run.cancel-requested')
  if (cancelled === -1) return []
  return facts
    .slice(cancelled)
    .filter(({ type, step = '' }) => type === 'step.intended' && !closing.includes(step))
    .map(({ step }) => `${step} was begun after the run was cancelled`)
}

function unapproved(facts: readonly Fact[], approved: readonly string[]): string[] {
  const satisfied = new Set<string>()
  return facts.flatMap((fact) => {
    if (fact.type === 'approval.satisfied') satisfied.add(fact.data.request)
    if (fact.type !== 'step.intended' || !approved.includes(fact.step ?? '')) return []
    return satisfied.has(fact.data.approval ?? '') ? [] : [`${fact.step} was begun without its approval`]
  })
}

function unseen(facts: readonly Fact[], landed: readonly Landed[]): string[] {
  const acted = new Set(facts.flatMap(({ type, step }) => (type === 'step.intended' ? [step ?? ''] : [])))
  return facts.flatMap(({ type, step = '' }) =>
    type === 'step.succeeded' && acted.has(step) && !landed.some((one) => one.step === step)
      ? [`${step} is said to be done, and never happened`]
      : [],
  )
}
