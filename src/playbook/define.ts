import type { z } from 'zod'
import type { ActionRegistry } from '../core/action.ts'
import { Draft, type Outcome } from './define/draft.ts'
import type { Declarations, DeclaredType } from './define/inputs.ts'
import { definitionFault } from './define/fault.ts'
import type { Ref } from './define/ref.ts'
import type { Given, Precise, Scope, StepOf, Strict } from './define/steps.ts'
import type { Document } from './document.ts'

/**
 * Playbooks in TypeScript. A definition gives the same graph as the YAML, and what the checker would refuse in a reference
 * is refused by `tsc`, at the place where it is written:
 *
 * ```ts
 * export const leakedKey = definePlaybook({
 *   name: 'leaked-key',
 *   title: 'Contain a leaked key',
 *   severity: 'high',
 *   because: 'leak',
 *   inputs: { accessKeyId: input.string({ pattern: '^AKIA[A-Z0-9]{16}$', description: 'Id of the leaked key' }) },
 * })
 *   .step('owner', ({ inputs }) => ({
 *     action: 'aws.find-access-key',
 *     with: { accessKeyId: inputs.accessKeyId },
 *   }))
 *   .step('disable', ({ inputs, steps }) => ({
 *     action: 'aws.deactivate-access-key',
 *     with: { userName: steps.owner.userName, accessKeyId: inputs.accessKeyId },
 *     approve: { from: 'approver', within: '30m' },
 *   }))
 *   .atEnd('page', 'failed', ({ inputs }) => ({
 *     action: 'slack.post',
 *     with: { channel: 'incidents', text: text`Key ${inputs.accessKeyId} is NOT contained.` },
 *   }))
 * ```
 *
 * A reference is an expression, not a value: it carries its CEL text (`steps.owner.userName`). Methods of CEL are methods
 * (`orValue`, `size`, `filter`, `map`, `exists`, `all`, `at`, `join`, `contains`, …); its operators and functions are functions
 * (`eq`, `ne`, `lt`, `le`, `gt`, `ge`, `isIn`, `and`, `or`, `not`, `has`, `re`); `cel` takes any text; the tag `text` makes texts.
 *
 * The bot never runs such a file: it does not execute what lies in a folder. Your own CI does, and fails when the YAML that
 * is committed differs: `writeFileSync(`playbooks/${leakedKey.name}.yaml`, toText(leakedKey))`, then `git diff --exit-code`.
 * That text is what people review, the bot loads and each run keeps. `toText` hands it to the checker of YAML first and throws
 * its faults (`playbook.refused`): patterns, bounds, cost and whatever else types cannot say.
 */
export type Define<R extends ActionRegistry> = <const I extends Declarations = Nothing>(
  head: Head & { readonly inputs?: I },
) => PlaybookDraft<R, { readonly [K in keyof I]: DeclaredType<I[K]> }>

/** No inputs, or no steps, so far. */
type Nothing = { readonly [K in never]: never }

type Head = Precise<Omit<z.input<typeof Document>, 'inputs' | 'steps'>>

/** A definition that grows by a step with each call. A step can refer to those before it. */
export interface PlaybookDraft<
  R extends ActionRegistry,
  Inputs,
  Steps = Nothing,
  Closing = Nothing,
> extends Definition {
  /**
   * A step of the main part. Every earlier step of the main part is in sight; independent ones run in parallel. `each` of
   * the scope repeats it: `({ inputs, each }) => each(inputs.names, (name) => ({ action, with: { name } }))`.
   */
  step<const Id extends string, const S extends StepOf<R, keyof Steps>>(
    id: NewId<Id, keyof Steps | keyof Closing>,
    build: (scope: Scope<R, Inputs, Steps>) => S & Strict<R, S>,
  ): PlaybookDraft<R, Inputs, Grown<Steps, Id, Given<R, S>>, Closing>

  /**
   * A step for the end of the run, when it is known how the main part went. Any other step may have returned nothing then.
   * A `when` of its own is asked on top.
   */
  atEnd<const Id extends string, const S extends StepOf<R, keyof Steps | keyof Closing>>(
    id: NewId<Id, keyof Steps | keyof Closing>,
    outcome: Outcome | Ref<boolean>,
    build: (scope: Scope<R, Inputs, Absent<Steps> & Absent<Closing>>) => S & Strict<R, S>,
  ): PlaybookDraft<R, Inputs, Steps, Grown<Closing, Id, Given<R, S>>>
}

type NewId<Id extends string, Known> = Id extends Known
  ? `${Id} is a step already`
  : Id extends `${string}${' ' | '-' | '.'}${string}`
    ? 'a name is letters, digits and _'
    : Id

type Grown<Steps, Id extends string, T> = {
  readonly [K in keyof Steps | Id]: K extends keyof Steps ? Steps[K] : T
}

type Absent<Steps> = { readonly [K in keyof Steps]: Steps[K] | undefined }

declare const DEFINITION: unique symbol
/** Any finished definition. */
export interface Definition {
  readonly [DEFINITION]: true
  /** The text belongs into `<name>.yaml`. */
  readonly name: string
}

/** `definePlaybook` for the actions of a registry: `definerOf({ ...actions, ...ours })` for one with actions of your own. */
export function definerOf<const R extends ActionRegistry>(actions: R): Define<R> {
  const define = ({ inputs = {}, ...head }: Head & { readonly inputs?: Declarations }) =>
    new Draft({ actions, head, inputs, steps: new Map() })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- erasure point: which steps there are is known to tsc only
  return define as unknown as Define<R>
}

/** The YAML text of a definition. Throws `playbook.refused` with every fault that the checker finds in it. */
export function toText(definition: Definition): string {
  const draft: unknown = definition
  if (draft instanceof Draft) return draft.text
  throw definitionFault('this is not what definePlaybook gave', 'Pass definePlaybook(…).step(…).')
}
