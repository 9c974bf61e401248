import type { Change } from '../../../src/core/change.ts'
import type { Fact } from '../../../src/core/fact.ts'
import { humanOf } from './cast.ts'
import { type Intent, ofType, type Past } from './past.ts'
import type { Seat } from './situation.ts'

/** Every request of these situations is open for so long. */
const WITHIN_MS = 30 * 60_000

type Request = Fact & { readonly type: 'approval.requested' }

/** P3 and P4: so many distinct people, who may now, have agreed to exactly this. */
export function disagreed(past: Past, intent: Intent): string[] {
  const { effect, judgedAt } = intent
  const shut = (past.truth.shut ?? []).filter(({ from, until }) => from <= judgedAt && judgedAt < until)
  const asked = shut.flatMap(({ beyond }) => (beyond === undefined ? [] : [[beyond]]))
  const needs = [...(past.truth.needs?.[effect] ?? []), ...asked]
  const lacking = needs.filter((seats) => !haveAgreed(past, intent, seats))
  return [
    ...lacking.map((seats) => `${effect} was begun without ${wordsOf(seats)}: ${given(past, intent)}`),
    ...otherPlan(intent),
  ]
}

/** The seats can be filled with people who have agreed, each of whom takes one; or somebody has acted alone. */
export function haveAgreed(past: Past, intent: Intent, seats: readonly Seat[]): boolean {
  if (hasActedAlone(past, intent)) return true
  const singly = seats.flatMap(({ from, count }) => Array.from({ length: count }, () => from))
  const fits = (from: Seat['from'], human: string) => past.cast.had(human, from, intent.span)
  return fill(singly, agreeing(past, intent), fits)
}

function fill<S>(
  seats: readonly S[],
  humans: readonly string[],
  fits: (seat: S, human: string) => boolean,
): boolean {
  const [seat, ...others] = seats
  if (seat === undefined) return true
  return humans.some(
    (human) =>
      fits(seat, human) &&
      fill(
        others,
        humans.filter((other) => other !== human),
        fits,
      ),
  )
}

/** The humans whose approval of this request stands. */
function agreeing({ facts }: Past, intent: Intent): readonly string[] {
  const request = requestOf(intent)
  if (request === undefined) return []
  const { digest } = request.data
  const words = intent.before.filter(
    (fact) =>
      isAbout(fact, request) && (fact.type === 'approval.given' || fact.type === 'approval.withdrawn'),
  )
  const standing = new Set<string>()
  for (const { type, data, time } of words) {
    if (type === 'approval.withdrawn') standing.delete(humanOf(data.account))
    const inTime = Date.parse(time) < Date.parse(request.time) + WITHIN_MS
    if (type === 'approval.given' && data.digest === digest && inTime) standing.add(humanOf(data.account))
  }
  standing.delete(requesterOf(facts, intent))
  return [...standing]
}

function hasActedAlone({ cast }: Past, intent: Intent): boolean {
  const request = requestOf(intent)
  return ofType(intent.before, 'approval.bypassed').some(
    (fact) =>
      request !== undefined &&
      isAbout(fact, request) &&
      fact.data.digest === request.data.digest &&
      cast.had(humanOf(fact.data.account), 'approver', intent.span),
  )
}

function requestOf({ before, fact }: Intent): Request | undefined {
  return ofType(before, 'approval.requested').findLast(
    ({ run, data }) => run === fact.run && data.request === fact.data.approval,
  )
}

function isAbout({ run, data }: Fact, request: Request): boolean {
  return run === request.run && 'request' in data && data.request === request.data.request
}

function requesterOf(facts: readonly Fact[], { fact }: Intent): string {
  const asked = ofType(facts, 'run.requested').find(({ run }) => run === fact.run)
  return asked?.actor.kind === 'account' ? humanOf(asked.actor.account) : 'nobody'
}

/** What people were shown is what is done. */
function otherPlan(intent: Intent): string[] {
  const request = requestOf(intent)
  if (request === undefined) return []
  const { effect, fact, before } = intent
  const shown = ofType(before.slice(0, request.seq), 'run.planned').findLast(({ run }) => run === fact.run)
    ?.data.plan
  const line = shown?.lines.find(({ step }) => step === fact.step)?.change
  const { change } = fact.data
  const same = shown?.digest === request.data.digest && said(line) === said(change)
  return same ? [] : [`${effect} is not what was approved: ${said(line)}, and it is ${said(change)}`]
}

/** What an effect does, in words to compare. */
function said(change: Change | undefined): string {
  return JSON.stringify([change?.target.id, change?.before, change?.after])
}

function wordsOf(seats: readonly Seat[]): string {
  return seats.map(({ from, count }) => `${count} × ${from}`).join(' and ')
}

function given(past: Past, intent: Intent): string {
  return agreeing(past, intent).join(', ') || 'nobody'
}
