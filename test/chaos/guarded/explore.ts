import { randomFrom } from '../../support/random.ts'
import { along, type Choice, type Choose, nextPath, pathWords, play } from '../explore/search.ts'
import type { Without } from './ground.ts'
import { faultsIn } from './oracle.ts'
import { Schedule } from './schedule.ts'
import type { Situation } from './situation.ts'

type Looking = { readonly situation: Situation; readonly without?: Without }

export type Exploring = Looking & {
  /** How often a schedule may leave the path on which nobody interferes. */
  readonly deviations: number
  readonly most: number
}

export type Wandering = Looking & {
  readonly seed: number
  readonly walks: number
}

export type Explored = {
  readonly schedules: number
  /** Every schedule within the bound was run. */
  readonly exhausted: boolean
  /** What must never be, with the schedule that leads there. */
  readonly violations: readonly string[]
  /** How runs ended, and how often. */
  readonly ends: { readonly [status: string]: number }
  /** What people and fate have done, and how often. */
  readonly happened: { readonly [what: string]: number }
}

type Tally = { [name: string]: number }

/** So often a walk leaves the path on which nobody interferes, at most. */
const WILDEST = 0.4

/** What is seen of many schedules, up to the first in which something is wrong. */
class Findings {
  schedules = 0
  readonly violations: string[] = []
  readonly ends: Tally = {}
  readonly happened: Tally = {}

  /** Plays one to its end and holds it against what must never be. */
  async look({ situation, without }: Looking, choose: Choose): Promise<readonly Choice[]> {
    const schedule = new Schedule(situation, without)
    const choices = await play(schedule, choose)
    this.schedules += 1
    for (const { status } of schedule.runs()) add(this.ends, status)
    for (const what of schedule.happened) add(this.happened, what)
    this.violations.push(...faultsIn(schedule).map((fault) => `${fault} after ${pathWords(choices)}`))
    await schedule.end()
    return choices
  }

  told(exhausted: boolean): Explored {
    const { schedules, violations, ends, happened } = this
    return { schedules, exhausted, violations, ends, happened }
  }
}

function add(tally: Tally, name: string): void {
  tally[name] = (tally[name] ?? 0) + 1
}

/** Depth first through all schedules, each from the beginning, as long as they leave the quiet path no more than so often. */
export async function explore({ deviations, most, ...looking }: Exploring): Promise<Explored> {
  const found = new Findings()
  let path: readonly number[] | undefined = []
  while (path !== undefined && found.schedules < most && found.violations.length === 0) {
    // oxlint-disable-next-line no-await-in-loop -- one schedule after the other
    path = nextPath(await found.look(looking, along(path)), deviations)
  }
  return found.told(path === undefined)
}

/** Leaves the quiet path by chance, which is the same for the same seed. */
export async function wander({ seed, walks, ...looking }: Wandering): Promise<Explored> {
  const found = new Findings()
  const { length } = await found.look(looking, along([]))
  while (found.schedules < walks && found.violations.length === 0) {
    const random = randomFrom(seed + found.schedules)
    // oxlint-disable-next-line no-await-in-loop -- one schedule after the other
    await found.look(looking, random() < 0.5 ? seldom(length, random) : often(random))
  }
  return found.told(false)
}

/** A few times, at any moments: farther than all schedules could be followed. */
function seldom(length: number, random: () => number): Choose {
  const times = 2 + Math.floor(random() * 3)
  const moments = new Set(Array.from({ length: times }, () => Math.floor(random() * length * 1.2)))
  return (options, choices) => (moments.has(choices) ? Math.floor(random() * options) : 0)
}

/** Again and again; some walks are wild, and some follow the quiet path most of the time. */
function often(random: () => number): Choose {
  const wild = random() * WILDEST
  return (options) => (random() < wild ? Math.floor(random() * options) : 0)
}
