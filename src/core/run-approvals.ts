import type { Fact, FactData } from './fact.ts'
import { openRequest, type ApprovalState, type RunState } from './run-state.ts'

/** One person has acted alone, and nobody else has looked at it yet. */
export function isReviewDue({ review }: RunState): boolean {
  return review !== undefined && review.reviewed === undefined
}

/** What a fact about an approval makes of the run. */
export function applyToApprovals(state: RunState, fact: Fact): RunState {
  switch (fact.type) {
    case 'approval.requested':
      return {
        ...state,
        // A parked run stays parked, whatever its other steps still wrote: only a person takes it on.
        status: state.status === 'parked' ? 'parked' : 'awaiting-approval',
        approvals: [...state.approvals, { ...fact.data, at: fact.time, given: [], status: 'open' }],
      }
    case 'approval.given':
      return changeApproval(state, fact.data.request, (approval) => ({
        ...approval,
        given: [...approval.given, { ...fact.data, at: fact.time }],
      }))
    case 'approval.withdrawn':
      return changeApproval(state, fact.data.request, (approval) => ({
        ...approval,
        given: approval.given.filter(({ person }) => person !== fact.data.person),
      }))
    case 'approval.bypassed':
      return bypassed(state, fact)
    case 'approval.satisfied':
      return goOn(
        changeApproval(state, fact.data.request, (approval) => ({ ...approval, status: 'satisfied' })),
      )
    case 'approval.voided':
      return goOn(changeApproval(state, fact.data.request, (approval) => voidSteps(approval, fact.data)))
    default:
      return applyRefusal(state, fact)
  }
}

/** A review is due from here on, and it is about the latest reason. */
function bypassed(state: RunState, { data, time }: Fact & { type: 'approval.bypassed' }): RunState {
  const review = { by: data.person, reason: data.reason, at: time }
  const changed = changeApproval(state, data.request, (approval) => ({
    ...approval,
    status: 'satisfied',
    bypassed: { ...data, at: time },
  }))
  return { ...goOn(changed), review }
}

/** Only the steps whose plan changed lose their approval; what else was approved stays approved. */
function voidSteps(approval: ApprovalState, { steps, why }: FactData<'approval.voided'>): ApprovalState {
  const lines = Object.fromEntries(Object.entries(approval.lines).filter(([step]) => !steps.includes(step)))
  const status = Object.keys(lines).length === 0 ? 'voided' : approval.status
  return { ...approval, lines, status, voided: why }
}

function applyRefusal(state: RunState, fact: Fact): RunState {
  if (fact.type !== 'approval.rejected' && fact.type !== 'approval.expired') return state
  const { request } = fact.data
  const kind = fact.type === 'approval.rejected' ? 'rejected' : 'expired'
  const reason = fact.type === 'approval.rejected' ? fact.data.reason : 'nobody approved in time'
  const closed = changeApproval(state, request, (approval) => ({ ...approval, status: kind }))
  return { ...goOn(closed), stop: state.stop ?? { kind, request, reason } }
}

/** A run waits for people exactly while a request is open. */
function goOn(state: RunState): RunState {
  if (state.status !== 'awaiting-approval') return state
  return openRequest(state) ? state : { ...state, status: 'running' }
}

function changeApproval(
  state: RunState,
  request: string,
  change: (approval: ApprovalState) => ApprovalState,
): RunState {
  const approvals = state.approvals.map((approval) =>
    approval.request === request ? change(approval) : approval,
  )
  return { ...state, approvals }
}
