import { describe, expect, it } from 'vitest'
import type { Fact } from '../../src/core/fact.ts'
import { system } from '../../src/core/person.ts'
import { examine, gaps } from './check.ts'
import type { Seen } from './world.ts'

// Whoever checks the storms must be able to fail: a clean run, and each way in which it could be dirty.

const key = 'r1/step'
const digest = 'd'
const change = {
  target: { kind: 'thing', id: 't', name: 't' },
  before: { value: 'on' },
  after: { value: 'off' },
  confidence: 'predicted',
  output: {},
} as const
const at = (second: number) => new Date(Date.parse('2030-01-01T00:00:00Z') + second * 1000).toISOString()

type Bare = Pick<Fact, 'type' | 'data'> & { readonly step?: string }

const requested: Bare = {
  type: 'run.requested',
  data: {
    mode: 'run',
    playbook: { name: 'p', title: 'P', digest, text: '' },
    because: 'drill',
    inputs: {},
    config: 'c',
    contracts: {},
  },
}
const planned: Bare = { type: 'run.planned', data: { plan: { digest, lines: [], gates: [] } } }
const intended: Bare = {
  type: 'step.intended',
  step: 'step',
  data: {
    attempt: 1,
    key,
    input: {},
    change,
    undo: { kind: 'never', reason: 'ashes' },
    digest,
    deadlineMs: 1000,
    settleMs: 0,
  },
}
const absent: Bare = { type: 'step.probed', step: 'step', data: { verdict: 'absent', inDoubt: true } }
const succeeded: Bare = { type: 'step.succeeded', step: 'step', data: { output: {} } }
const failed: Bare = {
  type: 'step.failed',
  step: 'step',
  data: { code: 'provider.timeout', message: 'no answer', remedy: 'Look.' },
}
const ended: Bare = { type: 'run.succeeded', data: {} }

/** One fact a second. */
function logOf(...facts: readonly Bare[]): Fact[] {
  return facts.map((fact, n) => ({ ...fact, run: 'r1', n, seq: n, time: at(n), actor: system }) as Fact)
}

function effect(second: number, more: Partial<Seen> = {}): Seen {
  const time = Date.parse(at(second))
  return { at: 0, time, sender: 'a', verb: 'write', target: 't', key, mode: 'plain', effect: true, ...more }
}

const clean = logOf(requested, planned, intended, succeeded, ended)
const violations = (facts: readonly Fact[], seen: readonly Seen[], accepted: string[] = ['r1']) =>
  examine({ facts, seen, accepted }).violations

describe('the check of a storm', () => {
  it('finds nothing in a clean run', () => {
    expect(violations(clean, [effect(2.5)])).toEqual([])
    expect(gaps(clean)).toEqual([])
  })

  it('finds nothing in an effect that happened twice, after a probe had missed it, where nothing guards it', () => {
    const facts = logOf(requested, planned, intended, absent, intended, succeeded, ended)
    expect(violations(facts, [effect(4.5), effect(4.6)])).toEqual([])
    expect(examine({ facts, seen: [effect(4.5), effect(4.6)], accepted: [] }).duplicates).toBe(1)
  })

  it.each([
    ['an effect before its intent', clean, [effect(1)], /had no intent before it/],
    ['an effect without any', logOf(requested, planned, ended), [effect(9)], /had no intent before it/],
    ['a second effect of one intent', clean, [effect(2.5), effect(2.6)], /effect 2 .* had no intent/],
    [
      'a second effect that no probe had missed',
      logOf(requested, planned, intended, intended, succeeded, ended),
      [effect(3.5), effect(3.6)],
      /no probe had missed it/,
    ],
    [
      'a second effect of what is guarded',
      logOf(requested, planned, intended, absent, intended, succeeded, ended),
      [effect(4.5, { mode: 'conditional' }), effect(4.6, { mode: 'conditional' })],
      /is conditional and happened 2 times/,
    ],
    ['a claim that the world has not seen', clean, [], /the world has not seen it/],
    [
      'a failure that the world has seen',
      logOf(requested, planned, intended, failed, ended),
      [effect(2.5)],
      /failed, and the world has seen it/,
    ],
    ['a run that stands still', logOf(requested, planned, intended), [effect(2.5)], /neither ends nor waits/],
    ['a run that was lost', clean.slice(0, 0), [], /accepted and is not in the journal/],
    ['a fact after the end', logOf(requested, planned, ended, succeeded), [], /after the end/],
    ['a gap in a run', [...clean.slice(0, 2), ...clean.slice(3)], [], /expected n=2/],
  ] as const)('finds %s', (...[, facts, seen, what]) => {
    expect(violations(facts, seen).join('\n')).toMatch(what)
  })

  it('finds a gap in the log', () => {
    expect(gaps(clean.slice(1))).not.toEqual([])
  })
})
