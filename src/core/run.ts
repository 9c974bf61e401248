import type { Because } from './because.ts'
import type { Change, Undo } from './change.ts'
import type { Fact, FactData, Mode } from './fact.ts'
import type { Json, JsonObject } from './json.ts'
import type { Actor } from './person.ts'
import type { Plan } from './plan.ts'
import { itemOf, stepOf } from './plan.ts'
import { isOver, isSettled, type RunStatus, type StepStatus } from './run-states.ts'

export { isOver, isSettled, runStates, stepStates, type RunStatus, type StepStatus } from './run-states.ts'

export type StepState = {
  readonly id: string
  readonly status: StepStatus
  /** Items of a step that repeats, once known. */
  readonly items?: readonly Json[]
  readonly output?: JsonObject
  readonly intent?: FactData<'step.intended'> & { readonly at: string }
  readonly change?: Change
  readonly undo?: Undo
  readonly problem?: FactData<'step.failed'>
  readonly reason?: string
  /** The step waits until then; one that a person does by hand fails then. */
  readonly waitsUntil?: string
  /** What a person is asked to do by hand. */
  readonly asked?: FactData<'step.asked'> & { readonly at: string }
  /** Somebody says that it is done, and the probe has not answered yet. */
  readonly saidDone?: FactData<'step.said-done'> & { readonly at: string }
  /** Why it was not done when somebody last said so. */
  readonly notClosed?: string
  readonly startedAt?: string
  readonly endedAt?: string
}

export type ApprovalState = FactData<'approval.requested'> & {
  readonly at: string
  readonly given: readonly (FactData<'approval.given'> & { readonly at: string })[]
  /** `open` waits for people. Only `satisfied` lets a step act, and eligibility is judged again then. */
  readonly status: 'open' | 'satisfied' | 'voided' | 'rejected' | 'expired'
  readonly voided?: string
}

/** Why nothing more of the main part may start. Closing steps (`when: failed()`) still run. */
export type Stop =
  | { readonly kind: 'rejected' | 'expired'; readonly request: string; readonly reason: string }
  | { readonly kind: 'cancelled'; readonly reason: string }

/** What a run is: the fold of its facts, and nothing besides. */
export type RunState = {
  readonly id: string
  /** Place of the next fact in this run. */
  readonly n: number
  readonly status: RunStatus
  readonly mode: Mode
  readonly requested: FactData<'run.requested'>
  readonly requester: Actor
  readonly because: Because
  readonly plan?: Plan
  readonly approvals: readonly ApprovalState[]
  readonly steps: { readonly [instance: string]: StepState }
  readonly stop?: Stop
  readonly problem?: FactData<'run.failed'>
  readonly reason?: string
  readonly requestedAt: string
  readonly endedAt?: string
}

/** Run state from facts. Undefined when there are none. */
export function fold(facts: Iterable<Fact>): RunState | undefined {
  let state: RunState | undefined
  for (const fact of facts) state = apply(state, fact)
  return state
}

/** The next state. Facts that do not concern the run's state only move `n`. */
export function apply(state: RunState | undefined, fact: Fact): RunState | undefined {
  if (state === undefined) return fact.type === 'run.requested' ? begin(fact) : undefined
  const moved = { ...state, n: (fact.n ?? state.n) + 1 }
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
      return { ...state, stop: state.stop ?? { kind: 'cancelled', reason: fact.data.reason } }
    case 'run.succeeded':
      return { ...state, ...end('succeeded', fact) }
    case 'run.failed':
      return { ...state, ...end('failed', fact), problem: fact.data }
    default:
      return applyStop(state, fact)
  }
}

function applyStop(state: RunState, fact: Fact): RunState {
  switch (fact.type) {
    case 'run.cancelled':
      return { ...state, ...end('cancelled', fact), reason: fact.data.reason }
    case 'run.rejected':
      return { ...state, ...end('rejected', fact), reason: fact.data.reason }
    case 'run.expired':
      return { ...state, ...end('expired', fact), reason: fact.data.reason }
    default:
      return state
  }
}

function end(status: RunStatus, fact: Fact): Pick<RunState, 'status' | 'endedAt'> {
  return isOver(status) ? { status, endedAt: fact.time } : { status }
}

function applyToApprovals(state: RunState, fact: Fact): RunState {
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

/** The approval request that waits for people, if one does. */
export function openRequest(state: RunState): ApprovalState | undefined {
  return state.approvals.find((approval) => approval.status === 'open')
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

function applyToStep(state: RunState, fact: Fact, instance: string): RunState {
  const before: StepState = state.steps[instance] ?? { id: instance, status: 'pending' }
  const after = nextStep(before, fact)
  return after === before ? state : { ...state, steps: { ...state.steps, [instance]: after } }
}

function nextStep(step: StepState, fact: Fact): StepState {
  switch (fact.type) {
    case 'step.expanded':
      return { ...step, items: fact.data.items }
    case 'step.intended':
      return {
        ...step,
        status: 'intended',
        startedAt: step.startedAt ?? fact.time,
        intent: { ...fact.data, at: fact.time },
        change: fact.data.change,
        undo: fact.data.undo,
      }
    case 'step.applied':
      return { ...step, status: 'applied' }
    case 'step.probed':
      return fact.data.verdict === 'absent' && isUnderWay(step) ? { ...step, status: 'pending' } : step
    case 'step.in-doubt':
      return { ...step, status: 'in-doubt', problem: fact.data }
    default:
      return waiting(step, fact)
  }
}

/** A step that waits for time or for a person is pending still: nothing of it is under way in the world. */
function waiting(step: StepState, fact: Fact): StepState {
  const startedAt = step.startedAt ?? fact.time
  switch (fact.type) {
    case 'step.waiting':
      return { ...step, startedAt, waitsUntil: fact.data.until }
    case 'step.asked': {
      const { until } = fact.data
      const asked = { ...fact.data, at: fact.time }
      return { ...step, startedAt, asked, ...(until === undefined ? {} : { waitsUntil: until }) }
    }
    case 'step.said-done':
      return { ...step, saidDone: { ...fact.data, at: fact.time } }
    case 'step.not-closed': {
      const { saidDone: _, ...rest } = step
      return { ...rest, notClosed: fact.data.why }
    }
    default:
      return settled(step, fact)
  }
}

/** Steps that let time pass or wait for somebody's hands, as long as the run is open. */
export function waitingSteps(state: RunState): readonly StepState[] {
  if (isOver(state.status)) return []
  return Object.values(state.steps).filter(
    (step) => !isSettled(step.status) && (step.waitsUntil !== undefined || step.asked !== undefined),
  )
}

function settled(step: StepState, fact: Fact): StepState {
  const over = { endedAt: fact.time, startedAt: step.startedAt ?? fact.time }
  switch (fact.type) {
    case 'step.succeeded':
      return { ...step, status: 'succeeded', output: fact.data.output, ...over }
    case 'step.satisfied':
      return { ...step, status: 'satisfied', output: fact.data.output, change: fact.data.change, ...over }
    case 'step.skipped':
      return { ...step, status: 'skipped', reason: fact.data.reason, ...over }
    case 'step.failed':
      return { ...step, status: 'failed', problem: fact.data, ...over }
    default:
      return step
  }
}

/** An intent without an outcome. After a restart: in doubt. */
export function isUnderWay({ status }: Pick<StepState, 'status'>): boolean {
  return status === 'intended' || status === 'applied'
}

/** The items of a step that repeats, in the order of its list, whichever began or ended first. */
export function itemsOf(state: RunState, step: string): readonly StepState[] {
  return Object.values(state.steps)
    .filter((entry) => entry.id !== step && stepOf(entry.id) === step)
    .toSorted((a, b) => (itemOf(a.id) ?? 0) - (itemOf(b.id) ?? 0))
}

/**
 * The steps as people read them: the items of a step that repeats stand for it, unless it failed as a whole or has none.
 */
export function shownSteps(state: RunState): readonly StepState[] {
  return Object.values(state.steps).filter(
    (step) => step.status === 'failed' || step.items === undefined || step.items.length === 0,
  )
}
