import type { Playbook, Step } from '../playbook/playbook.ts'
import type { RunJournal } from './journal.ts'
import type { EngineParts } from './parts.ts'

/** A run in the hands of this process. */
export type Running = {
  readonly parts: EngineParts
  readonly journal: RunJournal
  readonly playbook: Playbook
}

/** One instance of a step: which, and for which item. */
export type Start = { readonly step: Step; readonly instance: string; readonly item?: number }

/**
 * `settled`: its facts are written. `blocked`: it waits for people, a thaw, or another run; waking tries again. `asleep`:
 * so it does, and its time is in the journal (`waitsUntil`).
 */
export type Outcome = 'settled' | 'blocked' | 'asleep'
