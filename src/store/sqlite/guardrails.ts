import type { DatabaseSync } from 'node:sqlite'
import type { Freeze, Store } from '../../core/ports.ts'
import type { Step } from '../consequences.ts'
import { prepared, type Prepared } from '../prepared.ts'
import { text } from '../rows.ts'
import { reviewsIn, tallyIn } from './guards.ts'

const nobody: Step = { run: '', step: '' }

type Guardrails = Pick<Store, 'frozen' | 'taken' | 'counted' | 'waiting' | 'reviewsDue'>

/** How guardrails stand. `time` is what the log would say of now. */
export function guardrailsIn(db: DatabaseSync, time: () => string): Guardrails {
  const sql = prepared(db)
  return {
    frozen: async () => freezeIn(sql),
    taken: async (counts) => {
      const tally = tallyIn(sql, time())
      return counts.map((count) => (count.of === 'taken' ? tally.taken(count, nobody) : tally.failed(count)))
    },
    counted: async (prefix) =>
      sql('select distinct key from counts where key >= ?1 and substr(key, 1, length(?1)) = ?1 order by key')
        .all(prefix)
        .map((row) => text(row)['key'] ?? ''),
    waiting: async (key) =>
      (key === undefined
        ? sql('select key, run, step from waits order by seq').all()
        : sql('select key, run, step from waits where key = ? order by seq').all(key)
      ).map((row) => {
        const { key: of = '', run = '', step = '' } = text(row)
        return { key: of, run, step }
      }),
    reviewsDue: async () => reviewsIn(sql),
  }
}

function freezeIn(sql: Prepared): Freeze | undefined {
  const { reason, since } = text(sql('select reason, since from freeze').get())
  if (reason === undefined || since === undefined) return undefined
  const thaw = sql('select person, at from thaws order by at, person')
    .all()
    .map((row) => {
      const { person = '', at = '' } = text(row)
      return { person, at }
    })
  return { reason, since, thaw }
}
