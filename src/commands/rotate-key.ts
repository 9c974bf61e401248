import { endOverlap, rotateKey as rotate, type KeyOffice } from '../bot/rotate-key.ts'
import { loadConfig } from '../config/load.ts'
import { openJournal } from '../app/journal.ts'
import type { OwnerCommands } from '../surfaces/cli/deps.ts'
import { defaultConfig } from './serve.ts'

const nothing = (): void => {}

/**
 * Owns the state folder meanwhile: a running bot has the old key in memory, and must be stopped first. Where several
 * processes share a journal, each of them needs the files `log.key` and `log.key.previous` afterwards.
 */
export const rotateKey: OwnerCommands['rotateKey'] = async ({ config: file, state, end, user }) => {
  const config = loadConfig(file ?? defaultConfig())
  const folder = state ?? config.state
  const office: KeyOffice = {
    folder,
    origin: config.audit.origin,
    actor: { kind: 'account', account: { via: 'os', user } },
    open: async (notary) => {
      const clock = { now: Date.now }
      const { store, close } = await openJournal({
        config,
        folder,
        notary,
        clock,
        published: nothing,
        lost: nothing,
      })
      return { ...store, close }
    },
  }
  if (!end) return rotate(office)
  const { key, retired } = await endOverlap(office)
  return { key, previous: retired }
}
