// What doctor and readiness say of the journal: whether it could be written to now.
import type { Config } from '../config/config.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Store } from '../core/ports.ts'
import type { DoctorPart } from '../core/wire.ts'
import { movedTo } from '../store/moved.ts'
import type { BreakGlass } from './break-glass.ts'

/** An orchestrator's probe waits three seconds. */
const PATIENCE_MS = 2500

type Asked = {
  readonly store: Store
  readonly config: Pick<Config, 'store' | 'state'>
  readonly folder: string
  readonly breakGlass?: BreakGlass | undefined
}

/** A checkpoint is signed in line with all commits, so it is had when a commit could be made. */
export async function journalPart({ store, config, folder, breakGlass }: Asked): Promise<DoctorPart> {
  const identity = config.store === undefined ? folder : 'PostgreSQL'
  const told = breakGlass === undefined ? {} : { detail: `BREAK-GLASS: ${breakGlass.reason}` }
  if (store.moved !== undefined) return failedPart(identity, movedTo(store.moved))
  try {
    await inTime(store.checkpoint())
    return { name: 'journal', identity, ok: true, ...told }
  } catch (error) {
    return failedPart(identity, error)
  }
}

export function failedPart(identity: string, error: unknown): DoctorPart {
  const { message, remedy } =
    error instanceof FirebreakError ? error : { message: String(error), remedy: 'See the log of the bot.' }
  return { name: 'journal', identity, ok: false, detail: message, remedy }
}

async function inTime(work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(silent()), PATIENCE_MS)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function silent(): FirebreakError {
  return new FirebreakError('store.unavailable', `The journal has not answered for ${PATIENCE_MS} ms`, {
    remedy: 'Look whether PostgreSQL is overloaded, or can be reached. Nothing is done meanwhile.',
  })
}
