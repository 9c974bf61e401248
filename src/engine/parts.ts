import type { ActionRegistry } from '../core/action.ts'
import type { Target } from '../core/change.ts'
import type { Fact } from '../core/fact.ts'
import type { Gate, PlanLine } from '../core/plan.ts'
import type { Clients, Clock, Store } from '../core/ports.ts'
import type { ApprovalState, RunState } from '../core/run.ts'
import type { Ruling } from '../core/ruling.ts'
import type { Playbook } from '../playbook/playbook.ts'
import type { AtBoundary } from './boundary.ts'

export type GateStatus = { readonly satisfied: boolean; readonly missing: string }

/** What the engine needs from the outside, as values. */
export type EngineParts = {
  readonly store: Store
  readonly clock: Clock
  readonly actions: ActionRegistry
  readonly clients: Clients
  /** Reads a playbook's text again. Throws when it no longer loads. */
  readonly load: (text: string, file: string) => Playbook
  readonly policy: {
    /** Why this target is never touched; undefined when it may be. */
    readonly neverTouch: (target: Target, action: string) => string | undefined
    /** Judged with who is eligible now (P4). */
    readonly gate: (run: RunState, approval: ApprovalState, gate: Gate) => Promise<GateStatus>
    /** Whether the person who acted alone still may. */
    readonly bypass: (run: RunState, bypassed: NonNullable<ApprovalState['bypassed']>) => Promise<boolean>
    /** Who must agree to these lines of this plan by rule, besides whom the playbook asks. */
    readonly gates: (run: RunState, lines: readonly PlanLine[], plan: readonly PlanLine[]) => readonly Gate[]
    /** What the guardrails say of this line now. */
    readonly ruling: (run: RunState, line: PlanLine) => Ruling
  }
  /** Aborted when the process is to end: waiting for a probe ends too, and the next process asks the world again (P5). */
  readonly stopping: AbortSignal
  readonly log: { readonly error: (data: object, message: string) => void }
  /** Called after every commit, with its facts. */
  readonly published: (facts: readonly Fact[]) => void
  /** How far apart the clocks of processes that share the journal may be. */
  readonly skewMs: number
  /** For tests, which let a process die or hang at a named place. */
  readonly boundary?: AtBoundary
}
