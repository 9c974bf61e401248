/** Waits so long, or until the signal; never throws. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return Promise.resolve()
  const done = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', done)
    resolve()
  }
  const timer = setTimeout(done, ms)
  signal.addEventListener('abort', done)
  return promise
}

/** Asked for an answer that took too long. */
export class TookTooLong extends Error {}

/**
 * Runs a call that gets a signal, and is over when the time or the outer signal is, even if the call does not look at its
 * signal: a disk or a name server that hangs is not told by one.
 */
export async function within<T>(
  ms: number,
  outer: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const end = (error: Error) => {
    reject(error)
    inner.abort(error)
  }
  const stopped = () => end(new Error('stopped'))
  const timer = setTimeout(() => end(new TookTooLong(`no answer within ${ms} ms`)), ms)
  outer.addEventListener('abort', stopped)
  if (outer.aborted) stopped()
  try {
    return await Promise.race([call(inner.signal), promise])
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', stopped)
  }
}
