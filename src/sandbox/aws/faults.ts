/** What can be wrong with a call. */
export type Fault =
  /** The answer comes this much later; the effect is at once. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Refused for being one too many, as the service says it. Nothing happens. */
  | { readonly kind: 'throttle' }
  /** An answer of the 5xx family. Nothing happens. */
  | { readonly kind: 'error'; readonly status: 500 | 502 | 503 | 504 }
  /** The connection breaks before anything happens. */
  | { readonly kind: 'lost-request' }
  /** The connection breaks after the effect. */
  | { readonly kind: 'lost-answer' }
  /** Answered as a success; nothing happens. */
  | { readonly kind: 'no-effect' }
  /** Answered as a success; the effect follows after this time. */
  | { readonly kind: 'late-effect'; readonly ms: number }

type FaultOrder = {
  /** Operation name, such as `UpdateAccessKey`; `*` for any. */
  readonly operation: string
  readonly fault: Fault
  /** How many calls it hits; for ever when absent. */
  readonly times?: number
}

export type Faults = {
  readonly add: (order: FaultOrder) => void
  readonly clear: () => void
}

export type FaultBook = Faults & { readonly take: (operation: string) => Fault | undefined }

export function createFaults(): FaultBook {
  let orders: { readonly order: FaultOrder; left: number }[] = []
  return {
    add: (order) => void orders.push({ order, left: order.times ?? Number.POSITIVE_INFINITY }),
    clear: () => {
      orders = []
    },
    take: (operation) => {
      const hit = orders.find(({ order, left }) => left > 0 && [operation, '*'].includes(order.operation))
      if (hit === undefined) return undefined
      hit.left -= 1
      return hit.order.fault
    },
  }
}
