import { randomUUID } from 'node:crypto'
import { canonicalJson } from '../core/canonical.ts'
import { stepOf, type Gate, type Plan, type PlanLine } from '../core/plan.ts'
import type { ApprovalState, RunState } from '../core/run.ts'
import { at } from './boundary.ts'
import { gatesFor } from './plan.ts'
import { planDigest } from './line.ts'
import type { Draft } from './journal.ts'
import type { Running } from './running.ts'
import { endsAt } from './time-out.ts'

/** Whether an effect may act now, as far as people are concerned. */
export type Cover =
  | { readonly kind: 'free' }
  /** `agreed` are the limits that people have agreed to go beyond: `budget/gpu`. */
  | { readonly kind: 'covered'; readonly approval: ApprovalState; readonly agreed: readonly string[] }
  | { readonly kind: 'waiting' }
  | Asking

type Asking = {
  readonly kind: 'ask'
  readonly why?: string
  readonly voids?: string
  /** Who must agree to go beyond a limit that the line has just met. */
  readonly beyond?: readonly Gate[]
}

/**
 * P3: an approval covers exactly the line it signed. The line is the one just planned again; another digest, or an
 * approver who may no longer approve, voids the approval for this step and asks anew.
 */
export async function coverOf(running: Running, line: PlanLine): Promise<Cover> {
  const run = running.journal.state()
  const approval = approvalOf(run, line.step)
  const beyond = beyondIn(approval, line.step)
  const gates = [...gatesOfLine(running, run, line), ...beyond]
  if (gates.length === 0) return { kind: 'free' }
  if (approval === undefined) return { kind: 'ask' }
  const voids = approval.request
  if (approval.lines[line.step] !== line.digest)
    return { kind: 'ask', voids, why: whatChanged(run.plan, line) }
  if (approval.status === 'open') return { kind: 'waiting' }
  const lacks = await lackOf(running, approval, gates)
  if (lacks !== undefined) return { kind: 'ask', voids, why: lacks }
  return { kind: 'covered', approval, agreed: beyond.flatMap(({ rule }) => rule ?? []) }
}

function approvalOf(run: RunState, step: string): ApprovalState | undefined {
  return run.approvals.findLast(
    ({ status, lines }) => (status === 'open' || status === 'satisfied') && step in lines,
  )
}

/** Of a request: who was asked to let this step go beyond a limit. */
function beyondIn(approval: ApprovalState | undefined, step: string): readonly Gate[] {
  return (approval?.gates ?? []).filter(
    ({ scope, rule = '' }) => scope === stepOf(step) && /^(budget|breaker)\//.test(rule),
  )
}

/** The gates of a line as it was planned just now, in the company of the rest of its plan. */
function gatesOfLine({ parts, playbook }: Running, run: RunState, line: PlanLine): Gate[] {
  return gatesFor({ parts, playbook }, run, { lines: withLine(run.plan, line), of: [line] })
}

function withLine(plan: Plan | undefined, line: PlanLine): readonly PlanLine[] {
  const lines = plan?.lines ?? []
  return lines.some(({ step }) => step === line.step)
    ? lines.map((old) => (old.step === line.step ? line : old))
    : [...lines, line]
}

/** Why a satisfied request does not cover the line any more. */
async function lackOf(
  { parts, journal }: Running,
  approval: ApprovalState,
  gates: readonly Gate[],
): Promise<string | undefined> {
  const run = journal.state()
  const unasked = gates.find((gate) => !approval.gates.some((asked) => isSameGate(asked, gate)))
  if (unasked !== undefined) return `${unasked.rule ?? unasked.scope} asks as well`
  const { bypassed } = approval
  if (bypassed !== undefined)
    return (await parts.policy.bypass(run, bypassed))
      ? undefined
      : `${bypassed.person} may no longer act alone`
  const judged = await Promise.all(gates.map((gate) => parts.policy.gate(run, approval, gate)))
  const lost = judged.find((status) => !status.satisfied)
  return lost && `no longer enough eligible approvers: ${lost.missing}`
}

function isSameGate(one: Gate, other: Gate): boolean {
  return canonicalJson(one) === canonicalJson(other)
}

function whatChanged(plan: Plan | undefined, line: PlanLine): string {
  const old = plan?.lines.find(({ step }) => step === line.step)?.change
  const from = old ? JSON.stringify(old.before) : 'nothing'
  const to = line.change ? JSON.stringify(line.change.before) : 'nothing'
  return from === to
    ? `the plan of ${line.step} is another one now`
    : `${line.change?.target.name ?? line.step} was ${cut(from)} and is ${cut(to)}`
}

/** The cut may fall into a character, and the log holds no half ones. */
function cut(text: string): string {
  return text.slice(0, 300).toWellFormed()
}

type Ask = {
  readonly lines: readonly PlanLine[]
  readonly gates: readonly Gate[]
  readonly now: number
  /** When the time of the run is over: nobody is asked for longer. */
  readonly latest?: number | undefined
  readonly because?: string
}

/** The facts that show the plan as it is now and ask for approval of these lines. */
export function askFor(run: RunState, plan: Plan, ask: Ask): Draft[] {
  const until = ask.now + Math.min(...ask.gates.map((gate) => gate.withinMs))
  return [
    { type: 'run.planned', data: { plan } },
    {
      type: 'approval.requested',
      data: {
        request: randomUUID(),
        digest: plan.digest,
        lines: Object.fromEntries(ask.lines.map(({ step, digest }) => [step, digest])),
        gates: [...ask.gates],
        expires: new Date(Math.min(until, ask.latest ?? until)).toISOString(),
        ...(ask.because === undefined ? {} : { because: ask.because }),
      },
    },
  ]
}

/** Asks anew about one line, inside a commit: the plan people see is the one they are asked about. */
export function askAgain(
  running: Running,
  run: RunState,
  { line, cover }: { line: PlanLine; cover: Asking },
): Draft[] {
  const known = [...withLine(run.plan, line)]
  const plan: Plan = { lines: known, digest: planDigest(run, known), gates: run.plan?.gates ?? [] }
  const before = beyondIn(approvalOf(run, line.step), line.step)
  const { parts, playbook } = running
  const lines = cover.beyond === undefined ? [line] : [line, ...siblingsOf(run, known, line)]
  const own = gatesFor({ parts, playbook }, run, { lines: known, of: lines })
  const gates = [...own, ...before, ...(cover.beyond ?? [])]
  const because = cover.why
  const closing = playbook.steps.some((step) => step.closing && step.id === stepOf(line.step))
  const latest = closing ? undefined : endsAt(run, playbook)
  const now = parts.clock.now()
  const ask = { lines, gates, now, latest, ...(because === undefined ? {} : { because }) }
  const voided: Draft[] =
    cover.voids === undefined
      ? []
      : [
          {
            type: 'approval.voided',
            data: { request: cover.voids, steps: [line.step], why: because ?? 'the plan changed' },
          },
        ]
  return [...voided, ...askFor(run, plan, ask)]
}

/** The items of the same step that have not begun: people are asked once whether all of them may go beyond a limit. */
function siblingsOf(run: RunState, lines: readonly PlanLine[], { step: of }: PlanLine): PlanLine[] {
  return lines.filter(({ step, kind }) => {
    const { status = 'pending', intent } = run.steps[step] ?? {}
    const isSibling = step !== of && stepOf(step) === stepOf(of)
    return isSibling && kind === 'change' && status === 'pending' && intent === undefined
  })
}

/** Writes what time and people have settled: requests that ran out, and requests with all their people. */
export async function settleApprovals(running: Running): Promise<void> {
  const { parts, journal } = running
  for (const approval of journal.state().approvals.filter(({ status }) => status === 'open')) {
    // One after the other: each writes to the same run.
    // oxlint-disable-next-line no-await-in-loop
    const fact = await settlementOf(parts, journal.state(), approval)
    // oxlint-disable-next-line no-await-in-loop
    if (fact !== undefined) await settle(running, approval, fact)
  }
}

async function settle({ parts, journal }: Running, approval: ApprovalState, fact: Draft): Promise<void> {
  const about = { run: journal.state().id }
  await at(parts, 'before-settling', about)
  await journal.commit((run) => (isStillOpen(run, approval) ? { facts: [fact] } : undefined))
  await at(parts, 'after-settling', about)
}

async function settlementOf(
  parts: Running['parts'],
  run: RunState,
  approval: ApprovalState,
): Promise<Draft | undefined> {
  const { request } = approval
  // Whoever approved in time has approved, also where nobody was there to see it before the time was over.
  const gates = await Promise.all(approval.gates.map((gate) => parts.policy.gate(run, approval, gate)))
  if (gates.every((gate) => gate.satisfied)) return { type: 'approval.satisfied', data: { request } }
  const isOver = parts.clock.now() >= Date.parse(approval.expires)
  return isOver ? { type: 'approval.expired', data: { request } } : undefined
}

/** So many have approved that it is for them to count: they may, when Slack can be asked about them again. */
export function isInBalance({ status, gates, given }: ApprovalState): boolean {
  return status === 'open' && gates.every(({ count }) => given.length >= count)
}

function isStillOpen(run: RunState, { request }: ApprovalState): boolean {
  return run.approvals.some((approval) => approval.request === request && approval.status === 'open')
}
