import type { Fact } from '../../src/core/fact.ts'
import type { Remote } from '../bench/remote.ts'
import { tempFolder } from '../support/bot.ts'
import { randomFrom } from '../support/random.ts'
import { examine, gaps, type Findings } from './check.ts'
import { factsIn, kill, startReplica, startWorld, untilQuiet, type Process } from './harness.ts'
import { kinds } from './playbooks.ts'
import type { World } from './world.ts'

/** One storm: what was done to the processes, and what journal and world say about it afterwards. */
export type Report = Findings & {
  readonly name: string
  /** The same seed chooses the same victims and times; what the processes make of them differs. */
  readonly seed: number
  readonly seconds: number
  readonly accepted: number
  readonly kills: number
  readonly hangs: number
  readonly outages: number
  readonly drops: number
  /** Runs that too many processes in a row had left, which a person resumed. */
  readonly resumed: number
}

export type Dice = {
  readonly between: (from: number, to: number) => number
  readonly oneOf: <T>(items: readonly [T, ...T[]]) => T
  readonly random: () => number
}

export function diceFrom(seed: number): Dice {
  const random = randomFrom(seed)
  return {
    random,
    between: (from, to) => Math.round(from + random() * (to - from)),
    oneOf: (items) => items[Math.floor(random() * items.length)] ?? items[0],
  }
}

/** Answers of the world are out for up to so long, so that many die with a call on its way. */
const SLOW_MS = 60

let things = 0

/** Runs to start: most of them with every kind of step, the others with one. */
export function someRuns(dice: Dice, count: number): { playbook: string; thing: string }[] {
  return Array.from({ length: count }, () => ({
    playbook: dice.random() < 0.6 ? 'storm' : dice.oneOf(kinds),
    thing: `t${++things}`,
  }))
}

/** Asks for runs, and remembers those of which the answer came. A process that dies answers no more. */
export function asker(): {
  accepted: Set<string>
  ask: (replica: Process, runs: ReturnType<typeof someRuns>) => void
} {
  const accepted = new Set<string>()
  return {
    accepted,
    ask: (replica, runs) => {
      for (const run of runs)
        replica.call('accept', run).then(
          (id) => accepted.add(id),
          () => undefined,
        )
    },
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Most processes live shortly; some long enough to see what was in doubt settled. */
export function lifeMs(dice: Dice): number {
  const kind = dice.random()
  if (kind < 0.4) return dice.between(0, 200)
  return kind < 0.85 ? dice.between(200, 1200) : dice.between(3800, 4800)
}

type Embedded = { readonly seed: number; readonly kills: number; readonly runsPerLife: number }

/** One embedded bot that is killed again and again. */
export async function embeddedStorm({ seed, kills, runsPerLife }: Embedded): Promise<Report> {
  const began = performance.now()
  const dice = diceFrom(seed)
  const world = await startWorld()
  await world.call('slow', SLOW_MS)
  const settings = { state: tempFolder(), world: world.url, sender: 'embedded' }
  const { accepted, ask } = asker()
  for (let i = 0; i < kills; i++) {
    // oxlint-disable no-await-in-loop -- one life after the other
    const replica = await startReplica(settings)
    ask(replica, someRuns(dice, runsPerLife))
    await pause(lifeMs(dice))
    await kill(replica)
    // oxlint-enable no-await-in-loop
  }
  const last = await startReplica(settings)
  const { verified, resumed } = await untilOver(last)
  await last.close()
  const facts = factsIn(settings.state)
  const report = await reportOf({ facts, world, accepted, verified })
  await world.close()
  const counts = { kills, hangs: 0, outages: 0, drops: 0, resumed, seconds: secondsSince(began) }
  return { name: 'embedded', seed, ...counts, ...report }
}

export function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10
}

/** Until everything is over or with a person; and a person resumes what only too many deaths had parked. */
export async function untilOver(replica: Process): Promise<{ verified: boolean; resumed: number }> {
  await untilQuiet(replica, 120_000)
  const resumed = await replica.call('resumeAll')
  await untilQuiet(replica, 60_000)
  return { verified: (await replica.call('verify')).ok, resumed }
}

type Left = {
  readonly facts: readonly Fact[]
  readonly world: Remote<World>
  readonly accepted: ReadonlySet<string>
  readonly verified: boolean
}

export async function reportOf({
  facts,
  world,
  accepted,
  verified,
}: Left): Promise<Findings & { accepted: number }> {
  const findings = examine({ facts, seen: await world.call('log'), accepted: [...accepted] })
  const log = verified ? gaps(facts) : ['the log does not verify']
  return { ...findings, accepted: accepted.size, violations: [...log, ...findings.violations] }
}
