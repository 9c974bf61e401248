import type { z } from 'zod'
import type { Because } from './because.ts'
import { type Change, never, type Undo, type Verdict } from './change.ts'
import type { JsonObject } from './json.ts'
import type { AnyProvider, Provider } from './provider.ts'

/**
 * What an action does to the world. Policy decides on this, never on the action's name. `wait` lets time pass, and
 * `manual` asks a person to do something by hand: neither is an effect of ours.
 */
export type Effect = 'read' | 'notify' | 'wait' | 'manual' | 'reversible' | 'irreversible'

/** One rule of a Kubernetes Role, in the words of rbac.authorization.k8s.io/v1. */
export type KubernetesRule = {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** Permissions in each provider's own terms: IAM actions, RBAC rules, Slack scopes. */
export type Permissions = {
  readonly aws?: readonly string[]
  readonly kubernetes?: readonly KubernetesRule[]
  readonly slack?: readonly string[]
}

/** What an action is, to everything that shows, checks or documents it. */
export type ActionInfo = {
  /** `<provider>.<verb>-<noun>`; the file is `<provider>/<verb>-<noun>.ts`. */
  readonly name: `${string}.${string}`
  readonly title: string
  readonly effect: Effect
  readonly provider: AnyProvider
  /** Raised when the meaning changes; open runs pin it. */
  readonly contract: number
  /** `plan`: what planning and probing read. `apply`: what the effect needs on top. */
  readonly permissions: { readonly plan: Permissions; readonly apply: Permissions }
  readonly input: z.ZodObject
  readonly output: z.ZodObject
}

type ReadContext<Client> = {
  readonly client: Client
  readonly signal: AbortSignal
}

export type ApplyContext<Client> = ReadContext<Client> & {
  /** Same for every attempt at one intent: hand it to the provider, so that a repeat cannot act twice. */
  readonly idempotencyKey: string
}

/** What can stand under `action` of a step: an action, or a construct of the language that stands for other steps. */
export type ListedAction = Omit<ActionInfo, 'effect'> & { readonly effect: Effect | 'steps' }

/** A message to people, as data: where to and what. */
export type Notice = { readonly channel: string; readonly text: string }

type Base<In extends z.ZodObject, Out extends z.ZodObject, Client> = Omit<
  ActionInfo,
  'provider' | 'effect' | 'input' | 'output'
> & {
  readonly provider: Provider<never, Client>
  readonly input: In
  readonly output: Out
}

export type ReadAction<In extends z.ZodObject, Out extends z.ZodObject, Client> = Base<In, Out, Client> & {
  readonly effect: 'read'
  readonly run: (input: z.infer<In>, context: ReadContext<Client>) => Promise<z.input<Out>>
}

/** Succeeds when its outbox row is durable; delivery is a later fact and never blocks containment. */
export type NotifyAction<In extends z.ZodObject, Out extends z.ZodObject, Client> = Base<In, Out, Client> & {
  readonly effect: 'notify'
  readonly compose: (input: z.infer<In>) => Notice
}

/** Ends when the time has passed, whichever process looks at the clock then. */
export type WaitAction<In extends z.ZodObject, Out extends z.ZodObject, Client> = Base<In, Out, Client> & {
  readonly effect: 'wait'
  readonly waitMs: (input: z.infer<In>) => number
}

/** What a person is asked to do by hand: persons of which role, what, and where. */
export type Task = { readonly who: string; readonly what: string; readonly link?: string }

/** Ends when a person with the role says that it is done, and the step's `confirm` has seen that it is. */
export type ManualAction<In extends z.ZodObject, Out extends z.ZodObject, Client> = Base<In, Out, Client> & {
  readonly effect: 'manual'
  readonly ask: (input: z.infer<In>) => Task
}

export type EffectAction<In extends z.ZodObject, Out extends z.ZodObject, Client> = Base<In, Out, Client> & {
  readonly effect: 'reversible' | 'irreversible'
  /** Reads only (a server-side dry run counts). Before equal to after means that the world is already as wanted. */
  readonly plan: (input: z.infer<In>, context: ReadContext<Client>) => Promise<Change>
  /** Exactly one effect, conditional on `change.version` where the API has such a thing. */
  readonly apply: (
    change: Change,
    context: ApplyContext<Client> & { readonly input: z.infer<In> },
  ) => Promise<void>
  /** Reads whether the effect is in place. The idempotency key is that of the intent. */
  readonly probe: (
    change: Change,
    context: ApplyContext<Client> & { readonly input: z.infer<In> },
  ) => Promise<Verdict>
  /** Milliseconds after which `apply` is given up. */
  readonly deadlineMs: number
  /** Milliseconds by which the effect may become visible late (eventual consistency). */
  readonly settleMs: number
  readonly undo: (change: Change, why: { readonly because: Because; readonly input: z.infer<In> }) => Undo
  /**
   * What the effect has left, where `after` of the plan could only describe it: such as an id that is made from the
   * idempotency key. An undo expects to find this.
   */
  readonly left?: (change: Change, idempotencyKey: string) => JsonObject
  /**
   * Reasons for which the effect is never undone, whatever it changed, and why not: what leaked is not switched on again.
   * Playbooks are checked by it; `undo` is not asked for these, see `defineEffect`.
   */
  readonly neverUndone?: NeverUndone
}

/** By the reason of a playbook, why an effect stays. */
type NeverUndone = { readonly [B in Because]?: string }

/**
 * Any action, before its input is parsed. Parameters are `never` because an action takes its own input only
 * (contravariance, see style.md): the engine casts once, right after parsing.
 */
export type AnyReadAction = ActionInfo & {
  readonly effect: 'read'
  readonly run: (input: never, context: never) => Promise<unknown>
}
export type AnyNotifyAction = ActionInfo & {
  readonly effect: 'notify'
  readonly compose: (input: never) => Notice
}
export type AnyWaitAction = ActionInfo & {
  readonly effect: 'wait'
  readonly waitMs: (input: never) => number
}
export type AnyManualAction = ActionInfo & {
  readonly effect: 'manual'
  readonly ask: (input: never) => Task
}
export type AnyEffectAction = ActionInfo & {
  readonly effect: 'reversible' | 'irreversible'
  readonly plan: (input: never, context: never) => Promise<Change>
  readonly apply: (change: Change, context: never) => Promise<void>
  readonly probe: (change: Change, context: never) => Promise<Verdict>
  readonly deadlineMs: number
  readonly settleMs: number
  readonly undo: (change: Change, why: never) => Undo
  readonly left?: (change: Change, idempotencyKey: string) => JsonObject
  readonly neverUndone?: NeverUndone
}
export type AnyAction = AnyReadAction | AnyNotifyAction | AnyWaitAction | AnyManualAction | AnyEffectAction

/** The actions this program has, by name. */
export type ActionRegistry = { readonly [name: string]: AnyAction }

export function defineRead<In extends z.ZodObject, Out extends z.ZodObject, Config extends z.ZodType, Client>(
  action: Omit<ReadAction<In, Out, Client>, 'provider'> & { readonly provider: Provider<Config, Client> },
) {
  return action
}

export function defineNotify<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Config extends z.ZodType,
  Client,
>(action: Omit<NotifyAction<In, Out, Client>, 'provider'> & { readonly provider: Provider<Config, Client> }) {
  return action
}

export function defineWait<In extends z.ZodObject, Out extends z.ZodObject, Config extends z.ZodType, Client>(
  action: Omit<WaitAction<In, Out, Client>, 'provider'> & { readonly provider: Provider<Config, Client> },
) {
  return action
}

export function defineManual<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Config extends z.ZodType,
  Client,
>(action: Omit<ManualAction<In, Out, Client>, 'provider'> & { readonly provider: Provider<Config, Client> }) {
  return action
}

/**
 * An action with an effect: reversible or irreversible. Its `undo` answers by `neverUndone` first, so that what a playbook
 * is checked by and what an undo does cannot differ.
 */
export function defineEffect<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Config extends z.ZodType,
  Client,
>(action: Omit<EffectAction<In, Out, Client>, 'provider'> & { readonly provider: Provider<Config, Client> }) {
  const { undo, neverUndone } = action
  if (neverUndone === undefined) return action
  return {
    ...action,
    undo: (change: Change, why: Parameters<typeof undo>[1]): Undo => {
      const reason = neverUndone[why.because]
      return reason === undefined ? undo(change, why) : never(reason)
    },
  }
}
