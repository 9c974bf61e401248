import type { Call } from './request.ts'

/** Which calls a fault strikes. All given conditions must hold. */
export type FaultMatch = {
  readonly method?: string
  readonly path?: RegExp
  /** `true`: only dry runs; `false`: only calls that are none. */
  readonly dryRun?: boolean
  readonly user?: string
}

/**
 * - `latency`: the answer comes late.
 * - `status`: the call is refused with this code, without effect.
 * - `lose-answer`: the call takes effect, the connection breaks before the answer.
 * - `land-late`: the connection breaks at once, the call takes effect after `ms`.
 * - `no-effect`: the call is answered as if it had worked, and does nothing.
 */
export type Fault =
  | { readonly kind: 'latency' | 'land-late'; readonly ms: number }
  | {
      readonly kind: 'status'
      readonly code: number
      readonly reason: string
      readonly retryAfterSeconds?: number
    }
  | { readonly kind: 'lose-answer' | 'no-effect' }

type Armed = { readonly match: FaultMatch; readonly fault: Fault; left: number }

function strikes(match: FaultMatch, call: Call): boolean {
  return (
    (match.method === undefined || match.method === call.method) &&
    (match.path === undefined || match.path.test(call.path)) &&
    (match.dryRun === undefined || match.dryRun === call.query.has('dryRun')) &&
    (match.user === undefined || match.user === call.user.name)
  )
}

/** The faults that are armed, oldest first. */
export class Faults {
  #armed: Armed[] = []

  /** Arms a fault for the next `times` matching calls (default: all). Returns what disarms it. */
  add(match: FaultMatch, fault: Fault, times = Number.POSITIVE_INFINITY): () => void {
    const armed: Armed = { match, fault, left: times }
    this.#armed.push(armed)
    return () => {
      this.#armed = this.#armed.filter((each) => each !== armed)
    }
  }

  clear(): void {
    this.#armed = []
  }

  /** The fault that strikes this call, if any; its count goes down. */
  take(call: Call): Fault | undefined {
    const armed = this.#armed.find((each) => each.left > 0 && strikes(each.match, call))
    if (armed === undefined) return undefined
    armed.left -= 1
    return armed.fault
  }
}
