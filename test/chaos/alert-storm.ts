import type { Fact } from '../../src/core/fact.ts'
import type { Postgres } from '../support/postgres.ts'
import { alertBodies, mostAtOnce, mostWithin, sharedTargets, stormConfig } from '../support/storm.ts'
import { gaps } from './check.ts'
import { factsOf, kill, sharedState, startReplica, startWorld, untilQuiet } from './harness.ts'
import { secondsSince } from './storm.ts'

type AlertStorm = {
  readonly postgres: Postgres
  readonly alerts: number
  readonly targets: number
  /** Effects that may be begun within a second. */
  readonly perSecond: number
  readonly atOnce: number
  /** One of the two replicas is killed in the middle. */
  readonly kills: boolean
}

type Report = {
  readonly name: string
  readonly seconds: number
  readonly decided: number
  readonly effects: number
  readonly held: number
  readonly violations: readonly string[]
}

/** Alerts come to both replicas at once, for one database, one world, and one set of budgets. */
export async function alertStorm({ postgres, alerts, targets, ...storm }: AlertStorm): Promise<Report> {
  const began = performance.now()
  const world = await startWorld()
  const store = await postgres.createDatabase()
  const config = stormConfig('conditional', [
    { name: 'second', limit: storm.perSecond, per: '1s', each: ['route'] },
    { name: 'at-once', providers: ['aws'], limit: storm.atOnce },
  ])
  const settings = { state: sharedState(), store, world: world.url, config }
  const replicas = await Promise.all(
    ['one', 'two'].map((sender) => startReplica({ ...settings, sender, silent: true })),
  )
  const [first, second] = replicas
  if (first === undefined || second === undefined) throw new Error('there are two')
  const bodies = alertBodies(alerts, targets).map((body) => body.toString())
  const decided = await Promise.all(
    bodies.map((body, i) => (i % 2 === 0 ? first : second).call('alert', body)),
  )
  if (storm.kills) await kill(second)
  await untilQuiet(first, 120_000)
  const facts = await factsOf(store)
  await Promise.all((storm.kills ? [first] : replicas).map(kill))
  await world.close()
  return {
    name: `alert storm on two replicas${storm.kills ? ', of which one dies' : ''}`,
    seconds: secondsSince(began),
    decided: decided.reduce((sum, count) => sum + count, 0),
    effects: count(facts, 'step.intended'),
    held: count(facts, 'step.held'),
    violations: [...gaps(facts), ...faultsIn(facts, { alerts, targets, ...storm })],
  }
}

type Wanted = Omit<AlertStorm, 'postgres' | 'kills'>

function faultsIn(facts: readonly Fact[], { alerts, targets, perSecond, atOnce }: Wanted): string[] {
  const [within, open] = [mostWithin(facts, 1000), mostAtOnce(facts)]
  const touched = new Set(facts.flatMap(targetOf))
  const decisions = count(facts, 'alert.decided')
  const ends = count(facts, 'run.succeeded')
  return [
    ...(within <= perSecond ? [] : [`${within} effects within a second, of ${perSecond}`]),
    ...(open <= atOnce ? [] : [`${open} effects at once, of ${atOnce}`]),
    ...sharedTargets(facts).map((target) => `two runs at once on ${target}`),
    ...(touched.size === targets ? [] : [`${touched.size} of ${targets} targets were acted on`]),
    ...(decisions === alerts ? [] : [`${decisions} of ${alerts} alerts were decided`]),
    ...(ends === alerts ? [] : [`${ends} of ${alerts} runs have succeeded`]),
  ]
}

function targetOf(fact: Fact): string[] {
  return fact.type === 'step.intended' ? [fact.data.change.target.id] : []
}

function count(facts: readonly Fact[], type: Fact['type']): number {
  return facts.filter((fact) => fact.type === type).length
}
