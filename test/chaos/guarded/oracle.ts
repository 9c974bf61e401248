import { illegalMoves } from '../legal.ts'
import { disagreed } from './agreement.ts'
import { overAllowance } from './counting.ts'
import { ends, type Intent, intentsOf, ofType, type Past, pastOf } from './past.ts'
import { reviewedByThemselves, thawedTooEasily, unreviewed } from './people-alone.ts'
import type { Schedule } from './schedule.ts'

/**
 * What must never be, by the log, the world and who people really were: nothing is asked of the program that is looked at.
 */
export function faultsIn(schedule: Schedule): string[] {
  const past = pastOf(schedule)
  const intents = intentsOf(schedule)
  return [
    ...schedule.troubles.map((trouble) => `something failed: ${trouble}`),
    ...standingStill(schedule),
    ...unlawful(schedule),
    ...intents.flatMap((intent) => [
      ...frozen(intent),
      ...takenByTwo(intent),
      ...shut(past, intent),
      ...disagreed(past, intent),
      ...overAllowance(past, intent),
    ]),
    ...thawedTooEasily(schedule, past),
    ...unreviewed(past),
    ...reviewedByThemselves(schedule, past),
    ...landed(schedule, intents),
    ...voidedForNothing(schedule, past),
  ]
}

function standingStill(schedule: Schedule): string[] {
  return schedule
    .runs()
    .filter(({ endedAt, status }) => endedAt === undefined && status !== 'parked')
    .map(({ id, status }) => `${id} stands still: ${status}`)
}

function unlawful(schedule: Schedule): string[] {
  const facts = schedule.facts().filter(({ n }) => n !== undefined)
  return schedule.runs().flatMap(({ id }) => illegalMoves(facts.filter(({ run }) => run === id)))
}

function frozen({ effect, before }: Intent): string[] {
  const last = before.findLast(({ type }) => type === 'freeze.set' || type === 'freeze.lifted')
  return last?.type === 'freeze.set' ? [`${effect} was begun during a freeze`] : []
}

/** Whichever other run has acted on the target has ended. */
function takenByTwo({ effect, fact, before }: Intent): string[] {
  const { id } = fact.data.change.target
  const over = new Set(before.filter(({ type }) => ends.has(type)).map(({ run }) => run))
  return ofType(before, 'step.intended')
    .filter(({ run, data }) => run !== fact.run && !over.has(run) && data.change.target.id === id)
    .map(({ run }) => `${effect} was begun while ${run} had ${id}`)
}

/** It was shut when it was looked at, and still is. */
function shut({ truth }: Past, { effect, fact, judgedAt }: Intent): string[] {
  const isIn = (time: number) =>
    truth.shut?.some(({ from, until, beyond }) => beyond === undefined && from <= time && time < until)
  return isIn(judgedAt) && isIn(Date.parse(fact.time)) ? [`${effect} was begun in a time set aside`] : []
}

/** Effects as they came into the world: each intended, once, found as it was shown, and on nothing that is protected. */
function landed({ world, landings, situation }: Schedule, intents: readonly Intent[]): string[] {
  const { names = [], label } = situation.truth
  return world.landed.flatMap(({ key, before }, i) => {
    const size = landings[i] ?? 0
    const intent = intents.findLast(({ effect, fact }) => effect === key && fact.seq < size)
    const again = world.landed.slice(0, i).some((other) => other.key === key)
    const shown = intent?.fact.data.change.before['value']
    return [
      ...(intent === undefined ? [`${key} happened without its intent`] : []),
      ...(again ? [`${key} happened twice`] : []),
      ...(intent !== undefined && shown !== before.value
        ? [`${key} found ${before.value}, and not ${JSON.stringify(shown)}`]
        : []),
      ...(names.includes(before.name) ? [`${key} touched ${before.name}`] : []),
      ...(label !== undefined && label in before.labels
        ? [`${key} touched ${before.name}, which is labelled ${label}`]
        : []),
    ]
  })
}

const reasons = /leaves the group|is (deactivated|guest) now|is changed|is labelled|withdraws|cancels/

/** What changes nothing of the plan and nobody who agreed costs nobody another click. */
function voidedForNothing({ happened }: Schedule, { truth, facts }: Past): string[] {
  if (
    truth.shut !== undefined ||
    truth.allowances !== undefined ||
    happened.some((name) => reasons.test(name))
  )
    return []
  return ofType(facts, 'approval.voided').map(
    ({ run, data }) => `an approval of ${run} was voided: ${data.why}`,
  )
}
