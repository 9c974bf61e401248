import { z } from 'zod'
import type { Clock, Counting, Freeze, Store } from '../../core/ports.ts'
import { sinceOf } from '../over.ts'
import { nextTime } from '../time.ts'
import type { Ask } from './reader.ts'

type Guardrails = Pick<Store, 'frozen' | 'taken' | 'counted' | 'waiting' | 'reviewsDue'>

/** How guardrails stand. */
export function guardrailsOf(ask: Ask, clock: Clock): Guardrails {
  return {
    frozen: () => freezeIn(ask),
    taken: async (counts) => {
      const [[last] = []] = await ask('time', 'select time from firebreak.head')
      const time = nextTime(String(last), clock.now())
      return Promise.all(counts.map((count) => takenIn(ask, count, time)))
    },
    counted: async (prefix) => (await ask('counted', COUNTED, [prefix])).map(([key]) => String(key)),
    waiting: async (key) => {
      const rows = await ask('waiting', WAITING, [key ?? null])
      return rows.map((row) => {
        const [of, run, step] = WaitColumns.parse(row)
        return { key: of, run, step }
      })
    },
    reviewsDue: async () =>
      (await ask('reviews-due', 'select run from firebreak.reviews order by run collate "C"')).map(([run]) =>
        String(run),
      ),
  }
}

const COUNTED = `select key from (
    select distinct key from firebreak.counts where starts_with(key, $1)) c order by key collate "C"`
const WAITING = `select key, run, step from firebreak.waits where $1::text is null or key = $1 order by seq`
const WaitColumns = z.tuple([z.string(), z.string(), z.string()])

const FREEZE = `select reason, since, (
    select json_agg(json_build_object('person', person, 'at', at) order by at, person) from firebreak.thaws
  ) from firebreak.freeze`
const FreezeColumns = z.tuple([
  z.string(),
  z.string(),
  z.array(z.object({ person: z.string(), at: z.string() })).nullable(),
])

async function freezeIn(ask: Ask): Promise<Freeze | undefined> {
  const [row] = await ask('frozen', FREEZE)
  if (row === undefined) return undefined
  const [reason, since, thaw] = FreezeColumns.parse(row)
  return { reason, since, thaw: thaw ?? [] }
}

const TAKEN = {
  open: 'select count(*) from firebreak.counts where key = $1 and open',
  recent: 'select count(*) from firebreak.counts where key = $1 and at > $2',
  failed: 'select count(distinct run) from firebreak.counts where key = $1 and failed_at > $2',
}

async function takenIn(ask: Ask, count: Counting, time: string): Promise<number> {
  const since = sinceOf(count, time)
  const which = count.of === 'failed' ? 'failed' : since === undefined ? 'open' : 'recent'
  const values = which === 'open' ? [count.key] : [count.key, since ?? '']
  const [[taken] = []] = await ask(`taken-${which}`, TAKEN[which], values)
  return Number(taken)
}
