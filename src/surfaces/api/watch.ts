import type { SSEStreamingApi } from 'hono/streaming'
import type { Firebreak } from '../../core/app.ts'
import { isOver } from '../../core/run.ts'
import type { WatchMessage } from '../../core/wire-views.ts'

/** A comment now and then tells a watcher that has gone from one that waits. */
const HEARTBEAT_MS = 15_000

export type Watch = {
  readonly run: string
  /** Facts up to this place in the log are known to the watcher already. */
  readonly after: number
  /** Aborted when the bot stops. */
  readonly stop: AbortSignal
}

/**
 * Sends a run's facts as they are committed, with the run after them, until it is over. The listener only rings a
 * bell; facts are read when the watcher has taken the last ones, so a slow watcher costs no memory.
 */
export async function streamRun(app: Firebreak, watch: Watch, stream: SSEStreamingApi): Promise<void> {
  const bell = createBell()
  const unsubscribe = app.subscribe((facts) => {
    if (facts.some((fact) => fact.run === watch.run)) bell.ring()
  })
  watch.stop.addEventListener('abort', bell.ring)
  stream.onAbort(bell.ring)
  try {
    await pump(app, watch, { stream, bell })
  } finally {
    unsubscribe()
    watch.stop.removeEventListener('abort', bell.ring)
  }
}

async function pump(
  app: Firebreak,
  watch: Watch,
  { stream, bell }: { stream: SSEStreamingApi; bell: Bell },
): Promise<void> {
  let sent = watch.after
  while (!stream.aborted && !watch.stop.aborted) {
    const message = await news(app, watch.run, sent)
    const last = message.facts.at(-1)
    if (last !== undefined) {
      sent = last.seq
      await stream.writeSSE({ data: JSON.stringify(message), id: String(sent) })
    }
    if (isOver(message.view.state.status)) return
    if (!(await bell.wait(HEARTBEAT_MS))) await stream.write(': still here\n\n')
  }
}

/** The run is read last: it is never older than the facts that come with it. */
async function news(app: Firebreak, run: string, after: number): Promise<WatchMessage> {
  const facts = await app.facts(run)
  return { facts: facts.filter((fact) => fact.seq > after), view: await app.run(run) }
}

type Bell = {
  readonly ring: () => void
  /** True when it rang (also before the call), false when the time passed. */
  readonly wait: (ms: number) => Promise<boolean>
}

function createBell(): Bell {
  let rung = false
  let wake: (() => void) | undefined
  const ring = (): void => {
    rung = true
    wake?.()
  }
  const wait = async (ms: number): Promise<boolean> => {
    if (!rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    const answer = rung
    rung = false
    return answer
  }
  return { ring, wait }
}
