import type { Account } from '../core/person.ts'
import { type ApprovalState, isOver, type RunState } from '../core/run.ts'
import { type Authority, identify, type Refusal, refusal } from './authority.ts'

type Wanted = { readonly run: RunState; readonly account: Account; readonly authority: Authority }

/** The requests from which a person takes their approval back, or why there is none. */
export type Withdrawal = { readonly person: string; readonly requests: readonly string[] } | Refusal

/** Who has approved may take it back as long as the run is open and something that the request covers has not begun. */
export function judgeWithdrawal({ run, account, authority }: Wanted): Withdrawal {
  const known = identify(account, authority.people)
  if (!known.allow) return known
  const { id, name } = known.person
  if (isOver(run.status)) return over(run)
  const given = run.approvals.filter(
    (approval) => isAlive(approval) && approval.given.some(({ person }) => person === id),
  )
  if (given.length === 0) return nothing(name)
  const open = given.filter((approval) => !hasBegun(run, approval))
  return open.length === 0 ? tooLate(name) : { person: id, requests: open.map(({ request }) => request) }
}

function isAlive({ status }: ApprovalState): boolean {
  return status === 'open' || status === 'satisfied'
}

/** Of everything that it covers there is an intent, or an end. */
function hasBegun({ steps }: RunState, { lines }: ApprovalState): boolean {
  return Object.keys(lines).every((step) => (steps[step]?.status ?? 'pending') !== 'pending')
}

function over({ id, status }: RunState): Refusal {
  return refusal({ code: 'run.over', message: `Run ${id} has ended: ${status}`, remedy: 'Nothing to do.' })
}

function nothing(name: string): Refusal {
  return refusal({
    code: 'approval.nothing-to-withdraw',
    message: `${name} has approved nothing in this run that could be taken back`,
    remedy: 'Look at the run: it shows who has approved what.',
  })
}

function tooLate(name: string): Refusal {
  return refusal({
    code: 'approval.too-late',
    message: `everything that ${name} approved has begun`,
    remedy: 'Cancel the run to stop the rest, or undo what it did.',
  })
}
