import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { EngineParts } from '../parts.ts'
import type { Wanted } from './drive.ts'

/** The database of the journal, and the name of this process among those that share it. */
export type Place = {
  readonly url: string
  readonly executor: string
  /** Does something while no other process does the same. `drop` drops a schema with all that is in it. */
  readonly alone: (work: (drop: (schema: string) => Promise<void>) => Promise<void>) => Promise<void>
}

/** One workflow per turn of a run in somebody's hands: it holds the run's id and epoch, and never what a step returned. */
export type Workflows = {
  readonly launch: () => Promise<void>
  readonly start: (wanted: Wanted) => Promise<void>
  /** What a dead process had begun is done by others, under other ids. */
  readonly cancelOf: (executor: string) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Raised when interpreters of different versions must not share a run (DESIGN section 7). */
export const PROTOCOL = 1

/** Rows of workflows that have ended are kept no longer than this. */
const SWEEP_MS = 30_000
const SWEEP_LIMIT = 1000
const LEFT_MS = 86_400_000
/** Besides the journal's own connections. */
const POOL_SIZE = 4
/** Its tables are of no use to anybody else, nor those of somebody else's workflows to us. */
const SCHEMA = 'firebreak_engine'
/** A process that hangs in a transaction of the engine must not keep its rows from the others for longer. */
const IDLE_IN_TRANSACTION_MS = 5000

type Drive = (wanted: Wanted) => Promise<void>

/** DBOS Transact keeps its registry for the whole process: the workflow is registered once, and asks here what to do. */
let current: Drive | undefined
let registered: Drive | undefined

/**
 * The workflows of this process on DBOS Transact. Its tables are disposable: the journal says what is open, who has it in
 * hand and in which epoch, so a workflow that was lost is started anew and one that was doubled finds the run taken.
 */
export function createWorkflows(parts: EngineParts, place: Place, drive: Drive): Workflows {
  let sweeper: NodeJS.Timeout | undefined
  // Who has died is heard of before the engine is there: what they left waits until it is.
  const launched = Promise.withResolvers<void>()
  launched.promise.catch(() => undefined)
  // What a workflow starts would be a child of it to DBOS, which refuses that once the parent has ended. Whoever starts
  // one here is only the one who happened to look.
  const apart = AsyncLocalStorage.snapshot()
  const startOrRelaunch = createStarter(parts, place)
  return {
    launch: async () => {
      current = drive
      await launch(parts, place)
      launched.resolve()
      const swept = () => void quietly(parts, 'ended workflows stay', sweep)
      sweeper = setInterval(swept, SWEEP_MS)
      sweeper.unref()
      swept()
    },
    start: async (wanted) => {
      await launched.promise
      await apart(startOrRelaunch, wanted)
    },
    cancelOf: async (executor) => {
      await launched.promise
      await quietly(parts, 'workflows of a dead process stay', () => cancelOf(executor))
    },
    stop: async () => {
      clearInterval(sweeper)
      launched.reject(new Error('the engine was not launched'))
      const { DBOS } = await load()
      await DBOS.shutdown()
    },
  }
}

function createStarter(parts: EngineParts, place: Place): Drive {
  let relaunching: Promise<void> | undefined
  return async (wanted) => {
    try {
      await start(wanted)
    } catch (error) {
      parts.log.error(
        { err: error, run: wanted.run },
        'a workflow could not be started; the engine is started anew',
      )
      // Somebody may have dropped its tables: launching makes them again.
      relaunching ??= relaunch(parts, place).finally(() => (relaunching = undefined))
      await relaunching
      await start(wanted)
    }
  }
}

async function start(wanted: Wanted): Promise<void> {
  const { DBOS } = await load()
  // A fresh id each time: what became of an earlier workflow says nothing about the run.
  const workflowID = `${wanted.run}.${wanted.epoch}.${randomUUID().slice(0, 8)}`
  await DBOS.startWorkflow(register(DBOS), { workflowID })(wanted)
}

type Sdk = Awaited<ReturnType<typeof load>>['DBOS']

function load() {
  return import('@dbos-inc/dbos-sdk')
}

function register(DBOS: Sdk): Drive {
  registered ??= DBOS.registerWorkflow((wanted: Wanted) => current?.(wanted) ?? Promise.resolve(), {
    name: 'drive',
  })
  return registered
}

async function launch({ log }: EngineParts, { url, executor, alone }: Place): Promise<void> {
  const { DBOS } = await load()
  register(DBOS)
  const say = (entry: unknown) =>
    log.error({ from: 'dbos', said: String(entry).slice(0, 500) }, 'the engine says')
  DBOS.setConfig({
    name: 'firebreak',
    systemDatabaseUrl: url,
    systemDatabaseSchemaName: SCHEMA,
    systemDatabasePoolSize: POOL_SIZE,
    systemDatabaseIdleTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS,
    executorID: executor,
    applicationVersion: `protocol-${PROTOCOL}`,
    logger: { info: () => undefined, debug: () => undefined, warn: say, error: say },
  })
  // Two processes that make its tables at once fail both.
  await alone(async (drop) => {
    try {
      await DBOS.launch()
    } catch (error) {
      if (!isHalfMade(error)) throw error
      log.error({ err: error }, 'the tables of the engine are broken; they are made anew')
      await DBOS.shutdown()
      await drop(SCHEMA)
      await DBOS.launch()
    }
  })
}

/**
 * A process that ends while it makes the tables can leave them so that nobody can go on with them, ever. What they hold is
 * disposable. By the SQLSTATE: class 42 without 42501 (insufficient privilege) says that something is not as it should be.
 */
function isHalfMade(error: unknown): boolean {
  const cause: unknown = error instanceof Error && 'error' in error ? error.error : undefined
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && code.startsWith('42') && code !== '42501'
}

async function relaunch(parts: EngineParts, place: Place): Promise<void> {
  const { DBOS } = await load()
  await DBOS.shutdown()
  await launch(parts, place)
}

async function cancelOf(executor: string): Promise<void> {
  const { DBOS } = await load()
  const begun = await DBOS.listWorkflows({
    executorId: executor,
    status: 'PENDING',
    loadInput: false,
    loadOutput: false,
  })
  if (begun.length > 0) await DBOS.deleteWorkflows(begun.map(({ workflowID }) => workflowID))
}

/**
 * DBOS keeps what has ended for ever unless it is told otherwise. Whoever began it: a process that has ended sweeps no
 * more. What began a day ago and has no end was left behind; no turn takes that long, and no row is needed by one.
 */
async function sweep(): Promise<void> {
  const { DBOS } = await load()
  const some = { limit: SWEEP_LIMIT, loadInput: false, loadOutput: false }
  const longAgo = new Date(Date.now() - LEFT_MS).toISOString()
  const [ended, left] = await Promise.all([
    DBOS.listWorkflows({ ...some, status: ['SUCCESS', 'ERROR', 'CANCELLED'] }),
    DBOS.listWorkflows({ ...some, status: 'PENDING', endTime: longAgo }),
  ])
  const old = [...ended, ...left].map(({ workflowID }) => workflowID)
  if (old.length > 0) await DBOS.deleteWorkflows(old)
}

async function quietly(parts: EngineParts, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    parts.log.error({ err: error }, what)
  }
}
