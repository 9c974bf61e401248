import type { AnyManualAction, AnyWaitAction, Task } from '../core/action.ts'
import type { Change } from '../core/change.ts'
import type { FactData } from '../core/fact.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Gate, Plan, PlanLine } from '../core/plan.ts'
import { isSettled, type RunState } from '../core/run.ts'
import type { Known, Playbook, Step, StepValue, Values } from '../playbook/playbook.ts'
import { durationText } from '../core/duration.ts'
import {
  callAsk,
  callCompose,
  callPlan,
  callRead,
  callWait,
  parseInput,
  problemOf,
  READ_TIMEOUT_MS,
} from './call.ts'
import { isManual, isNotify, isRead, isSatisfied, isWait, planDigest } from './line.ts'
import { expectedOf, refuseChanged } from './expect.ts'
import { refuseDenied, refuseForbidden } from './forbidden.ts'
import type { EngineParts } from './parts.ts'
import { clientOf, effectLine, lineOf } from './plan-line.ts'
import { valuesOf } from './values.ts'

type Planning = {
  readonly parts: EngineParts
  readonly run: RunState
  readonly playbook: Playbook
  /** What is known of each step: returned, predicted, absent, or unknown. */
  readonly values: Map<string, StepValue>
  /** Steps that come after an effect which would change something: a read among them cannot be foreseen. */
  readonly after: Set<string>
  /** By target: the fields that earlier lines of this plan will have set. */
  readonly left: Map<string, JsonObject>
}

/**
 * Plans the whole graph with reads only (P2). Where a later step needs what an effect returns, the effect's predicted
 * output stands in; what cannot be predicted is unknown, and so is every line that depends on it.
 */
export async function planRun(parts: EngineParts, run: RunState, playbook: Playbook): Promise<Plan> {
  const planning: Planning = { parts, run, playbook, values: new Map(), after: new Set(), left: new Map() }
  const pending = new Map<string, Promise<PlanLine[]>>()
  for (const step of playbook.steps) {
    // Needs come first in the list, so their promises exist; independent steps are planned side by side.
    const needs = playbook.steps.filter(
      (other) => step.needs.includes(other.id) || (step.closing && !other.closing),
    )
    const ready = Promise.all(needs.flatMap((need) => pending.get(need.id) ?? []))
    pending.set(
      step.id,
      ready.then(() => planStep(planning, step)),
    )
  }
  // What happens at the end is read at the end.
  const inOrder = playbook.steps.toSorted((a, b) => Number(a.closing) - Number(b.closing))
  const lines = (await Promise.all(inOrder.flatMap(({ id }) => pending.get(id) ?? []))).flat()
  return { digest: planDigest(run, lines), lines, gates: gatesFor({ parts, playbook }, run, { lines }) }
}

type Asking = Pick<Planning, 'parts' | 'playbook'>
/** `of`: what is asked about, where it is not the whole plan. */
type About = { readonly lines: readonly PlanLine[]; readonly of?: readonly PlanLine[] }

/**
 * Who must agree to these lines: each step's own rules, what the permissions ask of it, the run's, and the rules of risk
 * and of time. Only effects that would act are asked about. What puts a containment back at its end asks nobody.
 */
export function gatesFor(asking: Asking, run: RunState, { lines, of = lines }: About): Gate[] {
  const acting = of.filter((line) => line.kind === 'change')
  const ruled = run.requested.expiry === undefined ? asking.parts.policy.gates(run, acting, lines) : []
  return [...ownGates(run, asking.playbook, acting), ...ruled]
}

function ownGates(run: RunState, playbook: Playbook, acting: readonly PlanLine[]): Gate[] {
  const steps = playbook.steps.filter((step) =>
    acting.some(({ step: id }) => id === step.id || id.startsWith(`${step.id}[`)),
  )
  const required = run.requested.gates ?? []
  const own = steps.flatMap((step) => [
    ...(step.approve ?? []).map((rule) => ({ scope: step.id, ...rule })),
    ...required.filter(({ scope }) => scope === step.id),
  ])
  return run.requested.gate !== undefined && acting.length > 0 ? [run.requested.gate, ...own] : own
}

async function planStep(planning: Planning, step: Step): Promise<PlanLine[]> {
  if (step.needs.some((need) => planning.after.has(need))) planning.after.add(step.id)
  const values = valuesFor(planning, step)
  const done = planning.run.steps[step.id]?.status
  if (done !== undefined && isSettled(done)) return alreadyRead(planning, step, values.steps[step.id])
  const wanted = isWanted(step, values)
  if (wanted === 'no') {
    planning.values.set(step.id, { kind: 'absent' })
    return [
      lineOf(planning.parts, step, {
        kind: 'skip',
        confidence: 'predicted',
        summary: 'its condition is false',
      }),
    ]
  }
  const onFailure = wanted === 'on-failure'
  if (wanted !== 'yes' && wanted !== 'on-failure')
    return [unknownLine(planning, step, { waitsFor: wanted, onFailure: false })]
  const forThis = onFailure ? { ...values, failed: true } : values
  return step.items === undefined
    ? planOnce(planning, step, { values: forThis, onFailure })
    : planItems(planning, step, { values: forThis, onFailure })
}

function valuesFor({ run, playbook, values }: Planning, step: Step): Values {
  const known = valuesOf(run, playbook, step)
  return { ...known, steps: { ...known.steps, ...Object.fromEntries(values) } }
}

function isWanted(step: Step, values: Values): 'yes' | 'no' | 'on-failure' | readonly string[] {
  const wanted = step.when?.({ ...values, failed: false }) ?? { known: true, value: true }
  if (!wanted.known) return wanted.waitsFor
  if (wanted.value) return 'yes'
  const afterFailure = step.closing ? step.when?.({ ...values, failed: true }) : undefined
  return afterFailure?.known && afterFailure.value ? 'on-failure' : 'no'
}

type Circumstances = {
  readonly values: Values
  readonly onFailure: boolean
  readonly item?: Json
  readonly index?: number
}

async function planItems(planning: Planning, step: Step, around: Circumstances): Promise<PlanLine[]> {
  const items = step.items?.(around.values) ?? { known: true, value: [] }
  if (!items.known)
    return [unknownLine(planning, step, { waitsFor: items.waitsFor, onFailure: around.onFailure })]
  const planned = await Promise.all(
    items.value.map((item, index) => planInstance(planning, step, { ...around, item, index })),
  )
  const outputs = planned.map(({ output }) => output)
  planning.values.set(
    step.id,
    outputs.every((output) => output !== undefined)
      ? { kind: 'output', output: outputs }
      : { kind: 'unknown' },
  )
  if (planned.length > 0) return planned.map(({ planLine }) => planLine)
  return [
    lineOf(planning.parts, step, { kind: 'skip', confidence: 'predicted', summary: 'its list is empty' }),
  ]
}

async function planOnce(planning: Planning, step: Step, around: Circumstances): Promise<PlanLine[]> {
  const { planLine, output } = await planInstance(planning, step, around)
  planning.values.set(step.id, output === undefined ? { kind: 'unknown' } : { kind: 'output', output })
  return [planLine]
}

type Planned = { readonly planLine: PlanLine; readonly output: JsonObject | undefined }

async function planInstance(planning: Planning, step: Step, around: Circumstances): Promise<Planned> {
  const { item } = around
  const input: Known<JsonObject> = step.input(item === undefined ? around.values : { ...around.values, item })
  if (!input.known) {
    return {
      planLine: unknownLine(planning, step, { ...around, waitsFor: input.waitsFor }),
      output: undefined,
    }
  }
  try {
    return await planKnown(planning, step, { ...around, input: parseInput(step.action, input.value) })
  } catch (error) {
    planning.parts.log.error({ err: error, step: step.id }, 'planning a step failed')
    return {
      planLine: failingLine(planning, step, { ...around, problem: problemOf(error) }),
      output: undefined,
    }
  }
}

/** One step that cannot be done must not hide the plan of the others, nor keep them from containing what they can. */
function failingLine(
  planning: Planning,
  step: Step,
  { problem, ...around }: Circumstances & { readonly problem: FactData<'step.failed'> },
): PlanLine {
  const summary = `${problem.message}. ${problem.remedy}`
  return lineOf(planning.parts, step, { ...around, kind: 'fails', confidence: 'predicted', summary })
}

type WithInput = Circumstances & { readonly input: JsonObject }

async function planKnown(planning: Planning, step: Step, around: WithInput): Promise<Planned> {
  const { action } = step
  if (isNotify(action)) {
    const { channel, text } = callCompose(action, around.input)
    const shown = { kind: 'notify', confidence: 'predicted', summary: `to ${channel}: ${text}` } as const
    return { planLine: lineOf(planning.parts, step, { ...around, ...shown }), output: { channel } }
  }
  if (isWait(action) || isManual(action)) return planPause(planning, step, { ...around, action })
  const call = { client: await clientOf(planning.parts, step), timeoutMs: step.timeoutMs ?? READ_TIMEOUT_MS }
  if (isRead(action)) {
    if (planning.after.has(step.id)) {
      const planLine = unknownLine(planning, step, { ...around, waitsFor: step.needs })
      return { planLine, output: undefined }
    }
    const output = await callRead(action, around.input, call)
    const shown = { kind: 'read', confidence: 'predicted', summary: action.title } as const
    return { planLine: lineOf(planning.parts, step, { ...around, ...shown }), output }
  }
  const change = afterOthers(planning, step, await callPlan(action, around.input, call))
  const line = effectLine(planning, step, { ...around, action, change })
  if (isSatisfied(change)) return { planLine: line, output: change.output }
  refuseForbidden(planning.parts, action.name, change.target)
  refuseChanged(planning.run, step.id, change)
  planning.after.add(step.id)
  planning.left.set(change.target.id, { ...planning.left.get(change.target.id), ...change.after })
  return { planLine: ruledLine(planning, line), output: change.output }
}

/** What a window says of it now: refused, or for later. */
function ruledLine({ parts, run }: Planning, line: PlanLine): PlanLine {
  const ruling = parts.policy.ruling(run, line)
  refuseDenied(ruling)
  return ruling.wait === undefined ? line : { ...line, summary: `${line.summary}; ${ruling.wait.why}` }
}

/** An undo that comes to one thing twice finds the second time what it has itself put back by then. */
function afterOthers({ run, left }: Planning, step: Step, change: Change): Change {
  const found = expectedOf(run, step.id) === undefined ? undefined : left.get(change.target.id)
  if (found === undefined) return change
  const fields = Object.entries(found).filter(([field]) => Object.hasOwn(change.before, field))
  return { ...change, before: { ...change.before, ...Object.fromEntries(fields) } }
}

type Pause = WithInput & { readonly action: AnyWaitAction | AnyManualAction }

/** Time passes, or a person acts: what is read afterwards cannot be foreseen. */
function planPause(planning: Planning, step: Step, { action, input, ...around }: Pause): Planned {
  planning.after.add(step.id)
  const shown = isWait(action)
    ? ({ kind: 'wait', summary: `waits ${durationText(callWait(action, input))}` } as const)
    : ({ kind: 'manual', summary: taskWords(callAsk(action, input)) } as const)
  const output = isWait(action) ? undefined : { confirmed: true }
  return { planLine: lineOf(planning.parts, step, { ...around, confidence: 'predicted', ...shown }), output }
}

function taskWords({ who, what, link }: Task): string {
  return `by hand, by a ${who}: ${what}${link === undefined ? '' : ` (${link})`}`
}

function alreadyRead(planning: Planning, step: Step, value: StepValue | undefined): PlanLine[] {
  const output = value?.kind === 'output' ? value.output : undefined
  const count = Array.isArray(output) ? ` (${output.length} times)` : ''
  const kind = output === undefined ? 'skip' : 'read'
  return [
    lineOf(planning.parts, step, { kind, confidence: 'verified', summary: `${step.action.title}${count}` }),
  ]
}

function unknownLine(
  planning: Planning,
  step: Step,
  { waitsFor, onFailure, index }: { waitsFor: readonly string[]; onFailure: boolean; index?: number },
): PlanLine {
  planning.values.set(step.id, { kind: 'unknown' })
  const summary = `known when ${waitsFor.join(', ')} has run`
  return lineOf(planning.parts, step, {
    kind: 'unknown',
    confidence: 'unknown',
    summary,
    onFailure,
    ...(index === undefined ? {} : { index }),
  })
}
