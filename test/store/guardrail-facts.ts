import { never } from '../../src/core/change.ts'
import type { Counted, FactData, FactType, HeldBy, NewFact } from '../../src/core/fact.ts'
import { system } from '../../src/core/person.ts'
import type { Commit, Guards, Refused, Store } from '../../src/core/ports.ts'

/** A run, the number of its next fact, and a step of it. */
export type Place = readonly [run: string, n: number, step?: string]

export function fact<T extends FactType>([run, n, step]: Place, type: T, data: FactData<T>): NewFact {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot correlate a generic tag with its data
  return { type, run, n, actor: system, data, ...(step === undefined ? {} : { step }) } as NewFact
}

const problem = { code: 'x', message: 'it failed', remedy: 'none' }

export function intended(at: Place, more: Partial<FactData<'step.intended'>> = {}): NewFact {
  return fact(at, 'step.intended', {
    attempt: 1,
    key: 'k',
    input: {},
    change: {
      target: { kind: 'lamp', id: 'a', name: 'a' },
      before: {},
      after: {},
      confidence: 'predicted',
      output: {},
    },
    undo: never('x'),
    digest: 'd',
    deadlineMs: 1,
    settleMs: 1,
    ...more,
  })
}

export const succeeded = (at: Place): NewFact => fact(at, 'step.succeeded', { output: {} })
export const skipped = (at: Place): NewFact => fact(at, 'step.skipped', { reason: 'x' })
export const failed = (at: Place): NewFact => fact(at, 'step.failed', problem)
export const inDoubt = (at: Place): NewFact => fact(at, 'step.in-doubt', problem)
export const absent = (at: Place): NewFact => fact(at, 'step.probed', { verdict: 'absent', inDoubt: true })
export const ended = (at: Place): NewFact => fact(at, 'run.cancelled', { reason: 'x' })

export function started(at: Place): NewFact {
  return fact(at, 'containment.started', {
    until: '2026-01-02T00:00:00.000Z',
    ttlMs: 86_400_000,
    onExpiry: 'undo',
  })
}

export function held(at: Place, key: string, { by = 'count', ...more }: Held = {}): NewFact {
  return fact(at, 'step.held', { by, key, why: 'no room', ...more })
}
type Held = { readonly by?: HeldBy; readonly until?: string; readonly run?: string }

export const HOUR = 3_600_000

export function budget(limit: number, more: Partial<Counted> = {}): Counted {
  return { key: 'budget/gpu', of: 'taken', limit, ...more }
}

export function breaker(limit: number, more: Partial<Counted> = {}): Counted {
  return { key: 'breaker/leaks', of: 'failed', limit, windowMs: HOUR, ...more }
}

/** An effect of a step that takes up these counts, and waits where one has no room, as the engine does. */
export function effect([run, n, step = 's']: Place, counts: readonly Counted[], more: Guards = {}): Commit {
  const at: Place = [run, n, step]
  return {
    facts: [intended(at, { counts: [...counts] })],
    guards: { spend: { run, step, counts }, ...more },
    otherwise: (refused) => heldBy(at, refused),
  }
}

function heldBy(at: Place, { error, key, run, until }: Refused): NewFact | undefined {
  if (key === undefined || error.code === 'guardrail.deadlock') return undefined
  return held(at, key, {
    by: error.code === 'guardrail.claimed' ? 'claim' : 'count',
    ...(run === undefined ? {} : { run }),
    ...(until === undefined ? {} : { until }),
  })
}

/** What was written: `step.intended`, or `step.held until 01:00`. */
export async function written(store: Store, commit: Commit): Promise<string> {
  const facts = await store.commit(commit)
  return facts.map((one) => textOf(one)).join(', ')
}

function textOf({ type, data }: NewFact): string {
  const until = type === 'step.held' && 'until' in data ? ` until ${String(data.until).slice(11, 16)}` : ''
  return `${type}${until}`
}
