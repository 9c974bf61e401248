// The key that signs the audit log, and the log's first entry.
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { FirebreakError, isFirebreakError } from '../core/errors.ts'
import type { FactData } from '../core/fact.ts'
import { system } from '../core/person.ts'
import type { OutboxNotice, Store } from '../core/ports.ts'
import { createKeyFile, readKeyFile } from '../audit/key-file.ts'
import { HANDOVERS } from '../audit/handover.ts'
import { readLogKeys, type LogKeys } from '../audit/key-folder.ts'
import { generateLogKey, type LogKey } from '../audit/key.ts'
import { SCHEMA_VERSION } from '../store/schema.ts'

export const KEY_FILE = 'log.key'

/**
 * The log's signing key, and during a rotation the one before it. Embedded it is made on first use: one process owns folder, journal and key. Where several share
 * a journal they must share its key too, so it is made once, by a person, and brought to each.
 */
export function openKeys({ store, audit }: Pick<Config, 'store' | 'audit'>, folder: string): LogKeys {
  const path = join(folder, KEY_FILE)
  if (!existsSync(path)) {
    if (store !== undefined) throw noKey(path)
    makeKey(folder, audit.origin)
  }
  return readLogKeys(folder, audit.origin)
}

function noKey(path: string): FirebreakError {
  return new FirebreakError('audit.no-key', `The signing key of the log is not at ${path}`, {
    remedy: 'Run `firebreak audit init` once, and give every process that shares the journal this file.',
  })
}

/** Makes key and verifier key in the state folder; never over existing ones. */
export function makeKey(folder: string, origin: string): LogKey {
  const key = generateLogKey(origin)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    createKeyFile(join(folder, KEY_FILE), key)
    // For auditors: what verifies the log without this machine.
    writeFileSync(join(folder, 'log.vkey'), `${key.text}\n`)
    return key
  } catch (cause) {
    if (isFirebreakError(cause)) throw cause
    throw new FirebreakError('store.unavailable', `The state folder ${folder} cannot be written`, {
      remedy: 'Check that the folder and its parent are writable and that the disk is not full.',
      cause,
    })
  }
}

/** Gives another state folder the key, where it has none; refuses another key. */
export function bringKey(from: string, to: string, origin: string): void {
  const [source, target] = [join(from, KEY_FILE), join(to, KEY_FILE)]
  if (source === target) return
  const key = readKeyFile(source, origin)
  if (!existsSync(target)) {
    mkdirSync(to, { recursive: true, mode: 0o700 })
    createKeyFile(target, key)
    for (const name of ['log.key.previous', 'log.vkey', HANDOVERS])
      if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true })
  }
  const other = readKeyFile(target, origin)
  if (other.text === key.text) return
  throw new FirebreakError('audit.other-key', `The key in ${to} is not the one of this log`, {
    remedy: 'Name a folder without a key, or bring that folder the key of this log.',
  })
}

type BreakGlass = NonNullable<FactData<'log.opened'>['breakGlass']>

type Unusual = {
  readonly breakGlass?: BreakGlass | undefined
  /** Where people are told of it. */
  readonly channel?: string | undefined
}

function noticeOf({ reason, checkpoint }: BreakGlass, { name, id }: LogKey, channel: string): OutboxNotice {
  const known =
    checkpoint === undefined
      ? 'no checkpoint of it is known'
      : `last known: ${checkpoint.split('\n')[1]} entries`
  const text = `🚨 BREAK-GLASS: ${reason}\nFirebreak acts without its usual log (${known}). This log is ${name}. Runs of the usual log rest.`
  return { id: `break-glass-${id}`, run: 'break-glass', step: 'start', channel, text }
}

/** The first entry of a log names it and its key. Of several processes that find an empty log one writes it. */
export async function openLog(
  store: Store,
  key: LogKey,
  { breakGlass, channel }: Unusual = {},
): Promise<void> {
  const begun = await store.log({ from: 0, limit: 1 })
  if (begun.length > 0) return
  const data = {
    origin: key.name,
    key: key.text,
    schema: SCHEMA_VERSION,
    ...(breakGlass === undefined ? {} : { breakGlass }),
  }
  const once = { scope: 'log', key: 'opened', expires: Number.MAX_SAFE_INTEGER }
  try {
    await store.commit({
      facts: [{ type: 'log.opened', actor: system, data }],
      guards: { once },
      outbox: breakGlass && channel !== undefined ? [noticeOf(breakGlass, key, channel)] : [],
    })
  } catch (error) {
    if (!isFirebreakError(error, 'store.already-seen')) throw error
  }
}
