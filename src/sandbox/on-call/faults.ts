/** What can be wrong with a call. Nothing that these systems are asked for here has an effect. */
export type Fault =
  /** The answer comes this much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** One request too many, as the system says it; `bare` without a body and without saying for how long. */
  | { readonly kind: 'throttle'; readonly seconds: number; readonly bare?: boolean }
  /** An answer of the 5xx family. */
  | { readonly kind: 'error'; readonly status: 500 | 502 | 503 | 504 }
  /** The connection breaks before the answer. */
  | { readonly kind: 'lost-answer' }
  /** There is no answer for as long as the stand-in runs. */
  | { readonly kind: 'hang' }
  /** Somebody between answers instead: this status, headers and text. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly text: string
      readonly headers?: { readonly [name: string]: string }
    }

type Order = { readonly fault: Fault; left: number }

export type Faults = {
  /** Hits so many calls; for ever when absent. */
  readonly add: (fault: Fault, times?: number) => void
  readonly clear: () => void
}

export type FaultBook = Faults & { readonly take: () => Fault | undefined }

export function createFaults(): FaultBook {
  let orders: Order[] = []
  return {
    add: (fault, times = Infinity) => void orders.push({ fault, left: times }),
    clear: () => {
      orders = []
    },
    take: () => {
      const hit = orders.find(({ left }) => left > 0)
      if (hit === undefined) return undefined
      hit.left -= 1
      return hit.fault
    },
  }
}
