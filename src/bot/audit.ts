import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Firebreak } from '../core/app.ts'
import type { Store } from '../core/ports.ts'
import { parseCheckpoint } from '../audit/checkpoint.ts'
import { writeExport } from '../audit/export.ts'
import type { LogKey } from '../audit/key.ts'
import { verifyEntries } from '../audit/verify.ts'

/** The audit log of a running bot. The last checkpoint lies in the state folder: a log that went back behind it is caught. */
export function createAudit(store: Store, key: LogKey, folder: string): Firebreak['audit'] {
  const file = join(folder, 'checkpoint')
  const last = () => (existsSync(file) ? [readFileSync(file, 'utf8')] : [])
  return {
    verify: async () => {
      const earlier = last()
      const checkpoint = await store.checkpoint()
      const verdict = verifyEntries(store.entries(), checkpoint, { keys: [key], earlier })
      if (!verdict.ok)
        return verdict.seq === undefined
          ? { ok: false, reason: verdict.reason }
          : { ok: false, seq: verdict.seq, reason: verdict.reason }
      keep(file, checkpoint)
      return { ok: true, size: verdict.size, root: verdict.root, checkpoint }
    },
    export: async (to) => {
      const checkpoint = await store.checkpoint()
      const { size } = await writeExport(to, { entries: store.entries(), checkpoint, key })
      return { size, checkpoint }
    },
    checkpoint: async () => {
      const checkpoint = await store.checkpoint()
      keep(file, checkpoint)
      return checkpoint
    },
  }
}

/** Never replaced by an older one: a log that lost its end must not overwrite the proof of it. */
function keep(file: string, checkpoint: string): void {
  const before = existsSync(file) ? parseCheckpoint(readFileSync(file, 'utf8')).size : 0
  if (parseCheckpoint(checkpoint).size < before) return
  const temporary = `${file}.new`
  writeFileSync(temporary, checkpoint)
  renameSync(temporary, file)
}
