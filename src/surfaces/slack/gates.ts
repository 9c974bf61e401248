import { setTimeout as sleep } from 'node:timers/promises'

/** Methods of Slack are limited one by one: a 429 on edits closes the gate of edits, and no other. */
type Method = 'post' | 'edit' | 'find'

export type Gates = {
  readonly close: (method: Method, milliseconds: number) => void
  /** Resolves when calls of this method may be made, or when the surface stops. */
  readonly pass: (method: Method) => Promise<void>
  /** Milliseconds until the gate opens; 0 when it is open. */
  readonly left: (method: Method) => number
  readonly pause: (milliseconds: number) => Promise<void>
}

export function createGates(stopped: AbortSignal): Gates {
  const until = new Map<Method, number>()
  const pause = async (milliseconds: number) => {
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: stopped }).catch(() => undefined)
  }
  const left = (method: Method) => Math.max(0, (until.get(method) ?? 0) - performance.now())
  return {
    pause,
    left,
    close: (method, milliseconds) => {
      until.set(method, Math.max(until.get(method) ?? 0, performance.now() + milliseconds))
    },
    pass: async (method) => {
      while (!stopped.aborted && left(method) > 0) await pause(left(method))
    },
  }
}
