import type {
  AnyAction,
  AnyEffectAction,
  AnyManualAction,
  AnyNotifyAction,
  AnyReadAction,
  AnyWaitAction,
} from '../core/action.ts'
import { canonicalJson, digestOf } from '../core/canonical.ts'
import type { Change, Undo } from '../core/change.ts'
import type { PlanLine } from '../core/plan.ts'
import type { RunState } from '../core/run.ts'
import type { Step } from '../playbook/playbook.ts'

/** What an action's line is made for: this instance of this step, in this run. */
export type LineOf = {
  readonly run: RunState
  readonly instance: string
  readonly action: AnyAction
  readonly using: string
  /** Of a containment. */
  readonly life?: Life
}

/** How long an effect is to stay, and what then: approving it covers its end as well. */
export type Life = Required<Pick<Step, 'ttlMs' | 'onExpiry'>>

export function lifeOf({ ttlMs, onExpiry }: Step): Life | undefined {
  return ttlMs === undefined || onExpiry === undefined ? undefined : { ttlMs, onExpiry }
}

export function isEffect(action: AnyAction): action is AnyEffectAction {
  return action.effect === 'reversible' || action.effect === 'irreversible'
}

export function isRead(action: AnyAction): action is AnyReadAction {
  return action.effect === 'read'
}

export function isNotify(action: AnyAction): action is AnyNotifyAction {
  return action.effect === 'notify'
}

export function isWait(action: AnyAction): action is AnyWaitAction {
  return action.effect === 'wait'
}

export function isManual(action: AnyAction): action is AnyManualAction {
  return action.effect === 'manual'
}

/** The world is already as wanted. */
export function isSatisfied(change: Change): boolean {
  return canonicalJson(change.before) === canonicalJson(change.after)
}

/**
 * What an approval of one effect signs (DESIGN section 6): never a version, a status or a time, so that harmless
 * changes of the target do not void it.
 */
export function lineDigest(line: LineOf, change: Change, undo: Undo): string {
  const { run, instance, action, using, life } = line
  return digestOf({
    playbook: run.requested.playbook.digest,
    inputs: run.requested.inputs,
    step: instance,
    action: action.name,
    contract: action.contract,
    instance: using,
    target: { kind: change.target.kind, id: change.target.id },
    before: change.before,
    after: change.after,
    confidence: change.confidence,
    undo: undo.kind === 'inverse' ? `inverse:${undo.action}` : 'never',
    ...life,
  })
}

/** The plan's own digest: over the playbook, the inputs, and every line. */
export function planDigest(run: RunState, lines: readonly PlanLine[]): string {
  return digestOf({
    playbook: run.requested.playbook.digest,
    inputs: run.requested.inputs,
    lines: lines.map(({ step, action, contract, kind, digest }) => ({
      step,
      action,
      contract,
      kind,
      digest,
    })),
  })
}
