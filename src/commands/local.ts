import { actions } from '../actions/index.ts'
import { createApp, type App } from '../app.ts'
import { loadConfig } from '../config/load.ts'
import type { RunView } from '../core/app.ts'
import { isOver } from '../core/run.ts'
import { createLog } from '../log.ts'
import type { OwnerCommands } from '../surfaces/cli/deps.ts'
import { loadAll } from './files.ts'
import { defaultConfig } from './serve.ts'

/**
 * One run without a bot, for a machine where nothing else is up. The requester is the local user, who never counts as an
 * approver: a step that asks for approval waits, and is decided when a bot takes the run up.
 */
export const runLocal: OwnerCommands['runLocal'] = async (request, watch) => {
  const config = loadConfig(request.config ?? defaultConfig())
  const { playbooks } = loadAll(config.playbooks)
  const app = await createApp({
    config,
    actions,
    playbooks,
    state: request.state ?? config.state,
    clock: { now: Date.now },
    log: createLog(process.env['FIREBREAK_LOG_LEVEL'] ?? 'fatal'),
    localOwner: true,
  })
  try {
    const { playbook, inputs, mode, user, reason } = request
    const by = { via: 'os', user } as const
    const { state } = await app.firebreak.start({
      playbook,
      inputs,
      mode,
      by,
      ...(reason === undefined ? {} : { reason }),
    })
    return await follow(app, state.id, watch)
  } finally {
    await app.close()
  }
}

async function follow(
  { firebreak }: App,
  run: string,
  watch: Parameters<typeof runLocal>[1],
): Promise<RunView> {
  const { promise, resolve, reject } = Promise.withResolvers<RunView>()
  const look = async (facts: Parameters<typeof watch>[1]) => {
    const view = await firebreak.run(run)
    watch(view, facts)
    const { status } = view.state
    const waits = status === 'awaiting-approval' || view.byHand !== undefined
    if (isOver(status) || status === 'parked' || waits) resolve(view)
  }
  // One after the other, so that facts are shown in their order.
  let turn = look([])
  const unsubscribe = firebreak.subscribe((facts) => {
    if (facts.some((fact) => fact.run === run)) turn = turn.then(() => look(facts))
    turn.catch(reject)
  })
  turn.catch(reject)
  // A run that only lets time pass holds nothing that would keep the process alive.
  const alive = setInterval(() => undefined, 60_000)
  try {
    return await promise
  } finally {
    unsubscribe()
    clearInterval(alive)
  }
}
