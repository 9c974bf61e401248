import type { AnyEffectAction } from '../core/action.ts'
import { digestOf } from '../core/canonical.ts'
import type { Change } from '../core/change.ts'
import type { JsonObject } from '../core/json.ts'
import type { PlanLine } from '../core/plan.ts'
import { instanceOf } from '../core/plan.ts'
import type { RunState } from '../core/run.ts'
import type { Step } from '../playbook/playbook.ts'
import { undoOf } from './call.ts'
import { isSatisfied, lifeOf, lineDigest } from './line.ts'
import type { EngineParts } from './parts.ts'

type LineParts = Pick<PlanLine, 'kind' | 'confidence' | 'summary'> & {
  readonly onFailure?: boolean
  readonly index?: number
}

/** A line without an effect, or the frame of one with. */
export function lineOf(
  parts: EngineParts,
  step: Step,
  { kind, confidence, summary, onFailure, index }: LineParts,
): PlanLine {
  const { action } = step
  const instance = index === undefined ? step.id : instanceOf(step.id, index)
  return {
    step: instance,
    action: action.name,
    contract: action.contract,
    title: action.title,
    effect: action.effect,
    instance: usingOf(parts, step),
    kind,
    onFailure: onFailure ?? false,
    confidence,
    summary,
    digest: digestOf({ step: instance, action: action.name, contract: action.contract, kind }),
  }
}

type EffectParts = {
  readonly action: AnyEffectAction
  readonly change: Change
  readonly input: JsonObject
  readonly onFailure: boolean
  readonly index?: number
}

/** The line of an effect: with its change, its undo, and the digest that an approval signs. */
export function effectLine(
  { parts, run }: { readonly parts: EngineParts; readonly run: RunState },
  step: Step,
  { action, change, input, ...around }: EffectParts,
): PlanLine {
  const undo = undoOf(action, change, { because: run.because, input })
  const kind = isSatisfied(change) ? 'satisfied' : 'change'
  const shown = shownOf(change)
  const summary = change.note ?? action.title
  const base = lineOf(parts, step, { ...around, kind, confidence: change.confidence, summary })
  const life = lifeOf(step)
  const of = { run, instance: base.step, action, using: base.instance, ...(life && { life }) }
  return { ...base, change: shown, undo, ...life, digest: lineDigest(of, change, undo) }
}

/** What people are shown of a change. The version makes the write conditional; it changes by itself and is nobody's decision. */
function shownOf(change: Change): Change {
  const { version: _, ...shown } = withoutLabels(change)
  return shown
}

/** Guardrails have seen them; the log need not hold them, and they may be many. */
export function withoutLabels(change: Change): Change {
  const { labels: _, ...target } = change.target
  return { ...change, target }
}

/** An action, and which configured cluster or account it is for. */
type Used = Pick<Step, 'action' | 'using'>

function usingOf(parts: EngineParts, step: Used): string {
  return step.using ?? parts.clients.defaultInstance(step.action.provider.name)
}

export function clientOf(parts: EngineParts, step: Used): Promise<unknown> {
  return parts.clients.get(step.action.provider.name, usingOf(parts, step))
}
