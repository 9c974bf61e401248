import type { AnyEffectAction } from '../core/action.ts'
import type { Change } from '../core/change.ts'
import { isFirebreakError } from '../core/errors.ts'
import type { FactData } from '../core/fact.ts'
import type { JsonObject } from '../core/json.ts'
import type { PlanLine } from '../core/plan.ts'
import { type ApprovalState, isOver, type RunState } from '../core/run.ts'
import { callApply, callPlan, READ_TIMEOUT_MS } from './call.ts'
import { askAgain, coverOf } from './cover.ts'
import { confirm } from './confirm.ts'
import { failStep } from './fail.ts'
import { refuseForbidden } from './forbidden.ts'
import { clientOf, effectLine } from './plan-line.ts'
import type { Outcome, Running, Start } from './running.ts'

/** `apply` starts at most this long after its intent was committed; later it needs a fresh one (DESIGN section 4). */
export const START_LIMIT_MS = 2000
/** A conditional write that loses is planned again this often, then it fails (DESIGN section 4). */
const MAX_CONFLICTS = 5

export type Effect = {
  readonly action: AnyEffectAction
  readonly input: JsonObject
  readonly attempt: number
}

/**
 * One effect, in the order that the promises demand: plan again → is it still what was approved? → one transaction
 * {guardrails, intent} → apply → probe → outcome.
 */
export async function act(running: Running, start: Start, effect: Effect): Promise<Outcome> {
  const { parts, journal } = running
  let change: Change
  let client: unknown
  try {
    client = await clientOf(parts, start.step)
    const timeoutMs = start.step.timeoutMs ?? READ_TIMEOUT_MS
    change = await callPlan(effect.action, effect.input, { client, timeoutMs })
  } catch (error) {
    return failStep(running, start, error)
  }
  const index = start.item === undefined ? {} : { index: start.item }
  const line = effectLine({ parts, run: journal.state() }, start.step, {
    ...effect,
    change,
    onFailure: start.step.closing,
    ...index,
  })
  if (line.kind === 'satisfied') return satisfied(running, start, change)
  return actOnLine(running, start, { ...effect, change, line, client })
}

type Planned = Effect & { readonly change: Change; readonly line: PlanLine; readonly client: unknown }

async function actOnLine(running: Running, start: Start, planned: Planned): Promise<Outcome> {
  try {
    refuseForbidden(running.parts, planned.change.target)
  } catch (error) {
    return failStep(running, start, error)
  }
  const cover = await coverOf(running, planned.line)
  if (cover.kind === 'waiting') return 'blocked'
  if (cover.kind === 'ask') {
    await running.journal.commit((run) =>
      isOver(run.status) ? undefined : { facts: askAgain(running, run, { line: planned.line, cover }) },
    )
    return 'blocked'
  }
  const approval = cover.kind === 'covered' ? cover.request : undefined
  const intended = await intend(running, start, { ...planned, approval })
  return intended === 'go' ? carryOut(running, start, planned) : intended
}

type Covered = Planned & { readonly approval: string | undefined }

/** Commits the intent with its guardrails. Where that took too long, the apply would start late: another intent is needed. */
async function intend(running: Running, start: Start, covered: Covered): Promise<'go' | Outcome> {
  const began = performance.now()
  try {
    const written = await commitIntent(running, start, covered)
    if (!written) return 'blocked'
  } catch (error) {
    if (isFirebreakError(error, 'guardrail.frozen')) return 'blocked'
    if (isFirebreakError(error, 'guardrail.claimed')) return failStep(running, start, error)
    throw error
  }
  if (performance.now() - began <= START_LIMIT_MS) return 'go'
  return intend(running, start, { ...covered, attempt: covered.attempt + 1 })
}

async function commitIntent(
  { journal }: Running,
  { step, instance }: Start,
  covered: Covered,
): Promise<boolean> {
  const written = await journal.commit((run) => {
    // Between the check and this transaction somebody may have cancelled, or the approval may have been voided.
    // Closing steps run all the same: they are what is left to do when a run was stopped.
    if (run.stop !== undefined && !step.closing) return undefined
    // A parked run ends at once when it is cancelled, whatever is being planned at that moment.
    if (isOver(run.status)) return undefined
    if (!approvalHolds(run.approvals, covered)) return undefined
    return {
      facts: [{ type: 'step.intended', step: instance, data: intentOf(run, instance, covered) }],
      guards: { thawed: true, claim: { target: covered.change.target.id, run: run.id } },
    }
  })
  return written.length > 0
}

function approvalHolds(approvals: readonly ApprovalState[], { approval, line }: Covered): boolean {
  if (approval === undefined) return true
  const found = approvals.find(({ request, status }) => request === approval && status === 'satisfied')
  return found?.lines[line.step] === line.digest
}

function intentOf(run: RunState, instance: string, covered: Covered): FactData<'step.intended'> {
  const { action, input, change, line, attempt, approval } = covered
  return {
    attempt,
    key: keyOf(run, instance),
    input,
    change,
    undo: line.undo ?? { kind: 'never', reason: 'none was planned' },
    digest: line.digest,
    deadlineMs: action.deadlineMs,
    settleMs: action.settleMs,
    ...(approval === undefined ? {} : { approval }),
  }
}

/** The same for every attempt at one effect, so that a repeat cannot act twice where the provider honours it. */
function keyOf(run: RunState, instance: string): string {
  return `${run.id}/${instance}`
}

async function carryOut(running: Running, start: Start, planned: Planned): Promise<Outcome> {
  const { action, change, client, input } = planned
  const key = keyOf(running.journal.state(), start.instance)
  let error: unknown
  try {
    await callApply(action, change, { client, input, key, timeoutMs: action.deadlineMs })
    await running.journal.commit(() => ({
      facts: [{ type: 'step.applied', step: start.instance, data: {} }],
    }))
  } catch (thrown) {
    // Without an answer nothing is known. The probe decides, not the error.
    error = thrown
    running.parts.log.error({ err: thrown, step: start.instance }, 'an effect was not answered well')
  }
  if (isFirebreakError(error, 'provider.conflict') && planned.attempt <= MAX_CONFLICTS) {
    // The write was conditional and lost, so nothing happened, and the log says so: what comes next may be a question to
    // people, and must not look like an effect in doubt. Plan again; the same digest needs no new approval.
    await running.journal.commit(() => ({
      facts: [{ type: 'step.probed', step: start.instance, data: { verdict: 'absent', inDoubt: false } }],
    }))
    return act(running, start, { action, input, attempt: planned.attempt + 1 })
  }
  return confirm(running, start, {
    action,
    change,
    client,
    input,
    key,
    ...(error === undefined ? {} : { error }),
  })
}

async function satisfied({ journal }: Running, { instance }: Start, change: Change): Promise<Outcome> {
  const { version: _, ...shown } = change
  await journal.commit(() => ({
    facts: [{ type: 'step.satisfied', step: instance, data: { output: change.output, change: shown } }],
  }))
  return 'settled'
}
