import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { AuditReport, Exported } from '../core/app.ts'
import type { Store } from '../core/ports.ts'
import { writeBundle } from '../audit/bundle/write.ts'
import { parseCheckpoint } from '../audit/checkpoint.ts'
import { writeExport } from '../audit/export.ts'
import { countForgotten, takenAway } from '../audit/forgotten.ts'
import { readHandovers } from '../audit/handover.ts'
import type { LogKey } from '../audit/key.ts'
import { verifyEntries } from '../audit/verify.ts'
import { missingRun } from './missing-run.ts'

/** The last checkpoint, in the state folder. */
const KEPT = 'checkpoint'

type Audit = {
  readonly verify: () => Promise<AuditReport>
  /** The whole log, or the evidence of one run. */
  readonly export: (to: string, run?: string) => Promise<Exported>
  readonly checkpoint: () => Promise<string>
}

/** The audit log of a running bot. The last checkpoint lies in the state folder: a log that went back behind it is caught. */
export function createAudit(store: Store, key: LogKey, folder: string): Audit {
  return {
    verify: async () => {
      const report = await verify(store, key, join(folder, KEPT))
      if (report.ok) keepCheckpoint(folder, report.checkpoint)
      return report
    },
    export: async (to, run) => {
      const checkpoint = await store.checkpoint()
      const source = { entries: politely(store), checkpoint, key, handovers: readHandovers(folder) }
      if (run !== undefined) {
        const { size } = await writeBundle(to, { ...source, run, seqs: await seqsOf(store, run) })
        return { size, checkpoint }
      }
      const { size, withoutBody } = await writeExport(to, source)
      return { size, checkpoint, ...(withoutBody === 0 ? {} : { withoutBody }) }
    },
    checkpoint: async () => {
      const checkpoint = await store.checkpoint()
      keepCheckpoint(folder, checkpoint)
      return checkpoint
    },
  }
}

async function verify(store: Store, key: LogKey, file: string): Promise<AuditReport> {
  const earlier = existsSync(file) ? [readFileSync(file, 'utf8')] : []
  const forgotten = { entries: 0 }
  let checkpoint = await store.checkpoint()
  const verdict = await verifyEntries(countForgotten(politely(store), forgotten), checkpoint, {
    keys: [key],
    earlier,
    missingBodies: 'count',
    // Runs go on while the log is read.
    newer: async () => (checkpoint = await store.checkpoint()),
  })
  if (!verdict.ok) {
    const { seq, reason } = verdict
    return seq === undefined ? { ok: false, reason } : { ok: false, seq, reason }
  }
  const { size, root, withoutBody } = verdict
  const robbed = takenAway(withoutBody, forgotten)
  if (robbed !== undefined) return { ok: false, reason: robbed }
  return { ok: true, size, root, checkpoint, ...(withoutBody === 0 ? {} : { withoutBody }) }
}

/** A run never waits for a long log to be read: everything else has its turn after each page. */
async function* politely(store: Store): ReturnType<Store['entries']> {
  for await (const page of store.entries()) {
    yield page
    await setImmediate()
  }
}

async function seqsOf(store: Store, run: string): Promise<number[]> {
  const facts = await store.facts(run)
  if (facts.length > 0) return facts.map(({ seq }) => seq)
  throw await missingRun(store, run)
}

/** Never replaced by an older one: a log that lost its end must not overwrite the proof of it. */
export function keepCheckpoint(folder: string, checkpoint: string): void {
  const file = join(folder, KEPT)
  const before = existsSync(file) ? parseCheckpoint(readFileSync(file, 'utf8')).size : 0
  if (parseCheckpoint(checkpoint).size < before) return
  const temporary = `${file}.new`
  writeFileSync(temporary, checkpoint)
  renameSync(temporary, file)
}
