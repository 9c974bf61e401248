import { z } from 'zod'
import type { Rota, Unheld } from '../../core/ports.ts'
import type { Ask } from './reader.ts'
import { restTask, takeTask, wakeTask, type Writing } from './tasks.ts'
import type { Writer } from './writer.ts'

/** Two arms, each with an index that holds only such runs: 1,000 that wait for people cost nothing. */
const UNHELD = `
select run, epoch from firebreak.runs
where open and holder is null and (n, wakes) is distinct from (rest_n, rest_wakes) and protocol = any ($2)
union
select run, epoch from firebreak.runs
where open and holder is null and wake_at is not null and wake_at <= $1::timestamptz and protocol = any ($2)
order by run`

const HELD = 'select run, epoch from firebreak.runs where open and holder = $1 order by run'

const FOREIGN = 'select protocol from firebreak.runs where run = $1 and open and not protocol = any ($2)'

const Columns = z.tuple([z.string(), z.int()])

/** Who has which run in hand. Changes go through the writer, in line with all commits: so an epoch is a fence. */
export function createRota(writer: Writer, ask: Ask, writing: Writing): Rota {
  return {
    take: (unheld) => writer.transaction(takeTask(unheld, writing)),
    rest: (hold, seen) => writer.transaction(restTask(hold, seen)),
    wake: (run) => writer.transaction(wakeTask(run)),
    unheld: async (now) => (await ask('unheld', UNHELD, [now, writing.protocols])).map(unheldIn),
    foreign: async (run) => {
      const [row] = await ask('foreign', FOREIGN, [run, writing.protocols])
      return row === undefined ? undefined : z.int().parse(row[0])
    },
    heldBy: async (executor) => (await ask('held', HELD, [executor])).map(unheldIn),
  }
}

function unheldIn(row: readonly unknown[]): Unheld {
  const [run, epoch] = Columns.parse(row)
  return { run, epoch }
}
