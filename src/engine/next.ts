import { durationText } from '../core/duration.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { RunState, Stop } from '../core/run.ts'
import { isOver, isSettled, isUnderWay, itemsOf } from '../core/run.ts'
import { instanceOf, itemOf } from '../core/plan.ts'
import type { Playbook, Step } from '../playbook/playbook.ts'
import type { Draft } from './journal.ts'
import { hasFailed, isStepOver, stepFailed, valuesOf } from './values.ts'

/** What the interpreter wants done next. Nothing here has happened yet. */
export type Command =
  | { readonly kind: 'append'; readonly facts: readonly Draft[] }
  | { readonly kind: 'start'; readonly step: Step; readonly instance: string; readonly item?: number }
  | { readonly kind: 'plan' }
  | { readonly kind: 'end'; readonly fact: Draft }

/** What this process has in hand. */
export type Busy = {
  /** It is under way, or waits for somebody: it is not started again. */
  readonly has: (instance: string) => boolean
  /** It is under way. */
  readonly acts: (instance: string) => boolean
  readonly idle: boolean
}

/**
 * The interpreter: facts in, commands out, nothing else (pure). Reads that depend on no effect run first and are facts;
 * then the whole graph is planned; then steps run as soon as what they need is over; a failure starts nothing more of
 * the main part; closing steps run when the main part is over; then the run ends.
 */
export function next(state: RunState, playbook: Playbook, busy: Busy): readonly Command[] {
  if (isOver(state.status)) return []
  if (state.status === 'parked') return parked(state, playbook, busy)
  const scope = mainScope(state, playbook)
  const failed = hasFailed(state, playbook)
  const commands = failed
    ? [...settleStarted(state, scope), ...inDoubt(state, scope, busy)]
    : scope.flatMap((step) => forStep(state, playbook, { step, busy }))
  if (commands.length > 0 || !busy.idle) return commands
  if (failed) return close(state, playbook, busy)
  if (!scope.every((step) => isStepOver(state, step))) return []
  return state.plan === undefined ? [{ kind: 'plan' }] : close(state, playbook, busy)
}

/** Only a person takes a parked run on, or ends it. What else a crash left in doubt in it is looked at all the same. */
function parked(state: RunState, playbook: Playbook, busy: Busy): readonly Command[] {
  // What ends one process after the other is not touched again before a person says so.
  if (state.problem?.code === 'run.poison') return []
  const commands = inDoubt(state, playbook.steps, busy)
  if (commands.length > 0 || !busy.idle || state.stop?.kind !== 'cancelled') return commands
  return [{ kind: 'end', fact: stopped(state.stop, playbook) }]
}

/** Before there is a plan only early reads may run. */
function mainScope(state: RunState, playbook: Playbook): readonly Step[] {
  const main = playbook.steps.filter((step) => !step.closing)
  return state.plan === undefined ? main.filter((step) => isEarlyRead(playbook, step)) : main
}

/** A read that needs only reads: it runs before the plan is made, so that the plan rests on what it returned. */
function isEarlyRead(playbook: Playbook, step: Step): boolean {
  if (step.closing || step.action.effect !== 'read') return false
  return step.needs.every((need) => {
    const found = playbook.steps.find((candidate) => candidate.id === need)
    return found !== undefined && isEarlyRead(playbook, found)
  })
}

function close(state: RunState, playbook: Playbook, busy: Busy): readonly Command[] {
  // A dry run changes nothing, so there is nothing to report or clear up either.
  if (state.mode === 'dry-run') return [{ kind: 'end', fact: endOf(state, playbook) }]
  const closing = playbook.steps.filter((step) => step.closing)
  const commands = closing.flatMap((step) => forStep(state, playbook, { step, busy }))
  if (commands.length > 0) return commands
  return closing.every((step) => isStepOver(state, step))
    ? [{ kind: 'end', fact: endOf(state, playbook) }]
    : []
}

type Turn = { readonly step: Step; readonly busy: Busy }

function forStep(state: RunState, playbook: Playbook, { step, busy }: Turn): readonly Command[] {
  if (isStepOver(state, step) || !needsAreOver(state, playbook, step)) return []
  const own = state.steps[step.id]
  if (own?.items !== undefined) return forItems(state, step, busy)
  if (own === undefined) return begin(state, playbook, { step, busy })
  return resume(state, step.id, { step, busy })
}

/** A closing step runs although a step of the main part that it needs never did. */
function needsAreOver(state: RunState, playbook: Playbook, step: Step): boolean {
  const needed = playbook.steps.filter((other) => step.needs.includes(other.id))
  return needed.every((other) => isStepOver(state, other) || (step.closing && !other.closing))
}

/** A step that has not begun: is it wanted, and how many times? */
function begin(state: RunState, playbook: Playbook, { step, busy }: Turn): readonly Command[] {
  const values = valuesOf(state, playbook, step)
  const wanted = step.when?.(values)
  if (wanted?.known && !wanted.value)
    return [fact(step.id, 'step.skipped', { reason: 'its condition is false' })]
  const items = step.items?.(values)
  if (items?.known) return [fact(step.id, 'step.expanded', { items: [...items.value] })]
  return resume(state, step.id, { step, busy })
}

function resume(state: RunState, instance: string, { step, busy }: Turn): readonly Command[] {
  if (busy.has(instance) || waitsForPeople(state, instance)) return []
  // A person has this one.
  if (state.steps[instance]?.status === 'in-doubt') return []
  return [{ kind: 'start', step, instance }]
}

/** While a request that covers this step is open there is nothing to do but wait. */
function waitsForPeople(state: RunState, instance: string): boolean {
  return state.approvals.some((approval) => approval.status === 'open' && instance in approval.lines)
}

function forItems(state: RunState, step: Step, busy: Busy): readonly Command[] {
  const total = state.steps[step.id]?.items?.length ?? 0
  const instances = Array.from({ length: total }, (_, i) => instanceOf(step.id, i))
  const started = itemsOf(state, step.id)
  const failures = started.filter((item) => item.status === 'failed').length
  const tooMany = failures > allowedFailures(step, total)
  const open = instances.filter((id) => !isSettled(state.steps[id]?.status ?? 'pending'))
  // What an earlier process left in doubt is always looked at, however many have failed.
  const wanted = tooMany ? open.filter((id) => isDoubtful(state, id)) : open
  // What only waits never begins then, so nobody waits for it.
  const acting = open.some((id) => busy.acts(id))
  if (open.length === 0 || (tooMany && !acting && wanted.length === 0))
    return [settleItems(step, { total, failures, tooMany })]
  const ready = wanted.filter((id) => !busy.has(id) && !waitsForPeople(state, id))
  const [begun, fresh] = [
    ready.filter((id) => hasBegun(state, id)),
    ready.filter((id) => !hasBegun(state, id)),
  ]
  const free = step.concurrency - open.filter((id) => holdsPlace(state, id, busy)).length
  return [...begun, ...fresh.slice(0, Math.max(0, free))].map((id) => ({
    kind: 'start',
    step,
    instance: id,
    item: instances.indexOf(id),
  }))
}

/** It keeps its place among those that may run at once, also while it waits for its time or for another try. */
function holdsPlace(state: RunState, instance: string, busy: Busy): boolean {
  if (hasBegun(state, instance)) return true
  const isHeld = state.steps[instance]?.held !== undefined && !busy.acts(instance)
  return busy.has(instance) && !waitsForPeople(state, instance) && !isHeld
}

function hasBegun(state: RunState, instance: string): boolean {
  return state.steps[instance]?.startedAt !== undefined
}

function isDoubtful(state: RunState, instance: string): boolean {
  const step = state.steps[instance]
  return step !== undefined && isUnderWay(step)
}

/**
 * A failure starts nothing more, but an intent whose outcome nobody wrote (the process ended in between) is still probed:
 * a run does not end while it is unknown what it has done (P5).
 */
function inDoubt(state: RunState, scope: readonly Step[], busy: Busy): readonly Command[] {
  return scope.flatMap((step) =>
    [step.id, ...itemsOf(state, step.id).map(({ id }) => id)]
      .filter((id) => isDoubtful(state, id) && !busy.has(id))
      .map((id): Command => {
        const item = itemOf(id)
        return { kind: 'start', step, instance: id, ...(item === undefined ? {} : { item }) }
      }),
  )
}

/** Absolute, or a share of all items rounded down: the semantics of AWS SSM's MaxErrors (field.md §2). */
function allowedFailures(step: Step, total: number): number {
  const { kind, value } = step.maxFailures
  return kind === 'count' ? value : Math.floor((value * total) / 100)
}

type Tally = { readonly total: number; readonly failures: number; readonly tooMany: boolean }

function settleItems(step: Step, { total, failures, tooMany }: Tally): Command {
  if (!tooMany) return fact(step.id, 'step.succeeded', { output: {} })
  const message = `${failures} of ${total} items failed; ${allowedFailures(step, total)} may fail`
  return fact(step.id, 'step.failed', {
    code: 'run.too-many-failures',
    message,
    remedy: 'See the items that failed; raise maxFailures only if the rest may go on without them.',
  })
}

/** After a failure: items of a step that repeats may be half done; the step fails once nothing of it runs any more. */
function settleStarted(state: RunState, scope: readonly Step[]): readonly Command[] {
  return scope.flatMap((step) => {
    const own = state.steps[step.id]
    if (own?.items === undefined || isSettled(own.status)) return []
    const items = itemsOf(state, step.id)
    const failures = items.filter((item) => item.status === 'failed').length
    if (items.some((item) => !isSettled(item.status))) return []
    return failures > allowedFailures(step, own.items.length)
      ? [settleItems(step, { total: own.items.length, failures, tooMany: true })]
      : []
  })
}

function endOf(state: RunState, playbook: Playbook): Draft {
  if (state.stop !== undefined) return stopped(state.stop, playbook)
  // What an undo could not put back is left out, and the rest is put back; the run has failed all the same.
  const failed = playbook.steps.find(
    (step) => (step.onError === 'stop' || state.requested.undoes !== undefined) && stepFailed(state, step),
  )
  if (failed === undefined) return { type: 'run.succeeded', data: {} }
  const { code, message, remedy } = state.steps[failed.id]?.problem ?? unknownProblem
  return { type: 'run.failed', data: { code, message: `${failed.id}: ${message}`, remedy } }
}

const unknownProblem = { code: 'internal.unexpected', message: 'failed', remedy: 'See the step.' }

function stopped(stop: Stop, playbook: Playbook): Draft {
  switch (stop.kind) {
    case 'cancelled':
      return { type: 'run.cancelled', data: { reason: stop.reason } }
    case 'timed-out':
      return { type: 'run.failed', data: timedOut(playbook) }
    case 'rejected':
      return { type: 'run.rejected', data: { request: stop.request, reason: stop.reason } }
    case 'expired':
      return { type: 'run.expired', data: { request: stop.request, reason: stop.reason } }
  }
}

function timedOut({ timeoutMs = 0 }: Playbook): { code: ErrorCode; message: string; remedy: string } {
  return {
    code: 'run.timeout',
    message: `the run was not done within ${durationText(timeoutMs)}`,
    remedy: 'See which steps are missing; do them by hand, or start the playbook again.',
  }
}

function fact<T extends 'step.skipped' | 'step.expanded' | 'step.succeeded' | 'step.failed'>(
  step: string,
  type: T,
  data: Extract<Draft, { type: T }>['data'],
): Command {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot correlate a generic tag with its data
  return { kind: 'append', facts: [{ step, type, data } as Draft] }
}
