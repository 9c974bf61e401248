import { describe, expect, it } from 'vitest'
import { never, inverse, type Change } from '../../src/core/change.ts'
import { defineEffect } from '../../src/core/action.ts'
import type { Playbook, Step } from '../../src/playbook/playbook.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'
import { definePlaybook, toText } from '../../src/index.ts'
import { createToy, toyActions } from '../support/toy.ts'
import { samples } from './corpus.ts'
import { faultsOf, loadOf, playbookText, whole } from './expand/support.ts'
import { registry } from './registry.ts'

// How long, how often, and for how long: `timeout`, `retry`, `ttl` and `onExpiry`.

function load(text: string): Playbook {
  const loaded = loadPlaybook(text, 'a.yaml', registry)
  if (loaded.ok) return loaded.playbook
  throw new Error(loaded.diagnostics.map(({ message, excerpt }) => `${message}\n${excerpt}`).join('\n'))
}

function sample(file: string): string {
  return samples('good').find((one) => one.file === file)?.text ?? ''
}

/** What an engine and a surface read of it. */
function timingOf({ timeoutMs, retry, ttlMs, onExpiry }: Partial<Step>): Partial<Step> {
  return Object.fromEntries(
    Object.entries({ timeoutMs, retry, ttlMs, onExpiry }).filter(([, value]) => value !== undefined),
  )
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('how long and how often', () => {
  const playbook = load(sample('contained-for-a-time.yaml'))

  it('stands in the steps in milliseconds, with what is not said filled in', () => {
    expect(playbook.timeoutMs).toBe(2 * HOUR)
    expect(Object.fromEntries(playbook.steps.map((step) => [step.id, timingOf(step)]))).toEqual({
      found: { retry: { attempts: 5, waitMs: 1000, longestMs: 30_000 } },
      down: {
        timeoutMs: 2 * HOUR,
        retry: { attempts: 3, waitMs: 2000, longestMs: MINUTE },
        ttlMs: 4 * HOUR,
        onExpiry: 'undo',
      },
      asked: { ttlMs: 24 * HOUR, onExpiry: 'ask' },
    })
  })

  it('is what surfaces show', () => {
    const { info, steps } = playbook
    expect(info.timeoutMs).toBe(playbook.timeoutMs)
    const shown = info.steps.map(({ id, retry, ttlMs, onExpiry }) => ({ id, retry, ttlMs, onExpiry }))
    expect(shown).toEqual(steps.map(({ id, retry, ttlMs, onExpiry }) => ({ id, retry, ttlMs, onExpiry })))
  })

  it('is nothing where nothing is said', () => {
    const silent = load(sample('sequence.yaml'))
    expect([silent, silent.info].map((one) => 'timeoutMs' in one)).toEqual([false, false])
    expect(silent.steps.map(timingOf)).toEqual(silent.steps.map(() => ({})))
    for (const step of silent.info.steps) expect(Object.keys(step)).not.toContain('onExpiry')
  })

  it('is written in TypeScript with the same keys', () => {
    const twin = definePlaybook({
      name: 'contained-for-a-time',
      title: 'Contain for a time',
      severity: 'low',
      because: 'drill',
      timeout: '2h',
    })
      .step('found', () => ({
        action: 'kubernetes.find-gpu-workloads',
        with: { namespace: 'a' },
        retry: { attempts: 5, wait: '1s', longest: '30s' },
      }))
      .step('down', ({ steps, each }) =>
        each(steps.found.workloads, (item) => ({
          action: 'kubernetes.scale',
          with: { namespace: 'a', kind: item.kind, name: item.name, replicas: 0 },
          timeout: '2h',
          retry: {},
          ttl: '4h',
          onExpiry: 'undo',
        })),
      )
      .step('asked', () => ({
        action: 'kubernetes.rollback',
        after: ['down'],
        with: { namespace: 'a', name: 'b', replicaSet: 'c' },
        ttl: '1d',
      }))
    const made = load(toText(twin))
    expect(made.info).toEqual(playbook.info)
    expect(made.steps.map(timingOf)).toEqual(playbook.steps.map(timingOf))
  })
})

function inner(more: object = {}): string {
  return playbookText('inner', {
    ...more,
    steps: {
      seen: { action: 'toy.look', with: { lamp: 'a' }, retry: { attempts: 2 } },
      turn: {
        action: 'toy.set',
        after: ['seen'],
        with: { lamp: 'a', value: 'off' },
        timeout: '30m',
        ttl: '4h',
        onExpiry: 'undo',
      },
    },
  })
}

function outer(more: object = {}, onStep: object = {}): string {
  return playbookText('outer', {
    ...more,
    steps: { sub: { action: 'firebreak.run', with: { playbook: 'inner' }, ...onStep } },
  })
}

describe('a playbook that another runs', () => {
  const actions = toyActions(createToy())
  it('keeps what its steps say', () => {
    const alone = whole({ inner: inner() }, 'inner', actions)
    const { steps } = whole({ inner: inner(), outer: outer() }, 'outer', actions)
    expect(steps.map(({ id }) => id)).toEqual(['sub_seen', 'sub_turn'])
    expect(steps.map(timingOf)).toEqual(alone.steps.map(timingOf))
    expect(timingOf(steps[1] ?? {})).toMatchObject({ timeoutMs: 30 * MINUTE, ttlMs: 4 * HOUR })
  })

  it('is taken with its timeout by one that ends no later, and the whole ends with that one', () => {
    const ends = ['2h', '60m'].map((timeout) => {
      const texts = { inner: inner({ timeout: '2h' }), outer: outer({ timeout }) }
      return whole(texts, 'outer', actions).timeoutMs
    })
    expect(ends).toEqual([2 * HOUR, HOUR])
  })

  it('is refused with its timeout by one that ends later or has no end, which would ignore it', () => {
    const at =
      outer()
        .split('\n')
        .findIndex((line) => line.includes('playbook: inner')) + 1
    expect(faultsOf({ inner: inner({ timeout: '2h' }), outer: outer() }, 'outer', actions)).toEqual([
      `playbook.run ${at}:17`,
    ])
    const later = { inner: inner({ timeout: '2h' }), outer: outer({ timeout: '1d' }) }
    const loaded = loadOf(later, 'outer', actions)
    expect(loaded.ok ? [] : loaded.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining('inner ends within 2h'),
    ])
  })

  it('has no step that takes longer than the run of which it is a part', () => {
    const texts = { inner: inner(), outer: outer({ timeout: '10m' }) }
    expect(faultsOf(texts, 'inner', actions)).toEqual([])
    expect(codesOf(faultsOf(texts, 'outer', actions))).toEqual(['playbook.long-timeout'])
  })

  it.each([
    ['retry', {}],
    ['ttl', '4h'],
    ['onExpiry', 'undo'],
    ['timeout', '1h'],
  ])('takes no %s for the step that runs it, and that is one fault', (key, value) => {
    const texts = { inner: inner(), outer: outer({}, { [key]: value }) }
    expect(codesOf(faultsOf(texts, 'outer', actions))).toEqual(['playbook.run'])
  })

  it('is not undone after a time where the reason of the one that runs it forbids that', () => {
    const names = { userName: 'rosa', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }
    const text = playbookText('inner', {
      steps: {
        seen: { action: 'aws.lookup-events', with: { accessKeyId: names.accessKeyId } },
        off: {
          action: 'aws.deactivate-access-key',
          after: ['seen'],
          with: names,
          ttl: '4h',
          onExpiry: 'undo',
        },
      },
    })
    const texts = { inner: text, outer: outer().replace('because: drill', 'because: leak') }
    expect(faultsOf(texts, 'inner', registry)).toEqual([])
    expect(codesOf(faultsOf(texts, 'outer', registry))).toEqual(['playbook.undo-forbidden'])
  })
})

function codesOf(faults: readonly string[]): (string | undefined)[] {
  return faults.map((fault) => fault.split(' ')[0])
}

describe('an action that says for which reasons it is never undone', () => {
  const change: Change = {
    target: { kind: 'Lamp', id: 'a', name: 'a' },
    before: {},
    after: {},
    confidence: 'predicted',
    output: {},
  }
  const toy = registry['aws.label-user']
  if (toy === undefined || !('undo' in toy)) throw new Error('no effect')
  const asked: string[] = []
  const made = defineEffect({
    ...toy,
    effect: 'reversible',
    provider: { name: 'aws', config: toy.input, connect: async () => ({}) },
    plan: async () => change,
    apply: async () => undefined,
    probe: async () => 'applied',
    neverUndone: { leak: 'it leaked' },
    undo: (_change, { because }) => {
      asked.push(because)
      return inverse('aws.label-user', {})
    },
  })

  it('answers with the reason, and does not ask its undo', () => {
    expect(made.undo(change, { because: 'leak', input: {} })).toEqual(never('it leaked'))
    expect(asked).toEqual([])
    expect(made.undo(change, { because: 'defect', input: {} })).toMatchObject({ kind: 'inverse' })
    expect(asked).toEqual(['defect'])
  })
})
