import { join } from 'node:path'
import { commitsPerSecond } from './disk.ts'
import { atLeast, type Figure } from './figure.ts'
import { startNoop } from './noop.ts'
import { createStarter, rateOf } from './runs.ts'
import { inScratch } from './scratch.ts'
import { median, round, spreadOf } from './stats.ts'

const ROUNDS = 3

/** Runs of five effects that do nothing, with the whole journal; commits of plain SQLite between the rounds. */
export async function engineFigures(): Promise<Figure[]> {
  return inScratch(async (folder) => {
    const app = await startNoop(join(folder, 'state'))
    const { run, commits } = createStarter(app.firebreak, 'noop')
    let last = 0
    const next = () => run({ name: `n${++last}` })
    await rateOf({ at: 8, ms: 1500 }, next)
    const before = { commits: commits(), runs: last }
    const one: number[] = []
    const many: number[] = []
    const disk: number[] = []
    for (let i = 0; i < ROUNDS; i++) {
      disk.push(commitsPerSecond(folder, 700))
      one.push(await rateOf({ at: 1, ms: 1500 }, next))
    }
    const perRun = (commits() - before.commits) / (last - before.runs)
    for (let i = 0; i < ROUNDS; i++) many.push(await rateOf({ at: 32, ms: 1500 }, next))
    await app.close()
    return [diskFigure(disk), ...figuresOf({ one, many, disk, perRun })]
  })
}

function diskFigure(disk: readonly number[]): Figure {
  return {
    name: 'durable commits of plain node:sqlite (reference)',
    unit: 'commits/s',
    value: round(median(disk)),
    spread: spreadOf(disk),
  }
}

type Measured = {
  readonly one: readonly number[]
  readonly many: readonly number[]
  readonly disk: readonly number[]
  readonly perRun: number
}

function figuresOf({ one, many, disk, perRun }: Measured): Figure[] {
  const limit = median(disk) / perRun
  // Each round is compared with the disk as it was just before: it changes fivefold within minutes.
  const ratio = round(median(one.map((rate, i) => (rate * perRun) / (disk[i] ?? NaN))))
  return [
    {
      name: '5-step run, no-op actions, 1 at a time',
      unit: 'runs/s',
      value: round(median(one)),
      spread: spreadOf(one),
      reference: { what: 'commits/s ÷ commits per run', value: round(limit), ratio },
      budget: atLeast(0.5, ratio, '× reference'),
      note: `${round(perRun)} commits a run`,
    },
    {
      name: '5-step run, no-op actions, 32 at a time',
      unit: 'runs/s',
      value: round(median(many)),
      spread: spreadOf(many),
      reference: {
        what: 'commits/s ÷ commits per run',
        value: round(limit),
        ratio: round(median(many) / limit),
      },
      budget: atLeast(1000, median(many), 'runs/s'),
    },
  ]
}
