import type { AnyEffectAction } from '../core/action.ts'
import type { Change } from '../core/change.ts'
import { isFirebreakError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { isOver } from '../core/run.ts'
import { at } from './boundary.ts'
import { callApply, callPlan, READ_TIMEOUT_MS } from './call.ts'
import { askAgain, coverOf } from './cover.ts'
import { confirm, lookMsOf } from './confirm.ts'
import { refuseUncovered, waitsForThaw } from './containment.ts'
import { refuseChanged } from './expect.ts'
import { failStep } from './fail.ts'
import { refuseForbidden } from './forbidden.ts'
import { commitIntent, deadlineOf, keyOf, START_LIMIT_MS, type Covered } from './intent.ts'
import { clientOf, effectLine } from './plan-line.ts'
import { retryOrFail } from './retry.ts'
import type { Outcome, Running, Start } from './running.ts'

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
    return retryOrFail(running, start, error)
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

type Planned = Omit<Covered, 'approval'>

async function actOnLine(running: Running, start: Start, planned: Planned): Promise<Outcome> {
  try {
    refuseForbidden(running.parts, planned.change.target)
    refuseChanged(running.journal.state(), start.instance, planned.change)
    refuseUncovered(running.journal.state(), start.instance, planned.change)
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
  return intend(running, start, {
    ...planned,
    approval: cover.kind === 'covered' ? cover.request : undefined,
  })
}

/** Commits the intent with its guardrails, then sends the call: soon after, or not under this intent. */
async function intend(running: Running, start: Start, covered: Covered): Promise<Outcome> {
  const about = { run: running.journal.state().id, step: start.instance }
  await at(running.parts, 'before-intent', about)
  const latest = performance.now() + START_LIMIT_MS
  try {
    if (!(await commitIntent(running, start, covered))) return 'blocked'
  } catch (error) {
    if (isFirebreakError(error, 'guardrail.frozen') && waitsForThaw(running.journal.state())) return 'blocked'
    if (isFirebreakError(error) && error.code.startsWith('guardrail.')) return failStep(running, start, error)
    throw error
  }
  await at(running.parts, 'after-intent', about)
  return carryOut(running, start, { covered, latest })
}

type CarryingOut = { readonly covered: Covered; readonly latest: number }

async function carryOut(running: Running, start: Start, { covered, latest }: CarryingOut): Promise<Outcome> {
  const { action, change, client, input, attempt } = covered
  const run = running.journal.state()
  const key = keyOf(run, start.instance)
  const about = { run: run.id, step: start.instance }
  let error: unknown
  await at(running.parts, 'before-call', about)
  // Nothing comes between this look and the call: a process that was stopped after its commit must not send any more.
  if (performance.now() > latest) return again(running, start, covered)
  try {
    const call = callApply(action, change, { client, input, key, timeoutMs: deadlineOf(start, action) })
    await Promise.all([call, at(running.parts, 'call-sent', about)])
    await at(running.parts, 'answered', about)
    await running.journal.commit(() => ({
      facts: [{ type: 'step.applied', step: start.instance, data: {} }],
    }))
    await at(running.parts, 'after-applied', about)
  } catch (thrown) {
    // Without an answer nothing is known. The probe decides, not the error.
    error = thrown
    running.parts.log.error({ err: thrown, step: start.instance }, 'an effect was not answered well')
  }
  // The write was conditional and lost, so nothing happened. The same digest needs no new approval.
  if (isFirebreakError(error, 'provider.conflict') && attempt <= MAX_CONFLICTS)
    return again(running, start, covered)
  const { instance } = start
  const applied = { instance, action, change, client, input, key, lookMs: lookMsOf(start) }
  return confirm(running, start, error === undefined ? applied : { ...applied, error })
}

/**
 * It is known that the call did nothing, and the log says so: what comes next may be a question to people, and must not
 * look like an effect in doubt. Then it is planned again.
 */
async function again(running: Running, start: Start, covered: Covered): Promise<Outcome> {
  await running.journal.commit(() => ({
    facts: [{ type: 'step.probed', step: start.instance, data: { verdict: 'absent', inDoubt: false } }],
  }))
  const { action, input, attempt } = covered
  return act(running, start, { action, input, attempt: attempt + 1 })
}

async function satisfied({ journal }: Running, { instance }: Start, change: Change): Promise<Outcome> {
  const { version: _, ...shown } = change
  await journal.commit(() => ({
    facts: [{ type: 'step.satisfied', step: instance, data: { output: change.output, change: shown } }],
  }))
  return 'settled'
}
