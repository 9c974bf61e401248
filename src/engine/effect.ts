import type { AnyEffectAction } from '../core/action.ts'
import type { Change } from '../core/change.ts'
import { isFirebreakError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Gate, PlanLine } from '../core/plan.ts'
import type { Refused } from '../core/ports.ts'
import type { RuledCount } from '../core/ruling.ts'
import { isOver, type RunState } from '../core/run.ts'
import { at } from './boundary.ts'
import { callApply, callPlan, READ_TIMEOUT_MS } from './call.ts'
import { askAgain, coverOf, type Cover } from './cover.ts'
import { confirm, lookMsOf } from './confirm.ts'
import { refuseUncovered, waitsForThaw } from './containment.ts'
import { refuseChanged } from './expect.ts'
import { failStep } from './fail.ts'
import { refuseDenied, refuseForbidden, refuseToWait } from './forbidden.ts'
import { holdForWindow, isHeldBy, waitOf } from './hold.ts'
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

type Planned = Omit<Covered, 'approval' | 'counts'>

async function actOnLine(running: Running, start: Start, planned: Planned): Promise<Outcome> {
  const run = running.journal.state()
  const ruling = running.parts.policy.ruling(run, planned.line)
  try {
    refuseForbidden(running.parts, planned.action.name, planned.change.target)
    refuseChanged(run, start.instance, planned.change)
    refuseUncovered(run, start.instance, planned.change)
    refuseDenied(ruling)
    refuseToWait(run, ruling)
  } catch (error) {
    return failStep(running, start, error)
  }
  // First the time, then people: whom one asks for later, one asks later.
  if (ruling.wait !== undefined) return holdForWindow(running, start, ruling.wait)
  const cover = await coverOf(running, planned.line)
  if (cover.kind === 'waiting') return 'blocked'
  if (cover.kind === 'ask') return ask(running, planned.line, cover)
  const agreed = cover.kind === 'covered' ? cover.agreed : []
  const counts = ruling.counts.map((count): RuledCount =>
    agreed.includes(count.key) ? { ...count, waived: true } : count,
  )
  const approval = cover.kind === 'covered' ? cover.approval : undefined
  return intend(running, start, { ...planned, approval, counts })
}

async function ask(running: Running, line: PlanLine, cover: Cover & { kind: 'ask' }): Promise<Outcome> {
  await running.journal.commit((run) =>
    isOver(run.status) ? undefined : { facts: askAgain(running, run, { line, cover }) },
  )
  return 'blocked'
}

/** Commits the intent with its guardrails, then sends the call: soon after, or not under this intent. */
async function intend(running: Running, start: Start, covered: Covered): Promise<Outcome> {
  const about = { run: running.journal.state().id, step: start.instance }
  await at(running.parts, 'before-intent', about)
  const latest = performance.now() + START_LIMIT_MS
  const written = await commitIntent(running, start, covered)
  if (written === 'held') return waitOf(running.journal.state(), start.instance)
  if (written === 'not-now') return 'blocked'
  // Nobody calls a second time about what was read just now: people are asked at once.
  if (written === 'disagreed') return act(running, start, covered)
  if (written !== 'intended') return refusedBy(running, start, { covered, refused: written })
  await at(running.parts, 'after-intent', about)
  return carryOut(running, start, { covered, latest })
}

type NotIntended = { readonly covered: Covered; readonly refused: Refused }

/** A guard has refused, and nothing was written: the step waits as it did, people are asked, or it fails. */
async function refusedBy(
  running: Running,
  start: Start,
  { covered, refused }: NotIntended,
): Promise<Outcome> {
  const run = running.journal.state()
  const { error, key } = refused
  if (error.code === 'guardrail.frozen' && waitsForThaw(run)) return 'blocked'
  const beyond = askBeyond(run, covered, key)
  if (beyond !== undefined) return ask(running, covered.line, goBeyond(covered, error.message, beyond))
  if (isHeldBy(run.steps[start.instance], key)) return waitOf(run, start.instance)
  if (error.code.startsWith('guardrail.')) return failStep(running, start, error)
  throw error
}

/** Who is asked whether it may go beyond what has refused it. At the end of a containment's time nobody is. */
function askBeyond({ requested }: RunState, { counts }: Covered, refusedBy?: string): Gate | undefined {
  return requested.expiry === undefined ? counts.find(({ key }) => key === refusedBy)?.ask : undefined
}

function goBeyond({ approval }: Covered, why: string, gate: Gate): Cover & { kind: 'ask' } {
  return { kind: 'ask', why, beyond: [gate], ...(approval === undefined ? {} : { voids: approval.request }) }
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
