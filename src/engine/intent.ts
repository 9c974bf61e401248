import type { AnyEffectAction } from '../core/action.ts'
import type { Change } from '../core/change.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Refused } from '../core/ports.ts'
import type { FactData } from '../core/fact.ts'
import type { JsonObject } from '../core/json.ts'
import type { PlanLine } from '../core/plan.ts'
import { type ApprovalState, isOver, isUnderWay, type RunState, type StepState } from '../core/run.ts'
import type { RuledCount } from '../core/ruling.ts'
import { countedOf, holdOf } from './hold.ts'
import type { DraftCommit } from './journal.ts'
import type { EngineParts } from './parts.ts'
import type { Running, Start } from './running.ts'
import { withoutLabels } from './plan-line.ts'
import { isPastEnd } from './time-out.ts'

/** `apply` starts at most this long after its intent was committed; later it needs a fresh one (DESIGN section 4). */
export const START_LIMIT_MS = 2000

/** An effect as it was just planned, and the request that covers it, where people had to agree. */
export type Covered = {
  readonly action: AnyEffectAction
  readonly input: JsonObject
  readonly attempt: number
  readonly change: Change
  readonly line: PlanLine
  readonly client: unknown
  /** As it was when it was judged. */
  readonly approval: ApprovalState | undefined
  readonly counts: readonly RuledCount[]
}

/**
 * Writes the intent with its guardrails in one transaction (P1, P8); or that a guardrail holds the effect back. Otherwise it
 * may not begin now, or people do not agree any more (`disagreed`), and nothing was written.
 */
export async function commitIntent(
  running: Running,
  start: Start,
  covered: Covered,
): Promise<'intended' | 'held' | 'not-now' | 'disagreed' | Refused> {
  let refused: Refused | undefined
  let lacking: 'not-now' | 'disagreed' = 'not-now'
  try {
    const [written] = await running.journal.commit((run) => {
      refused = undefined
      lacking = 'not-now'
      if (!mayBegin(running, run, start)) return undefined
      lacking = 'disagreed'
      if (!approvalHolds(run.approvals, covered)) return undefined
      const otherwise = (by: Refused) => {
        refused = by
        return holdOf(run, { instance: start.instance, counts: covered.counts }, by)
      }
      return { ...build(run, start, covered), otherwise }
    })
    if (written === undefined) return lacking
    return written.type === 'step.held' ? 'held' : 'intended'
  } catch (error) {
    if (refused === undefined) throw error
    return refused
  }
}

function mayBegin({ parts, playbook }: Running, run: RunState, { step, instance }: Start): boolean {
  refuseSecond(run.steps[instance])
  // Between the check and this transaction somebody may have cancelled.
  // Closing steps run all the same: they are what is left to do when a run was stopped.
  const stopped = run.stop !== undefined || isPastEnd(run, playbook, parts.clock.now())
  // A parked run ends at once when it is cancelled, whatever is being planned at that moment.
  return (!stopped || step.closing) && !isOver(run.status)
}

function build(run: RunState, start: Start, covered: Covered): DraftCommit {
  const { instance } = start
  return {
    facts: [
      {
        type: 'step.intended',
        step: instance,
        data: intentOf(covered, { key: keyOf(run, instance), deadlineMs: deadlineOf(start, covered.action) }),
      },
    ],
    guards: {
      thawed: true,
      claim: { target: targetKey(covered), run: run.id },
      ...(covered.counts.length === 0
        ? {}
        : { spend: { run: run.id, step: instance, counts: covered.counts.map(countedOf) } }),
    },
  }
}

/** One run holds it at a time: by provider, because ids of different systems may look alike. */
function targetKey({ action, change }: Pick<Covered, 'action' | 'change'>): string {
  return `${action.provider.name}/${change.target.id}`
}

/**
 * An earlier commit, of which nobody could say whether it was written, was: the journal shows its intent only now. That
 * one is looked at first, like any other without an outcome.
 */
function refuseSecond(step: StepState | undefined): void {
  if (step === undefined || !isUnderWay(step)) return
  throw new FirebreakError('store.fenced', `an intent of ${step.id} is in the journal already`, {
    remedy: 'Nothing to do: what became of it is looked at now.',
  })
}

/** It may have been voided meanwhile, or somebody may have taken back what was counted on. */
function approvalHolds(approvals: readonly ApprovalState[], { approval, line }: Covered): boolean {
  if (approval === undefined) return true
  const found = approvals.find(({ request }) => request === approval.request)
  if (found?.status !== 'satisfied' || found.lines[line.step] !== line.digest) return false
  return approval.given.every(({ person }) => found.given.some((given) => given.person === person))
}

function intentOf(
  { action, input, change, line, attempt, approval, counts }: Covered,
  { key, deadlineMs }: { readonly key: string; readonly deadlineMs: number },
): FactData<'step.intended'> {
  return {
    attempt,
    key,
    input,
    change: withoutLabels(change),
    undo: line.undo ?? { kind: 'never', reason: 'none was planned' },
    digest: line.digest,
    deadlineMs,
    settleMs: action.settleMs,
    claim: targetKey({ action, change }),
    ...(counts.length === 0 ? {} : { counts: counts.map(countedOf) }),
    ...(approval === undefined ? {} : { approval: approval.request }),
  }
}

/** The same for every attempt at one effect, so that a repeat cannot act twice where the provider honours it. */
export function keyOf(run: RunState, instance: string): string {
  return `${run.id}/${instance}`
}

/** The timeout of the step may give a call less time than its action does, never more: the intent says how late it can land. */
export function deadlineOf({ step }: Start, action: AnyEffectAction): number {
  return Math.min(action.deadlineMs, step.timeoutMs ?? action.deadlineMs)
}

type Intent = NonNullable<StepState['intent']>

/** Until then a call of this intent, by whatever process, may still show an effect (DESIGN section 4). */
export function believedAfter(intent: Intent, { skewMs }: { readonly skewMs: number }): number {
  return Date.parse(intent.at) + lateMs(intent) + skewMs
}

/** The same as a time from now on. The intent was written before now, also where the clock has been set back since. */
export function landsInMs(intent: Intent, { skewMs, clock }: Pick<EngineParts, 'skewMs' | 'clock'>): number {
  return Math.min(believedAfter(intent, { skewMs }) - clock.now(), lateMs(intent) + skewMs)
}

function lateMs({ deadlineMs, settleMs }: Intent): number {
  return START_LIMIT_MS + deadlineMs + settleMs
}
