import type { Fact } from '../../src/core/fact.ts'
import { fold, isOver, type RunState } from '../../src/core/run.ts'
import { illegalMoves } from './legal.ts'
import type { Seen } from './world.ts'

/** What is left when the storm is over: the journal, the world's own log, and what callers were told was accepted. */
export type Remains = {
  readonly facts: readonly Fact[]
  readonly seen: readonly Seen[]
  readonly accepted: readonly string[]
}

export type Findings = {
  readonly runs: number
  readonly succeeded: number
  /** Waiting for a person, with a reason. */
  readonly parked: number
  /** Without an answer in time, and the world shows that nothing happened. */
  readonly failed: number
  readonly effects: number
  /** Effects that happened twice: only where nothing guards them, and only after a probe that did not find the first. */
  readonly duplicates: number
  readonly inDoubt: number
  /** What must never be. */
  readonly violations: readonly string[]
}

type Intent = Fact & { readonly type: 'step.intended' }

/** Line by line, from the journal and the world's log alone. */
export function examine({ facts, seen, accepted }: Remains): Findings {
  const runs = byRun(facts)
  const states = [...runs.values()].flatMap((own) => fold(own) ?? [])
  const effects = seen.filter(({ verb, effect }) => verb === 'write' && effect)
  const byKey = Map.groupBy(effects, ({ key = '' }) => key)
  const intents = Map.groupBy(
    facts.filter((fact): fact is Intent => fact.type === 'step.intended'),
    ({ data }) => data.key,
  )
  return {
    runs: runs.size,
    succeeded: states.filter(({ status }) => status === 'succeeded').length,
    parked: states.filter(({ status }) => status === 'parked').length,
    failed: states.filter(({ status }) => status === 'failed').length,
    effects: effects.length,
    duplicates: effects.length - byKey.size,
    inDoubt: facts.filter(({ type, data }) => type === 'step.probed' && 'inDoubt' in data && data.inDoubt)
      .length,
    violations: [
      ...accepted
        .filter((run) => !runs.has(run))
        .map((run) => `${run} was accepted and is not in the journal`),
      ...[...runs.values()].flatMap(illegalMoves),
      ...states.flatMap(unfinished),
      ...[...byKey].flatMap(([key, own]) => unintended(key, own, intents.get(key) ?? [])),
      ...[...byKey].flatMap(([key, own]) => repeated(key, own, facts)),
      ...[...runs.values()].flatMap((own) => claimed(own, byKey)),
      ...[...runs.values()].flatMap(unapproved),
    ],
  }
}

function byRun(facts: readonly Fact[]): Map<string, Fact[]> {
  const runs = new Map<string, Fact[]>()
  for (const fact of facts) {
    // Facts about a run from outside of it have no place in its order.
    if (fact.run === undefined || fact.n === undefined) continue
    const own = runs.get(fact.run)
    if (own) own.push(fact)
    else runs.set(fact.run, [fact])
  }
  return runs
}

/** The whole log, entry by entry. */
export function gaps(facts: readonly Fact[]): string[] {
  return facts.flatMap(({ seq }, i) => (seq === i ? [] : [`entry ${i} of the log is number ${seq}`]))
}

function unfinished({ id, status, problem }: RunState): string[] {
  // A process that was stopped in the middle of a call finds that its time is over.
  const unexpected = status === 'failed' && problem?.code !== 'provider.timeout'
  if (isOver(status)) return unexpected ? [`${id} failed: ${problem?.message}`] : []
  if (status === 'parked' && problem !== undefined) return []
  return [`${id} neither ends nor waits for a person: ${status}`]
}

/** P1: the intent was there before the effect, and one for each. */
function unintended(key: string, effects: readonly Seen[], intents: readonly Intent[]): string[] {
  return effects.flatMap(({ time, sender }, i) => {
    const before = intents.filter((intent) => Date.parse(intent.time) <= time)
    return before.length > i ? [] : [`effect ${i + 1} of ${key} by ${sender} had no intent before it`]
  })
}

/** P5: a second effect only of what nothing guards, and only after the world had been asked and did not show the first. */
function repeated(key: string, effects: readonly Seen[], facts: readonly Fact[]): string[] {
  const [first, ...more] = effects
  if (first === undefined || more.length === 0) return []
  if (first.mode !== 'plain') return [`${key} is ${first.mode} and happened ${effects.length} times`]
  const slash = key.indexOf('/')
  const absent = facts.filter(
    (fact) =>
      fact.type === 'step.probed' &&
      fact.run === key.slice(0, slash) &&
      fact.step === key.slice(slash + 1) &&
      fact.data.verdict === 'absent',
  )
  return absent.length >= more.length
    ? []
    : [`${key} happened ${effects.length} times, and no probe had missed it`]
}

/** P6: what the journal says was done, the world has seen; and what it says was not, the world has not. */
function claimed(own: readonly Fact[], effects: ReadonlyMap<string, readonly Seen[]>): string[] {
  const steps = Object.values(fold(own)?.steps ?? {})
  return steps.flatMap(({ id, status, intent }) => {
    if (intent === undefined) return []
    const seen = effects.has(intent.key)
    if (status === 'succeeded' && !seen) return [`${intent.key} was done, and the world has not seen it`]
    return status === 'failed' && seen ? [`${intent.key} failed, and the world has seen it: ${id}`] : []
  })
}

/** P4: an intent that names an approval comes after everybody needed had given it. */
function unapproved(own: readonly Fact[]): string[] {
  const satisfied = new Set<string>()
  return own.flatMap((fact) => {
    if (fact.type === 'approval.satisfied') satisfied.add(fact.data.request)
    if (fact.type !== 'step.intended' || fact.data.approval === undefined) return []
    return satisfied.has(fact.data.approval) ? [] : [`${fact.run} ${fact.step} acted without its approval`]
  })
}
