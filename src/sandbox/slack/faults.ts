/** What goes wrong with one Web API method, and how often. */
export type MethodFault =
  /** HTTP 429 with Retry-After; nothing is done. Other methods are not affected [documented]. */
  | { kind: 'rate-limit'; retryAfter: number }
  /** The call takes effect, then the connection is reset before the answer. */
  | { kind: 'lose-response' }
  /** The call takes no effect and is never answered. */
  | { kind: 'hang' }
  /** HTTP status other than 200, without effect. */
  | { kind: 'status'; status: number }
  /** `ok: false` with this error, without effect. */
  | { kind: 'error'; error: string }

type Planned = MethodFault & { times: number }

/** Where a delivery waits when deliveries are held back. */
type Held = () => void

/**
 * The knobs of the stand-in. All are off at the start. What belongs to the workspace itself (guests, external people,
 * archived channels, the free plan) is data: change `workspace` before starting or the channel by the Web API.
 */
export type Faults = {
  /** Plan a fault for the next `times` calls of a method (default 1; `*` is any method). */
  plan(method: string, fault: MethodFault, times?: number): void
  /** Every envelope is sent this many times; 1 is normal. Copies keep envelope and event ids. */
  deliveries: number
  /** Keep back envelopes until `release`, which sends them newest first when asked to. */
  hold(): void
  release(order?: 'in-order' | 'reversed'): void
  /** Milliseconds after which chat.update answers `edit_window_closed`; undefined is never. */
  editWindow: number | undefined
  /** Slack finishes the close handshake but keeps TCP open (node-slack-sdk#2752, socket-mode 3.2.0 notes). */
  keepTcpAfterClose: boolean
  /** Forget all planned faults and send what is held. */
  clear(): void
}

/** The part the stand-in itself uses. */
export type FaultBox = Faults & { take(method: string): MethodFault | undefined; gate(send: Held): void }

export function createFaults(): FaultBox {
  const planned = new Map<string, Planned[]>()
  let held: Held[] | undefined
  const box: FaultBox = {
    deliveries: 1,
    editWindow: undefined,
    keepTcpAfterClose: true,
    plan: (method, fault, times = 1) => {
      planned.set(method, [...(planned.get(method) ?? []), { ...fault, times }])
    },
    hold: () => {
      held ??= []
    },
    release: (order = 'in-order') => {
      const waiting = held ?? []
      held = undefined
      for (const send of order === 'reversed' ? waiting.toReversed() : waiting) send()
    },
    clear: () => {
      planned.clear()
      box.deliveries = 1
      box.editWindow = undefined
      box.release()
    },
    take: (method) => takeFrom(planned, method) ?? takeFrom(planned, '*'),
    gate: (send) => {
      if (held === undefined) send()
      else held.push(send)
    },
  }
  return box
}

function takeFrom(planned: Map<string, Planned[]>, method: string): MethodFault | undefined {
  const queue = planned.get(method)
  const next = queue?.[0]
  if (queue === undefined || next === undefined) return undefined
  next.times -= 1
  if (next.times <= 0) queue.shift()
  return next
}
