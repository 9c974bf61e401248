import type { Because } from './because.ts'
import { type Containment, isLive } from './containment.ts'
import type { Change, Undo } from './change.ts'
import type { Answer, FactData, Mode } from './fact.ts'
import type { Json, JsonObject } from './json.ts'
import type { Actor } from './person.ts'
import type { Plan } from './plan.ts'
import { itemOf, stepOf } from './plan.ts'
import { isOver, isSettled, type RunStatus, type StepStatus } from './run-states.ts'

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
  /** A guardrail holds its effect back. */
  readonly held?: FactData<'step.held'> & { readonly at: string }
  /** The step waits until then; one that a person does by hand fails then; one that failed is tried again then. */
  readonly waitsUntil?: string
  /** What a person is asked to do by hand. */
  readonly asked?: FactData<'step.asked'> & { readonly at: string }
  /** Somebody says that it is done, and the probe has not answered yet. */
  readonly saidDone?: FactData<'step.said-done'> & { readonly at: string }
  /** Why it was not done when somebody last said so. */
  readonly notClosed?: string
  /** How often it was tried and failed in a way that may pass, and how it failed last. */
  readonly retrying?: { readonly tries: number; readonly problem: FactData<'step.failed'> }
  /** A person's word about an effect in doubt: nothing but this says how it ended. */
  readonly answered?: { readonly as: Answer; readonly by: Actor; readonly at: string }
  /** The effect is in place for a time. It lives on when the run has ended. */
  readonly containment?: Containment
  readonly startedAt?: string
  readonly endedAt?: string
}

export type ApprovalState = FactData<'approval.requested'> & {
  readonly at: string
  readonly given: readonly (FactData<'approval.given'> & { readonly at: string })[]
  /** `open` waits for people. Only `satisfied` lets a step act, and eligibility is judged again then. */
  readonly status: 'open' | 'satisfied' | 'voided' | 'rejected' | 'expired'
  readonly voided?: string
  /** One person acted alone: the request is satisfied by that, as long as the person may. */
  readonly bypassed?: FactData<'approval.bypassed'> & { readonly at: string }
}

/** In this run one person has acted alone. Reviewed by somebody else, or due. */
type ReviewState = {
  readonly by: string
  readonly reason: string
  readonly at: string
  readonly reviewed?: FactData<'run.reviewed'> & { readonly at: string }
}

/** Why nothing more of the main part may start. Closing steps (`when: failed()`) still run. */
export type Stop =
  | { readonly kind: 'rejected' | 'expired'; readonly request: string; readonly reason: string }
  | { readonly kind: 'cancelled' | 'timed-out'; readonly reason: string }

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
  /** How often in a row a process took it up from another one and nothing came of it. */
  readonly recoveries: number
  readonly requestedAt: string
  readonly endedAt?: string
  /** A legal hold: by whom, since when and why. */
  readonly held?: { readonly by: Actor; readonly at: string; readonly reason: string }
  readonly review?: ReviewState
}

/** The approval request that waits for people, if one does. */
export function openRequest(state: RunState): ApprovalState | undefined {
  return state.approvals.find((approval) => approval.status === 'open')
}

/** Steps that let time pass or wait for somebody's hands, as long as the run is open. */
export function waitingSteps(state: RunState): readonly StepState[] {
  if (isOver(state.status)) return []
  return Object.values(state.steps).filter(
    (step) => !isSettled(step.status) && (step.waitsUntil !== undefined || step.asked !== undefined),
  )
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

export type Contained = StepState & { readonly containment: Containment }

/** Effects that are in place for a time, and that nobody has ended. */
export function liveContainments(state: RunState): readonly Contained[] {
  return Object.values(state.steps).filter(
    (step): step is Contained => step.containment !== undefined && isLive(step.containment),
  )
}

/** Parked because this program cannot, or will not, carry it out: nothing of it is under way here, and nothing will be. */
export function isLeftAlone({ status, problem }: RunState): boolean {
  return (
    status === 'parked' && ['run.contract', 'playbook.refused', 'run.poison'].includes(problem?.code ?? '')
  )
}
