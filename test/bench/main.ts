// `npm run bench`: measures the budgets of the design. Prints one JSON document on standard output and a table on
// standard error. A slow machine fails nothing: the exit code is 0 whatever the figures say.
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { ackFigures } from './ack.ts'
import { crashFigures } from './crash.ts'
import { syncsPerSecond } from './disk.ts'
import { engineFigures } from './engine.ts'
import { type Figure, type Missing, table } from './figure.ts'
import { latencyFigures } from './latency.ts'
import { lintFigures } from './lint.ts'
import { policyFigures } from './policy.ts'
import { postgresFigures } from './postgres.ts'
import { inScratch } from './scratch.ts'
import { standInFigures } from './standins.ts'
import { startFigures } from './start.ts'
import { round } from './stats.ts'
import { stormFigures } from './storm.ts'
import { takeOverFigures } from './take-over.ts'
import { verifyFigures } from './verify.ts'
import { waitingFigures, waitingOnPostgresFigures } from './waiting.ts'

type Group = readonly [name: string, measure: () => Figure[] | Promise<Figure[]>]

const groups: readonly Group[] = [
  ['engine', engineFigures],
  ['stand-ins', standInFigures],
  ['latency', latencyFigures],
  ['crash', crashFigures],
  ['postgres', postgresFigures],
  ['take-over', takeOverFigures],
  ['waiting', waitingFigures],
  ['waiting-postgres', waitingOnPostgresFigures],
  ['storm', stormFigures],
  ['verify', verifyFigures],
  ['lint', lintFigures],
  ['policy', policyFigures],
  ['start', startFigures],
  ['slack', ackFigures],
]

/** A group that hangs must not keep the others from being measured. */
const GROUP_MS = 90_000

async function measure([name, work]: Group): Promise<(Figure | Missing)[]> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`not done after ${GROUP_MS} ms`)), GROUP_MS)
  try {
    return await Promise.race([(async () => work())(), late.promise])
  } catch (error) {
    return [{ name, missing: error instanceof Error ? error.message : String(error) }]
  } finally {
    clearTimeout(timer)
  }
}

const began = performance.now()
const wanted = process.argv.slice(2)
const machine = {
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: round(totalmem() / 2 ** 30),
  load: loadavg().map(round),
  fdatasyncPerSecond: round(await inScratch(async (folder) => syncsPerSecond(folder, 1000))),
}
const figures: (Figure | Missing)[] = []
for (const group of groups) {
  if (wanted.length > 0 && !wanted.includes(group[0])) continue
  // oxlint-disable-next-line no-await-in-loop -- side by side they would disturb each other
  const found = await measure(group)
  process.stderr.write(`${table(found)}\n`)
  figures.push(...found)
}
const seconds = round((performance.now() - began) / 1000)
process.stdout.write(`${JSON.stringify({ machine, seconds, figures }, null, 2)}\n`, () => process.exit(0))
