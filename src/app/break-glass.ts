// Acting while PostgreSQL is gone: the same program on a log of its own, and what it leaves to the usual one afterwards.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { FirebreakError, isFirebreakError } from '../core/errors.ts'
import type { FactData, NewFact } from '../core/fact.ts'
import { system } from '../core/person.ts'
import type { Clock, Store } from '../core/ports.ts'
import { scrub } from '../core/scrub/scrub.ts'
import { parseCheckpoint } from '../audit/checkpoint.ts'
import { readLogKeys } from '../audit/key-folder.ts'
import { createNotary } from '../audit/notary.ts'
import { openSqlite } from '../store/sqlite.ts'

/** In the state folder: one folder for each time. */
const FOLDER = 'break-glass'
/** In the folder of one: PostgreSQL knows of it. */
const ENDED = 'ended'
/** The last checkpoint that this machine knows of a log. */
const CHECKPOINT = 'checkpoint'

export type BreakGlass = NonNullable<FactData<'log.opened'>['breakGlass']>

type Entering = {
  readonly reason: string
  /** Where the last checkpoint known of the usual log lies; the state folder's when absent. */
  readonly checkpoint?: string
  readonly clock: Clock
}

/**
 * The configuration of the break-glass bot: no PostgreSQL, and a log of its own with a name and a key of its own, for two
 * logs of one name would look like one log that was forked. One that has not been told of yet is taken up again.
 */
export function enterBreakGlass(
  config: Config,
  { reason, checkpoint, clock }: Entering,
): { readonly config: Config; readonly breakGlass: BreakGlass } {
  if (config.store === undefined) {
    throw new FirebreakError('usage.bad-arguments', 'there is no PostgreSQL to do without', {
      remedy: 'The journal lies in the state folder already: start with plain `firebreak serve`.',
    })
  }
  const now = new Date(clock.now()).toISOString().replaceAll(/[-:.]/g, '')
  const name = notEnded(config.state).at(-1) ?? now
  const folder = join(config.state, FOLDER, name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const last = lastKnown(config.state, checkpoint)
  const { store: _, ...rest } = config
  return {
    // Anchors hold checkpoints of the usual log: this one is anchored by the entry with which that one goes on.
    config: {
      ...rest,
      state: folder,
      audit: { ...config.audit, origin: originOf(config, name), anchors: [] },
    },
    breakGlass: { reason: scrub(reason), ...(last === undefined ? {} : { checkpoint: last }) },
  }
}

function originOf({ audit }: Pick<Config, 'audit'>, name: string): string {
  return `${audit.origin}/${FOLDER}/${name}`
}

function lastKnown(state: string, file: string | undefined): string | undefined {
  const path = file ?? join(state, CHECKPOINT)
  if (file === undefined && !existsSync(path)) return undefined
  try {
    const text = readFileSync(path, 'utf8')
    parseCheckpoint(text)
    return text
  } catch (cause) {
    if (isFirebreakError(cause)) throw cause
    throw new FirebreakError('audit.bad-checkpoint', `${path} cannot be read`, {
      remedy: 'Name a file with a checkpoint of the log, such as the last one in the audit channel.',
      cause,
    })
  }
}

/** Oldest first: the names are times. */
function notEnded(state: string): string[] {
  const all = join(state, FOLDER)
  if (!existsSync(all)) return []
  return readdirSync(all, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !existsSync(join(all, entry.name, ENDED)))
    .map(({ name }) => name)
    .filter((name) => existsSync(join(all, name, 'journal.db')))
    .toSorted()
}

/**
 * Tells the usual log of every break-glass log in the state folder, before anything is done: it is frozen, and each of its
 * open runs is parked, for the world is not as they left it. People thaw it and resume what is still wanted.
 */
export async function endBreakGlass(
  config: Pick<Config, 'state' | 'audit'>,
  store: Store,
): Promise<string[]> {
  const told: string[] = []
  for (const name of notEnded(config.state)) {
    const folder = join(config.state, FOLDER, name)
    // oxlint-disable-next-line no-await-in-loop -- each is told before the next
    const { reason, key, acted } = await closing(folder, originOf(config, name))
    if (!acted) {
      writeFileSync(join(folder, ENDED), 'nothing was done\n', { flush: true })
      continue
    }
    const once = { scope: FOLDER, key, expires: Number.MAX_SAFE_INTEGER }
    // oxlint-disable-next-line no-await-in-loop
    await frozenOnce(store, { reason, once })
    // oxlint-disable-next-line no-await-in-loop
    await parkAll(store, reason)
    writeFileSync(join(folder, ENDED), `${reason}\n`, { flush: true })
    told.push(reason)
  }
  return told
}

type Once = { readonly scope: string; readonly key: string; readonly expires: number }

async function frozenOnce(
  store: Store,
  { reason, once }: { readonly reason: string; readonly once: Once },
): Promise<void> {
  try {
    await store.commit({ facts: [{ type: 'freeze.set', actor: system, data: { reason } }], guards: { once } })
  } catch (error) {
    // A process that ended in the middle of this has frozen it.
    if (!isFirebreakError(error, 'store.already-seen')) throw error
  }
}

type Closing = {
  readonly reason: string
  readonly key: string
  /** A run was asked for. */
  readonly acted: boolean
}

/** Reads the break-glass log, which nobody may hold any longer. */
async function closing(folder: string, origin: string): Promise<Closing> {
  const { key, previous } = readLogKeys(folder, origin)
  const store = openSqlite({ folder, notary: createNotary(key, previous), clock: { now: Date.now } })
  try {
    const [opened] = await store.log({ from: 0, limit: 1 })
    const why = opened?.type === 'log.opened' ? (opened.data.breakGlass?.reason ?? '') : ''
    const open = await store.runs({ open: true, limit: 1000 })
    const { size, root } = parseCheckpoint(await store.checkpoint())
    const left =
      open.length === 0
        ? ''
        : `; ${open.length} of its runs are open: ${open.map(({ run }) => run).join(', ')}`
    const reason = `break-glass since ${opened?.time ?? 'an unknown time'}: ${why}; its log ${origin} in ${resolve(folder)} has ${size} entries, root ${root}${left}`
    const acted = (await store.runs({ limit: 1 })).length > 0
    return { reason: reason.slice(0, 2000), key: key.text, acted }
  } finally {
    await store.close()
  }
}

const PAGE = 100_000

async function parkAll(store: Store, why: string): Promise<void> {
  for (const { run } of await store.runs({ open: true, limit: PAGE })) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: there may be many
    const facts = await store.facts(run)
    // oxlint-disable-next-line no-await-in-loop
    if (!isParked(facts)) await store.commit({ facts: [parked(run, facts.length, why)] })
  }
}

function isParked(facts: readonly { readonly type: string }[]): boolean {
  const last = facts.findLast(({ type }) => type === 'run.parked' || type === 'run.resumed')
  return last?.type === 'run.parked'
}

function parked(run: string, n: number, why: string): NewFact {
  const data = {
    code: 'run.break-glass',
    message: `While this run rested, people acted without its log: ${why.slice(0, 300)}`,
    remedy: 'Look at what they did, then resume the run, or cancel it.',
  }
  return { type: 'run.parked', run, n, actor: system, data }
}
