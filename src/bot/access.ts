import type { AnchorCheck, AuditReport, Firebreak, LogQuery } from '../core/app.ts'
import type { Account } from '../core/person.ts'
import type { createAudit } from './audit.ts'
import { searchLog } from './log-search.ts'
import { actorOf, commit, cut, type BotParts } from './parts.ts'

type Around = {
  readonly audit: ReturnType<typeof createAudit>
  /** Holds the log against its anchors, once they are there. */
  readonly anchors: () => AnchorCheck | undefined
}

/** The audit log as surfaces reach it: that somebody reads evidence, or takes it away, is written before they get it. */
export function auditFor(parts: BotParts, { audit, anchors }: Around): Firebreak['audit'] {
  const accessed: Firebreak['audit']['accessed'] = (what, by, to) => recordAccess(parts, { what, by, to })
  return {
    accessed,
    checkpoint: audit.checkpoint,
    verify: async ({ anchors: asked = false } = {}) => {
      const report = await audit.verify()
      return asked ? withAnchors(report, anchors()) : report
    },
    list: async (query, by) => {
      await accessed(`audit list ${listed(query)}`, by)
      return searchLog(parts.store, query)
    },
    export: async (folder, { by, run }) => {
      await accessed(run === undefined ? 'audit export' : `audit export --run ${run}`, by, folder)
      return audit.export(folder, run)
    },
  }
}

type Access = { readonly what: string; readonly by: Account; readonly to: string | undefined }

async function recordAccess(parts: BotParts, { what, by, to }: Access): Promise<void> {
  // A log that was moved goes on elsewhere: here it is read by whoever has the folder.
  if (parts.store.moved !== undefined) return
  const data = { what: cut(what, 1000), by, ...(to === undefined ? {} : { to: cut(to, 4096) }) }
  await commit(parts, { facts: [{ type: 'access', actor: actorOf(parts, by), data }] })
}

function listed({ from, limit, ...filter }: LogQuery): string {
  return JSON.stringify({ ...filter, from, limit })
}

/** A log that is sound in itself and not the one that was anchored was put in its place, with another key perhaps. */
async function withAnchors(report: AuditReport, check: AnchorCheck | undefined): Promise<AuditReport> {
  const anchors = check === undefined ? [] : await check()
  const wrong = anchors.find(({ contradicts, state }) => contradicts || state === 'foreign')
  if (!report.ok || wrong === undefined) return { ...report, anchors }
  return { ok: false, reason: `anchor ${wrong.name}: ${wrong.says}`, anchors }
}
