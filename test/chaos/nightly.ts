// `npm run nightly`: every boundary with kill -9 and with SIGSTOP, the whole storm, every schedule of the small
// graphs, and every mutant of the rules.
// Prints a table on standard error and one JSON document on standard output; the exit code is 1 when anything was wrong.
import { boundaries, type Boundary } from '../../src/engine/boundary.ts'
import { mutate } from '../mutation/mutants.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { alertStorm } from './alert-storm.ts'
import { strikeEmbedded, type Stop } from './crash.ts'
import { explore } from './explore/explore.ts'
import { graphs } from './explore/graphs.ts'
import { explore as exploreGuarded, wander } from './guarded/explore.ts'
import { situations } from './guarded/situations.ts'
import { inParallel, kill, sharedState, startReplica, startWorld } from './harness.ts'
import { points } from './points.ts'
import { strikeShared } from './shared.ts'
import { sharedStorm } from './shared-storm.ts'
import { embeddedStorm, secondsSince } from './storm.ts'

type Line = {
  readonly name: string
  readonly violations: readonly string[]
  readonly [figure: string]: unknown
}

/** Two cores start processes no faster than so many at once. */
const AT_ONCE = 4

async function strikes(
  name: string,
  at: readonly Boundary[],
  strike: (boundary: Boundary) => Promise<string[]>,
): Promise<Line> {
  const began = performance.now()
  const violations: string[] = []
  await inParallel(AT_ONCE, at, async (boundary) => {
    const found = await strike(boundary).catch((error: unknown) => [String(error)])
    violations.push(...found.map((fault) => `${boundary}: ${fault}`))
  })
  return { name, boundaries: at.length, seconds: secondsSince(began), violations }
}

async function embeddedStrikes(stop: Stop): Promise<Line> {
  const world = await startWorld()
  const at = boundaries.filter((boundary) => points[boundary].shared === undefined)
  const line = await strikes(`embedded, ${stop} at each boundary`, at, (boundary) =>
    strikeEmbedded({ world }, boundary, stop),
  )
  await world.close()
  return line
}

async function sharedStrikes(postgres: Postgres, stop: Stop): Promise<Line> {
  const world = await startWorld()
  const settings = { state: sharedState(), store: await postgres.createDatabase(), world: world.url }
  const survivor = await startReplica({ ...settings, sender: 'survivor', silent: true })
  const grounds = { ...settings, world, survivor }
  const at = boundaries.filter((boundary) => points[boundary].after === undefined)
  const line = await strikes(`two replicas, ${stop} at each boundary`, at, (boundary) =>
    strikeShared(grounds, boundary, stop),
  )
  await kill(survivor)
  await world.close()
  return line
}

async function schedules(): Promise<Line[]> {
  const lines: Line[] = []
  for (const [name, graph] of Object.entries(graphs)) {
    const began = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- one graph after the other
    const { exhausted, ...found } = await explore({ ...graph, deviations: 2, most: 50_000 })
    const violations = exhausted ? found.violations : [...found.violations, 'not every schedule was run']
    lines.push({ ...found, name: `schedules: ${name}`, violations, seconds: secondsSince(began) })
  }
  return lines
}

/** Last, as it says most. */
async function mutation(): Promise<Line> {
  const began = performance.now()
  const found = await mutate()
  return { name: 'mutants of src/policy', ...found, seconds: secondsSince(began) }
}

/** People, fate and two workers over real guards: every schedule that leaves the quiet path once, and walks by chance. */
async function guardedSchedules(seed: number): Promise<Line[]> {
  const lines: Line[] = []
  for (const [name, situation] of Object.entries(situations)) {
    const began = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- one situation after the other
    const once = await exploreGuarded({ situation, deviations: 1, most: 5000 })
    // oxlint-disable-next-line no-await-in-loop
    const walks = await wander({ situation, seed, walks: 3000 })
    const schedules = once.schedules + walks.schedules
    const missed = once.exhausted ? [] : ['not every schedule was run']
    const violations = [...once.violations, ...walks.violations, ...missed]
    lines.push({ name: `guardrails: ${name}`, schedules, violations, seconds: secondsSince(began) })
  }
  return lines
}

function say({ name, violations, ...figures }: Line): void {
  const told = Object.entries(figures).map(([figure, value]) => `${figure} ${JSON.stringify(value)}`)
  const mark = violations.length === 0 ? 'ok' : 'NO'
  process.stderr.write(`${mark} ${name.padEnd(58)} ${told.join('  ')}\n`)
  for (const violation of violations) process.stderr.write(`   ${violation}\n`)
}

const began = performance.now()
const seed = Number(process.argv[2] ?? Date.now() % 1e6)
process.stderr.write(`seed ${seed}; the same again: npm run nightly -- ${seed}\n`)
const postgres = await startPostgres()
const parts: readonly (() => Promise<Line | Line[]>)[] = [
  schedules,
  () => guardedSchedules(seed),
  () => embeddedStrikes('SIGKILL'),
  () => embeddedStrikes('SIGSTOP'),
  () => sharedStrikes(postgres, 'SIGKILL'),
  () => sharedStrikes(postgres, 'SIGSTOP'),
  () => embeddedStorm({ seed, kills: 100, runsPerLife: 7 }),
  () => alertStorm({ postgres, alerts: 1000, targets: 200, perSecond: 40, atOnce: 8, kills: true }),
  () => sharedStorm({ seed, postgres, kills: 40, hangs: 10, outages: 5, drops: 2, runsPerBlow: 9 }),
  mutation,
]
const lines: Line[] = []
for (const part of parts) {
  // oxlint-disable-next-line no-await-in-loop -- side by side they would starve each other
  const found = [await part()].flat()
  found.forEach(say)
  lines.push(...found)
}
await postgres.remove()
const failed = lines.filter(({ violations }) => violations.length > 0)
process.stderr.write(
  `took ${secondsSince(began)} s, ${failed.length} of ${lines.length} parts were not as promised\n`,
)
process.exitCode = failed.length > 0 ? 1 : 0
process.stdout.write(`${JSON.stringify({ seed, seconds: secondsSince(began), lines }, null, 2)}\n`, () =>
  process.exit(),
)
