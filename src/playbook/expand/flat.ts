import type { JsonObject } from '../../core/json.ts'
import type { CheckedStep } from '../checked.ts'
import type { Document } from '../document.ts'
import type { Output } from '../outputs.ts'

/** A playbook that loaded, as one that runs it needs it: nothing in it runs another any more. */
export type Flat = {
  readonly document: Document
  /** What it was read from. */
  readonly value: JsonObject
  readonly steps: ReadonlyMap<string, CheckedStep>
  readonly outputs: ReadonlyMap<string, Output>
}
