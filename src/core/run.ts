import type { Fact, FactType } from './fact.ts'
import { applyToApprovals } from './run-approvals.ts'
import { answerSteps, applyToStep } from './run-steps.ts'
import { openRequest, type RunState, type Stop } from './run-state.ts'
import { isOver, type RunStatus } from './run-states.ts'

export { isOver, isSettled, runStates, stepStates, type RunStatus, type StepStatus } from './run-states.ts'
export {
  isLeftAlone,
  isUnderWay,
  itemsOf,
  liveContainments,
  openRequest,
  shownSteps,
  waitingSteps,
  type ApprovalState,
  type Contained,
  type RunState,
  type StepState,
  type Stop,
} from './run-state.ts'

/** Run state from facts. Undefined when there are none. */
export function fold(facts: Iterable<Fact>): RunState | undefined {
  let state: RunState | undefined
  for (const fact of facts) state = apply(state, fact)
  return state
}

/** The next state. Facts that do not concern the run's state only move `n`. */
export function apply(state: RunState | undefined, fact: Fact): RunState | undefined {
  if (state === undefined) return fact.type === 'run.requested' ? begin(fact) : undefined
  const moved = { ...state, n: (fact.n ?? state.n) + 1, recoveries: recoveriesAfter(state, fact) }
  if (fact.step !== undefined) return applyToStep(moved, fact, fact.step)
  if (fact.type.startsWith('approval.')) return applyToApprovals(moved, fact)
  return applyToRun(moved, fact)
}

function begin(fact: Fact & { type: 'run.requested' }): RunState {
  return {
    id: fact.run ?? '',
    n: (fact.n ?? 0) + 1,
    status: 'planning',
    mode: fact.data.mode,
    requested: fact.data,
    requester: fact.actor,
    because: fact.data.because,
    approvals: [],
    steps: {},
    recoveries: 0,
    requestedAt: fact.time,
  }
}

function applyToRun(state: RunState, fact: Fact): RunState {
  switch (fact.type) {
    case 'run.planned':
      return {
        ...state,
        plan: fact.data.plan,
        ...(state.status === 'parked' ? {} : end(state.mode === 'dry-run' ? 'planned' : 'running', fact)),
      }
    case 'run.parked':
      return { ...state, status: 'parked', problem: fact.data }
    case 'run.cancel-requested':
      return stopped(state, { kind: 'cancelled', reason: fact.data.reason })
    case 'run.timed-out':
      return stopped(state, { kind: 'timed-out', reason: 'its time was over' })
    case 'run.resumed':
      return resumed(state, fact)
    case 'run.succeeded':
      return { ...state, ...end('succeeded', fact) }
    case 'run.failed':
      return { ...state, ...end('failed', fact), problem: fact.data }
    default:
      return applyStop(state, fact)
  }
}

function applyHold({ held, ...state }: RunState, fact: Fact): RunState {
  if (fact.type === 'run.held')
    return { ...state, held: { by: fact.actor, at: fact.time, reason: fact.data.reason } }
  return held === undefined || fact.type === 'run.released' ? state : { ...state, held }
}

function reviewed({ review, ...state }: RunState, { data, time }: Fact & { type: 'run.reviewed' }): RunState {
  return review === undefined ? state : { ...state, review: { ...review, reviewed: { ...data, at: time } } }
}

function stopped(state: RunState, stop: Stop): RunState {
  return { ...state, stop: state.stop ?? stop }
}

/** It is again what it would be if it had not been parked. */
function resumed(parked: RunState, fact: Fact & { type: 'run.resumed' }): RunState {
  const { problem: _, ...state } = parked
  const going = state.plan === undefined ? 'planning' : 'running'
  const status = openRequest(state) === undefined ? going : 'awaiting-approval'
  return { ...state, status, steps: answerSteps(state, fact) }
}

/** What shows that a run gets somewhere, whoever has it in hand. */
const progress: ReadonlySet<FactType> = new Set([
  'run.planned',
  'run.resumed',
  'approval.given',
  'step.succeeded',
  'step.satisfied',
  'step.skipped',
  'step.failed',
])

function recoveriesAfter({ recoveries }: RunState, { type }: Fact): number {
  if (type === 'run.recovered') return recoveries + 1
  return progress.has(type) ? 0 : recoveries
}

function applyStop(state: RunState, fact: Fact): RunState {
  switch (fact.type) {
    case 'run.cancelled':
      return { ...state, ...end('cancelled', fact), reason: fact.data.reason }
    case 'run.rejected':
      return { ...state, ...end('rejected', fact), reason: fact.data.reason }
    case 'run.expired':
      return { ...state, ...end('expired', fact), reason: fact.data.reason }
    case 'run.reviewed':
      return reviewed(state, fact)
    default:
      return applyHold(state, fact)
  }
}

function end(status: RunStatus, fact: Fact): Pick<RunState, 'status' | 'endedAt'> {
  return isOver(status) ? { status, endedAt: fact.time } : { status }
}
