import { scrubData } from '../../core/scrub/data.ts'
import { scrub } from '../../core/scrub/scrub.ts'
import type { Log } from './log.ts'

/** Slack shows people an error after 3 s; half of that leaves room for the network (facts: "fail-safe ack at 1.5 s"). */
const ACK_DEADLINE_MS = 1500

/** Ids of deliveries that are remembered: a burst of 500 took 360 ms [measured], and repeats come within seconds. */
const REMEMBERED = 5000

/** One envelope of Socket Mode, from either connection. */
export type Envelope = {
  readonly envelopeId: string
  readonly type: string
  readonly body: unknown
  readonly retryNum?: number
  readonly retryReason?: string
  readonly send: (answer: object | undefined) => Promise<void>
}

export type Ack = (answer?: object) => Promise<void>

/** Handles an envelope once. Whatever it does, an answer goes out: its own, or the one for latecomers at the deadline. */
export type Handle = (envelope: Envelope, ack: Ack) => Promise<void>

type Options = {
  readonly handle: Handle
  /** What is answered when the handler is late; undefined is an empty answer. */
  readonly late: (envelope: Envelope) => object | undefined
  readonly log: Log
  readonly deadlineMs?: number
}

/**
 * Exactly one handling and one answer for each delivery (traps 8 and "no dedupe"). A repeat, on whichever connection,
 * is answered with what the first was answered: an empty answer to a repeat could close a form that has errors.
 */
export function createDelivery({ handle, late, log, deadlineMs = ACK_DEADLINE_MS }: Options) {
  const answers = new Map<string, Promise<object | undefined>>()
  let active = 0
  return {
    /** Deliveries whose handler has not ended. */
    get active() {
      return active
    },
    receive: async (envelope: Envelope): Promise<void> => {
      const keys = identities(envelope)
      const known = keys.map((key) => answers.get(key)).find((answer) => answer !== undefined)
      if (known !== undefined) {
        log.info({ envelope: envelope.envelopeId, retry: envelope.retryNum ?? 0 }, 'slack delivery repeated')
        await say(envelope, await known, log)
        return
      }
      const once = Promise.withResolvers<object | undefined>()
      for (const key of keys) remember(answers, key, once.promise)
      active += 1
      const timer = setTimeout(() => once.resolve(late(envelope)), deadlineMs)
      const answered = once.promise.then((answer) => say(envelope, answer, log))
      try {
        await handle(envelope, async (answer) => {
          once.resolve(answer)
          await answered
        })
      } finally {
        active -= 1
        clearTimeout(timer)
        once.resolve(undefined)
        await answered
      }
    },
  }
}

/** An answer that cannot be sent changes nothing: what was decided is in the journal. */
async function say(envelope: Envelope, answer: object | undefined, log: Log): Promise<void> {
  try {
    await envelope.send(scrubData(answer, scrub))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    log.warn({ envelope: envelope.envelopeId, type: envelope.type, why }, 'slack acknowledgement lost')
  }
}

function remember(
  answers: Map<string, Promise<object | undefined>>,
  key: string,
  answer: Promise<object | undefined>,
): void {
  answers.set(key, answer)
  const oldest = answers.keys().next()
  if (answers.size > REMEMBERED && oldest.done !== true) answers.delete(oldest.value)
}

/** A repeat has the same envelope id, or a new one around the same event or trigger. */
function identities({ envelopeId, type, body }: Envelope): readonly string[] {
  const inner = typeof body === 'object' && body !== null ? body : {}
  const event = 'event_id' in inner ? inner.event_id : undefined
  const trigger = 'trigger_id' in inner ? inner.trigger_id : undefined
  return [
    `envelope ${envelopeId}`,
    ...(typeof event === 'string' ? [`event ${event}`] : []),
    ...(typeof trigger === 'string' ? [`trigger ${type} ${trigger}`] : []),
  ]
}
