// A bot on a journal of its own or on PostgreSQL, whose outside world costs nothing. For figures of the engine alone.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { App } from '../../src/app.ts'
import type { RunView } from '../../src/core/app.ts'
import { applied, startNoop } from './noop.ts'
import { serveRemote } from './remote.ts'
import { createStarter, rateOf } from './runs.ts'
import { waitFor } from './wait.ts'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

let app: App | undefined
let names = 0

function running(): App {
  if (app === undefined) throw new Error('the bot has not been started')
  return app
}

async function begin(playbook: string): Promise<RunView> {
  const by = { via: 'os', user: 'bench' } as const
  return running().firebreak.start({
    playbook,
    inputs: { name: `p${process.pid}-${++names}` },
    mode: 'run',
    by,
  })
}

const ann = { team: 'T0BENCH', user: 'U0ANN' }

async function approve({ state, waitingFor }: RunView): Promise<void> {
  if (waitingFor === undefined) throw new Error(`run ${state.id} asks nobody`)
  const { request, digest } = waitingFor
  const outcome = await running().firebreak.decide({
    run: state.id,
    request,
    digest,
    decision: 'approve',
    by: { via: 'slack', ...ann, standing: 'member' },
    evidence: { kind: 'slack', ...ann },
  })
  if (outcome.kind !== 'counted') throw new Error(`the approval did not count: ${JSON.stringify(outcome)}`)
}

const methods = {
  start: async ({ folder, store }: { folder: string; store?: string }) => {
    app = await startNoop(folder, store)
    app.recover()
  },
  /** Runs of five effects a second, so many at a time. */
  rate: async (load: { at: number; ms: number }) => {
    const { run } = createStarter(running().firebreak, 'noop')
    return rateOf(load, () => run({ name: `r${process.pid}-${++names}` }))
  },
  /** From an approval to the call of the effect that waited for it, one after the other. */
  approvals: async (count: number) => {
    const latencies: number[] = []
    for (let i = 0; i < count; i++) {
      // oxlint-disable no-await-in-loop -- one at a time is what is measured
      const view = await begin('approved')
      const before = applied.length
      const began = performance.now()
      await approve(view)
      await waitFor('the effect', () => (applied.length > before ? true : undefined))
      latencies.push((applied.at(-1) ?? NaN) - began)
      // oxlint-enable no-await-in-loop
    }
    return latencies
  },
  /** Starts runs that wait for an approval, so many at a time. */
  wait: async ({ count, at }: { count: number; at: number }) => {
    let left = count
    const worker = async () => {
      // oxlint-disable-next-line no-await-in-loop -- so many at a time
      while (left-- > 0) await begin('approved')
    }
    await Promise.all(Array.from({ length: at }, worker))
  },
  /** Approves one of the runs that wait, and resolves when its effect was called. */
  approveOne: async () => {
    const [view] = await running().firebreak.runs({ open: true, limit: 1 })
    if (view === undefined) throw new Error('no run waits')
    await approve(view)
    await waitFor('the effect', () => (applied.length > 0 ? true : undefined))
  },
  /** Resident memory in MB when garbage is gone, and the CPU time that was used up to now in ms. */
  usage: () => {
    if (typeof collect === 'function') collect()
    const { user, system } = process.cpuUsage()
    return { mb: process.memoryUsage().rss / 2 ** 20, cpuMs: (user + system) / 1000 }
  },
}
export type PgProcess = typeof methods

serveRemote(methods, async () => app?.close())
