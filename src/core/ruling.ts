import type { Counted } from './fact.ts'
import type { Gate } from './plan.ts'

/** What guardrails say of one effect at one moment. Pure: what is counted, the store checks and spends (P8). */
export type Ruling = {
  /** Refused, by a window. */
  readonly deny?: { readonly key: string; readonly why: string }
  /** It waits until then: the end of a window. */
  readonly wait?: { readonly key: string; readonly why: string; readonly until: string }
  /** Who must agree, besides whom the playbook asks: rules of risk, and windows that ask. Each names its rule. */
  readonly gates: readonly Gate[]
  readonly counts: readonly RuledCount[]
}

/** `ask`: over the limit, these people are asked. Without it, the effect waits for room. */
export type RuledCount = Counted & { readonly why: string; readonly ask?: Gate }
