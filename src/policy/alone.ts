import type { Account, Person } from '../core/person.ts'
import type { RunState } from '../core/run.ts'
import { type Judged, type Judgement, judgeShown } from './approval.ts'
import { type Authority, mayDo, type Refusal, refusal } from './authority.ts'
import { isRequester } from './gates.ts'
import type { Point } from './rules.ts'

/** What everybody is told, and the review is about: a word or two would say nothing. */
const SHORTEST_REASON = 10

/**
 * Whether one person may act alone (break-glass): the open request and the plan that was shown; a known person of good
 * standing who may, also the one who asked for the run; and a reason in words. No rule lets anybody do it with others.
 */
export function judgeAlone(judgement: Judgement & { readonly reason: string }): Judged {
  const shown = judgeShown(judgement)
  if (shown.kind === 'refused') return shown
  if (judgement.reason.trim().length < SHORTEST_REASON) return refused(noReason)
  const refusal = whyNotAlone(judgement)
  return refusal === undefined ? shown : refused(refusal)
}

type Alone = Pick<Judgement, 'account' | 'request' | 'authority' | 'about'>

/** Why this account may not act alone on what the request is about; undefined where it may. */
export function whyNotAlone({ account, request, authority, about }: Alone): Refusal | undefined {
  const points = request.gates.flatMap((gate) => about(request, gate))
  const ruled = mayDo({ verb: 'breakGlass', points }, account, authority)
  if (!ruled.allow) return ruled
  return ruled.gates.length === 0 ? undefined : withOthers(ruled.person)
}

type Review = {
  readonly run: RunState
  readonly account: Account
  readonly authority: Authority
  readonly points: readonly Point[]
}

/** Whether this person may review a run in which somebody acted alone: not who did, and not who asked for the run. */
export function judgeReview({ run, account, authority, points }: Review): Judged {
  const ruled = mayDo({ verb: 'review', points }, account, authority)
  if (!ruled.allow) return refused(ruled)
  const { person } = ruled
  if (run.review === undefined || run.review.reviewed !== undefined) return refused(notDue(run))
  if (hasActedAlone(run, person) || isRequester(person, run.requester, authority.people))
    return refused(own(person))
  return { kind: 'counted', person }
}

/** Perhaps not as the last one: a review is about all of it. */
function hasActedAlone({ approvals }: RunState, { id }: Person): boolean {
  return approvals.some(({ bypassed }) => bypassed?.person === id)
}

function refused({ code, message, remedy }: Omit<Refusal, 'allow'>): Judged {
  return { kind: 'refused', code, message, remedy }
}

const noReason = refusal({
  code: 'review.reason-missing',
  message: `acting alone needs a reason of at least ${SHORTEST_REASON} characters`,
  remedy: 'Say in a sentence why it cannot wait for the others: they are told it, and it is reviewed.',
})

function withOthers({ name }: Person): Refusal {
  return refusal({
    code: 'authority.missing-role',
    message: `${name} may not act alone here: a rule of permissions asks others as well`,
    remedy: 'Ask for the approvals, or change the rule.',
  })
}

function notDue({ id, review }: RunState): Refusal {
  const why = review === undefined ? 'nobody has acted alone in it' : 'it has been reviewed'
  return refusal({
    code: 'review.not-due',
    message: `run ${id} waits for no review: ${why}`,
    remedy: 'Nothing to do.',
  })
}

function own({ name }: Person): Refusal {
  return refusal({
    code: 'review.own',
    message: `${name} asked for this run or acted alone in it, and nobody reviews their own act`,
    remedy: 'Ask another person who may review.',
  })
}
