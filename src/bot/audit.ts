import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditReport, Firebreak } from '../core/app.ts'
import type { Store } from '../core/ports.ts'
import { parseCheckpoint } from '../audit/checkpoint.ts'
import { writeExport } from '../audit/export.ts'
import type { LogKey } from '../audit/key.ts'
import { verifyEntries } from '../audit/verify.ts'

/** The audit log of a running bot. The last checkpoint lies in the state folder: a log that went back behind it is caught. */
export function createAudit(store: Store, key: LogKey, folder: string): Firebreak['audit'] {
  const file = join(folder, 'checkpoint')
  const last = () => (existsSync(file) ? [readFileSync(file, 'utf8')] : [])
  const verify = (checkpoint: string): AuditReport => {
    const earlier = last()
    const verdict = verifyEntries(store.entries(), checkpoint, { keys: [key], earlier })
    if (!verdict.ok) {
      const { seq, reason } = verdict
      return seq === undefined ? { ok: false, reason } : { ok: false, seq, reason }
    }
    const { size, root } = verdict
    const signed = Math.max(0, ...earlier.map((text) => parseCheckpoint(text).size))
    return signed > size ? lostEnd(size, signed) : { ok: true, size, root, checkpoint }
  }
  return {
    verify: async () => {
      const checkpoint = await store.checkpoint()
      const report = verify(checkpoint)
      if (report.ok) keep(file, checkpoint)
      return report
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

/** A log that went back as a whole, tree and all, is sound in itself: only what was signed before gives it away. */
function lostEnd(size: number, signed: number): AuditReport {
  const reason = `the log ends before entry ${size}, and an earlier checkpoint covers ${signed} entries: it was truncated`
  return { ok: false, seq: size, reason }
}

/** Never replaced by an older one: a log that lost its end must not overwrite the proof of it. */
function keep(file: string, checkpoint: string): void {
  const before = existsSync(file) ? parseCheckpoint(readFileSync(file, 'utf8')).size : 0
  if (parseCheckpoint(checkpoint).size < before) return
  const temporary = `${file}.new`
  writeFileSync(temporary, checkpoint)
  renameSync(temporary, file)
}
