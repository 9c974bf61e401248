import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { keepCheckpoint } from '../bot/audit.ts'
import { loadConfig } from '../config/load.ts'
import { FirebreakError } from '../core/errors.ts'
import { readLogKeys } from '../audit/key-folder.ts'
import { leafHash } from '../audit/leaf.ts'
import { createNotary } from '../audit/notary.ts'
import { bringKey, KEY_FILE } from '../app/log-key.ts'
import { PROTOCOL } from '../engine/drivers/workflows.ts'
import { type Copied, copyStore as copy } from '../store/copy/copy.ts'
import type { Destination, Source } from '../store/copy/port.ts'
import { openSqliteEnd } from '../store/copy/sqlite.ts'
import type { OwnerCommands } from '../surfaces/cli/deps.ts'
import { addressOf, type Address } from './address.ts'
import { defaultConfig } from './serve.ts'

/** Moves the log between stores. The key goes with it: into a state folder that has none. */
export const copyStore: OwnerCommands['copyStore'] = async ({
  config: file,
  state,
  env,
  user,
  ...request
}) => {
  const config = loadConfig(file ?? defaultConfig())
  const { origin } = config.audit
  const from = addressOf(request.from, env)
  const to = addressOf(request.to, env)
  if (from.place === to.place) throw same(from)
  const folder = keyFolder(from, to, state ?? config.state)
  const { key, previous } = readLogKeys(folder, origin)
  if (to.kind === 'folder') bringKey(folder, to.place, origin)
  const copied = await between(from, to, (ends) =>
    copy({
      ...ends,
      notary: createNotary(key, previous),
      clock: { now: Date.now },
      actor: { kind: 'account', account: { via: 'os', user } },
      leafHash,
      protocol: PROTOCOL,
    }),
  )
  const folders = new Set([folder, ...[from, to].flatMap((at) => (at.kind === 'folder' ? [at.place] : []))])
  for (const each of folders) keepCheckpoint(each, copied.checkpoint)
  const { size, root, resumed } = copied
  return { from: from.place, to: to.place, size, root, resumed }
}

/** The key lies in the state folder that the log comes from, or in the one of the processes that shared it. */
function keyFolder(from: Address, to: Address, state: string): string {
  if (from.kind === 'folder') return from.place
  return to.kind === 'folder' && existsSync(join(to.place, KEY_FILE)) ? to.place : state
}

type Ends = { readonly from: Source; readonly to: Destination }

async function between(from: Address, to: Address, work: (ends: Ends) => Promise<Copied>): Promise<Copied> {
  const source = await openSource(from)
  try {
    const destination = await openDestination(to)
    try {
      return await work({ from: source, to: destination })
    } finally {
      await destination.close()
    }
  } finally {
    await source.close()
  }
}

async function openSource(at: Address): Promise<Source> {
  if (at.kind === 'postgres') return (await import('../store/postgres/copy.ts')).openPostgresSource(at)
  if (existsSync(join(at.place, 'journal.db'))) return openSqliteEnd(at.place, PROTOCOL)
  throw new FirebreakError('store.bad-copy', `there is no journal in ${at.place}`, {
    remedy: 'Name the state folder that the bot has used.',
  })
}

async function openDestination(at: Address): Promise<Destination> {
  if (at.kind === 'postgres') return (await import('../store/postgres/copy.ts')).openPostgresDestination(at)
  return openSqliteEnd(at.place, PROTOCOL)
}

function same({ place }: Address): FirebreakError {
  return new FirebreakError('usage.bad-arguments', `from and to are both ${place}`, {
    remedy: 'Name two stores.',
  })
}
