import type { AnyAction } from '../core/action.ts'
import type { Path } from '../core/yaml.ts'
import type { Expression, Reference, Template } from '../expr/index.ts'
import type { Document, StepText } from './document.ts'
import type { Step } from './playbook.ts'
import type { Taint } from './taint.ts'

/** What the checker may know besides the file itself. What is left out is not checked. */
export type CheckContext = {
  /** Names of the configured instances (clusters, accounts), by provider. */
  readonly instances?: { readonly [provider: string]: readonly string[] }
  /** How many persons have each role. A role that the configuration knows has an entry, also with nobody in it. */
  readonly roles?: { readonly [role: string]: number }
  /** True when `file` is the name that the playbook has on disk. */
  readonly onDisk?: boolean
}

/** A reference, and the value of the document it stands in. */
export type Use = { readonly path: Path; readonly reference: Reference }

/** A step after its own check: what it is, and what it refers to. */
export type CheckedStep = {
  readonly id: string
  readonly text: StepText
  readonly action: AnyAction
  readonly step: Step
  readonly uses: readonly Use[]
  /** The fields of `with`, where they are texts. */
  readonly templates: ReadonlyMap<string, Template>
  readonly condition?: Expression
  /** False when a part of it is refused: what it does not say, it may have meant to say there. */
  readonly sound: boolean
}

/** A checked document, as the checks of `checks/` see it. */
export type Subject = {
  readonly file: string
  readonly document: Document
  readonly context: CheckContext
  readonly taint: Taint
  /** Steps whose action is known. */
  readonly steps: ReadonlyMap<string, CheckedStep>
  /** What the outputs of the playbook refer to. */
  readonly given: readonly Use[]
  /** Every step that is over before this one begins. */
  readonly before: (id: string) => ReadonlySet<string>
}
