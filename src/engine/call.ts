import type {
  AnyAction,
  AnyEffectAction,
  AnyManualAction,
  AnyNotifyAction,
  AnyReadAction,
  AnyWaitAction,
  Notice,
  Task,
} from '../core/action.ts'
import { type Change, Change as ChangeSchema, type Undo, type Verdict } from '../core/change.ts'
import { FirebreakError } from '../core/errors.ts'
import type { FactData } from '../core/fact.ts'
import type { JsonObject } from '../core/json.ts'
import { scrubData } from '../core/scrub/data.ts'
import { scrub } from '../core/scrub/scrub.ts'
import { z } from 'zod'

// The only places where an action is called. Its parameters are `never` to everyone else, because an action takes its
// own input only; here the input has just been parsed by the action's own schema.

function erased(value: unknown): never {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one erasure point (style.md, traps)
  return value as never
}

/** Provider calls of a read or a plan are given up after this long unless the step says otherwise. */
export const READ_TIMEOUT_MS = 30_000

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json())

export function parseInput(action: AnyAction, input: JsonObject): JsonObject {
  const parsed = action.input.safeParse(input)
  if (parsed.success) return jsonObject.parse(parsed.data)
  const issue = parsed.error.issues[0]
  throw new FirebreakError('step.bad-input', `${action.name}: ${issue?.path.join('.')}: ${issue?.message}`, {
    remedy: 'Correct the value that the playbook gives to this field.',
  })
}

export async function callRead(
  action: AnyReadAction,
  input: JsonObject,
  context: { client: unknown; timeoutMs: number },
): Promise<JsonObject> {
  const { client, timeoutMs } = context
  const output = await withDeadline(timeoutMs, (signal) =>
    action.run(erased(input), erased({ client, signal })),
  )
  return checkOutput(action, output)
}

export async function callPlan(
  action: AnyEffectAction,
  input: JsonObject,
  context: { client: unknown; timeoutMs: number },
): Promise<Change> {
  const { client, timeoutMs } = context
  const change = ChangeSchema.parse(
    await withDeadline(timeoutMs, (signal) => action.plan(erased(input), erased({ client, signal }))),
  )
  return { ...scrubData(change), output: checkOutput(action, change.output) }
}

type EffectCall = {
  readonly client: unknown
  readonly input: JsonObject
  readonly key: string
  readonly timeoutMs: number
}

export async function callApply(action: AnyEffectAction, change: Change, call: EffectCall): Promise<void> {
  await withDeadline(call.timeoutMs, (signal) => action.apply(change, contextOf(call, signal)))
}

export async function callProbe(action: AnyEffectAction, change: Change, call: EffectCall): Promise<Verdict> {
  return withDeadline(call.timeoutMs, (signal) => action.probe(change, contextOf(call, signal)))
}

function contextOf({ client, input, key }: EffectCall, signal: AbortSignal): never {
  return erased({ client, input, signal, idempotencyKey: key })
}

export function callCompose(action: AnyNotifyAction, input: JsonObject): Notice {
  return action.compose(erased(input))
}

export function callWait(action: AnyWaitAction, input: JsonObject): number {
  return action.waitMs(erased(input))
}

export function callAsk(action: AnyManualAction, input: JsonObject): Task {
  return action.ask(erased(input))
}

export function undoOf(
  action: AnyEffectAction,
  change: Change,
  why: { because: string; input: JsonObject },
): Undo {
  if (action.effect === 'irreversible') return { kind: 'never', reason: 'the effect cannot be undone' }
  return action.undo(change, erased(why))
}

/** Gives up waiting at the deadline even when the callee ignores its signal. */
async function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort(new DOMException('the deadline has passed', 'TimeoutError'))
    late.reject(
      new FirebreakError('provider.timeout', `no answer within ${ms} ms`, {
        remedy: 'Nothing is assumed of a call without an answer: where it had an effect, the probe decides.',
      }),
    )
  }, ms)
  try {
    return await Promise.race([work(controller.signal), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function checkOutput(action: AnyAction, output: unknown): JsonObject {
  const parsed = action.output.safeParse(output)
  // Before anything is digested or remembered of it: a provider may say anything (P9).
  if (parsed.success) return scrubData(jsonObject.parse(parsed.data))
  const issue = parsed.error.issues[0]
  throw new FirebreakError(
    'step.bad-output',
    `${action.name} returned ${issue?.path.join('.')}: ${issue?.message}`,
    {
      remedy: 'This is a fault of the action; report it.',
    },
  )
}

/** A failure that the log cannot hold would be tried again for ever. */
const MAX_PROBLEM_TEXT = 2000

function fit(text: string): string {
  return scrub(text).slice(0, MAX_PROBLEM_TEXT).toWellFormed()
}

/** An error as a fact holds it: a code, a message and a remedy, and never the provider's raw text. */
export function problemOf(error: unknown): FactData<'step.failed'> {
  if (error instanceof FirebreakError)
    return { code: error.code, message: fit(error.message), remedy: fit(error.remedy) }
  const timedOut = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
  return timedOut
    ? {
        code: 'provider.timeout',
        message: 'the provider did not answer in time',
        remedy: 'Check the provider, then run again.',
      }
    : {
        code: 'internal.unexpected',
        message: 'an unforeseen error; the log of the process has it',
        remedy: 'Report it.',
      }
}
