import { describe, expect, it } from 'vitest'
import { next, type Busy } from '../../src/engine/next.ts'
import { reloadPlaybook } from '../../src/playbook/load.ts'
import { valuesOf } from '../../src/engine/values.ts'
import type { Playbook } from '../../src/playbook/playbook.ts'
import {
  asked,
  done,
  expanded,
  failed,
  intended,
  planned,
  stateAfter,
  type Written,
} from '../support/facts.ts'
import { playbook } from '../support/bot.ts'
import { createToy, toyActions } from '../support/toy.ts'

const actions = toyActions(createToy())

function load(steps: object, inputs: object = {}): Playbook {
  return reloadPlaybook(playbook('table', steps, { inputs }), 'table.yaml', actions)
}

const set = (more: object = {}) => ({ action: 'toy.set', with: { lamp: 'a', value: 'off' }, ...more })
const look = (more: object = {}) => ({ action: 'toy.look', with: { lamp: 'a' }, ...more })
const tell = (when: string) => ({ when, action: 'toy.tell', with: { text: 'x' } })

function busyWith(...instances: string[]): Busy {
  const has = (instance: string) => instances.includes(instance)
  return { has, acts: has, idle: instances.length === 0 }
}

/** What the interpreter wants after these facts, in words. */
function wants(of: Playbook, facts: readonly Written[], busy: Busy = busyWith()): string[] {
  return next(stateAfter(of, facts, actions), of, busy).map((command) => {
    switch (command.kind) {
      case 'append':
        return command.facts.map(({ type, step }) => `${type} ${step}`).join(', ')
      case 'start':
        return `start ${command.instance}`
      case 'plan':
        return 'plan'
      case 'end':
        return `end ${command.fact.type}`
    }
  })
}

function fail(id: string): never {
  throw new Error(`no step ${id}`)
}

describe('before there is a plan', () => {
  const graph = load({
    first: look(),
    second: look({ after: ['first'] }),
    act: set({ after: ['second'] }),
    later: look({ after: ['act'] }),
  })

  it('reads that depend on no effect run, in order', () => {
    expect(wants(graph, [])).toEqual(['start first'])
    expect(wants(graph, [], busyWith('first'))).toEqual([])
    expect(wants(graph, [done('first')])).toEqual(['start second'])
  })

  it('then the whole graph is planned, once nothing is under way', () => {
    expect(wants(graph, [done('first'), done('second')])).toEqual(['plan'])
    expect(wants(graph, [done('first'), done('second')], busyWith('planning'))).toEqual([])
  })

  it('a read that fails ends the run, and no effect begins', () => {
    expect(wants(graph, [failed('first')])).toEqual(['end run.failed'])
  })
})

describe('steps of the main part', () => {
  const graph = load({ a: set(), b: set(), c: set({ after: ['a', 'b'] }) })

  it('that do not depend on each other run side by side', () => {
    expect(wants(graph, [planned])).toEqual(['start a', 'start b'])
    expect(wants(graph, [planned], busyWith('a'))).toEqual(['start b'])
  })

  it('begin when all that they need is over', () => {
    expect(wants(graph, [planned, done('a')], busyWith('b'))).toEqual([])
    expect(wants(graph, [planned, done('a'), done('b')])).toEqual(['start c'])
    const skipped: Written = { type: 'step.skipped', step: 'b', data: { reason: 'x' } }
    expect(wants(graph, [planned, done('a'), skipped])).toEqual(['start c'])
  })

  it('wait while a request that covers them is open, and others do not', () => {
    expect(wants(graph, [planned, asked('a')])).toEqual(['start b'])
    expect(wants(graph, [planned, asked('a', 'b', 'c')])).toEqual([])
    const satisfied: Written = { type: 'approval.satisfied', data: { request: 'ask-a' } }
    expect(wants(graph, [planned, asked('a'), satisfied])).toEqual(['start a', 'start b'])
  })

  it('begin no more after a failure; what is under way ends first, then the run', () => {
    expect(wants(graph, [planned, failed('a')], busyWith('b'))).toEqual([])
    expect(wants(graph, [planned, failed('a'), done('b')])).toEqual(['end run.failed'])
  })

  it('end the run when all are over', () => {
    expect(wants(graph, [planned, done('a'), done('b'), done('c')])).toEqual(['end run.succeeded'])
  })

  it('that may fail let the run go on and succeed', () => {
    const tolerant = load({ a: set({ onError: 'continue' }), b: set({ after: ['a'] }) })
    expect(wants(tolerant, [planned, failed('a')])).toEqual(['start b'])
    expect(wants(tolerant, [planned, failed('a'), done('b')])).toEqual(['end run.succeeded'])
  })
})

const input = (wanted: boolean) => ({
  wanted: { type: 'boolean', description: 'Wanted', default: wanted },
})

describe('when', () => {
  it('true starts the step, false skips it with a fact', () => {
    const steps = { a: set({ when: 'inputs.wanted' }) }
    expect(wants(load(steps, input(true)), [planned])).toEqual(['start a'])
    expect(wants(load(steps, input(false)), [planned])).toEqual(['step.skipped a'])
  })

  it('that asks about another step is decided when that is over', () => {
    const graph = load({ a: look(), b: set({ when: "steps.a.value == 'on'" }) })
    expect(wants(graph, [])).toEqual(['start a'])
    const [on, off] = ['on', 'off'].map((value) => done('a', { lamp: 'a', value }))
    expect(wants(graph, [on ?? planned, planned])).toEqual(['start b'])
    expect(wants(graph, [off ?? planned, planned])).toEqual(['step.skipped b'])
  })
})

describe('closing steps', () => {
  const graph = load({ a: set(), good: tell('succeeded()'), bad: tell('failed()'), any: tell('always()') })

  it('are decided when the main part is over, by how it went', () => {
    expect(wants(graph, [planned])).toEqual(['start a'])
    expect(wants(graph, [planned, done('a')])).toEqual(['start good', 'step.skipped bad', 'start any'])
    expect(wants(graph, [planned, failed('a')])).toEqual(['step.skipped good', 'start bad', 'start any'])
  })

  it('come before the end of the run', () => {
    const over: Written[] = [planned, failed('a'), done('bad'), done('any')]
    const skipped: Written = { type: 'step.skipped', step: 'good', data: { reason: 'x' } }
    expect(wants(graph, [...over.slice(0, 2), skipped], busyWith('bad', 'any'))).toEqual([])
    expect(wants(graph, [...over, skipped])).toEqual(['end run.failed'])
  })

  it('run after a cancellation, a rejection, and silence, each with its own end', () => {
    const stops: [Written, string][] = [
      [{ type: 'run.cancel-requested', data: { reason: 'x' } }, 'end run.cancelled'],
      [{ type: 'approval.expired', data: { request: 'ask-a' } }, 'end run.expired'],
    ]
    for (const [stop, end] of stops) {
      const facts = [planned, asked('a'), stop]
      expect(wants(graph, facts)).toEqual(['step.skipped good', 'start bad', 'start any'])
      const skipped: Written = { type: 'step.skipped', step: 'good', data: { reason: 'x' } }
      expect(wants(graph, [...facts, skipped, done('bad'), done('any')])).toEqual([end])
    }
  })

  it('that act on the world begin although what they follow never did', () => {
    const with_ = load({
      a: set(),
      b: set({ after: ['a'] }),
      fallback: set({ when: 'failed()', after: ['b'] }),
    })
    expect(wants(with_, [planned, failed('a')])).toEqual(['start fallback'])
  })
})

const stepNamed = (from: Playbook, id: string) => from.steps.find((step) => step.id === id) ?? fail(id)

describe('a step that repeats', () => {
  const inputs = {
    lamps: { type: 'array', items: { type: 'string' }, description: 'Lamps', default: ['x', 'y', 'z'] },
  }
  const each = (more: object = {}) =>
    load(
      {
        all: {
          forEach: '${{ inputs.lamps }}',
          action: 'toy.set',
          with: { lamp: '${{ item }}', value: 'off' },
          ...more,
        },
      },
      inputs,
    )

  it('first writes what it repeats over', () => {
    expect(wants(each(), [planned])).toEqual(['step.expanded all'])
  })

  it('over nothing is done', () => {
    expect(wants(each(), [planned, expanded('all', 0)])).toEqual(['step.succeeded all'])
  })

  it('has at most as many items under way as `concurrency` says', () => {
    expect(wants(each(), [planned, expanded('all', 3)])).toEqual(['start all[0]'])
    expect(wants(each(), [planned, expanded('all', 3)], busyWith('all[0]'))).toEqual([])
    const two = each({ concurrency: 2 })
    expect(wants(two, [planned, expanded('all', 3)])).toEqual(['start all[0]', 'start all[1]'])
    expect(wants(two, [planned, expanded('all', 3), done('all[0]')], busyWith('all[1]'))).toEqual([
      'start all[2]',
    ])
  })

  const thresholds: { maxFailures: number | string; total: number; failures: number; stops: boolean }[] = [
    { maxFailures: 0, total: 10, failures: 0, stops: false },
    { maxFailures: 0, total: 10, failures: 1, stops: true },
    { maxFailures: 2, total: 10, failures: 2, stops: false },
    { maxFailures: 2, total: 10, failures: 3, stops: true },
    { maxFailures: '10%', total: 10, failures: 1, stops: false },
    { maxFailures: '10%', total: 10, failures: 2, stops: true },
    // A share is rounded down.
    { maxFailures: '10%', total: 9, failures: 1, stops: true },
    { maxFailures: '100%', total: 3, failures: 3, stops: false },
  ]
  it.each(thresholds)(
    'maxFailures $maxFailures of $total items with $failures failures: stops is $stops',
    ({ maxFailures, total, failures, stops }) => {
      const of = each({ maxFailures, concurrency: 1 })
      const failedItems = Array.from({ length: failures }, (_, i) => failed(`all[${i}]`))
      const facts = [planned, expanded('all', total), ...failedItems]
      if (stops) expect(wants(of, facts)).toEqual(['step.failed all'])
      else
        expect(wants(of, facts)).toEqual(
          failures === total ? ['step.succeeded all'] : [`start all[${failures}]`],
        )
    },
  )

  it('with too many failures waits for what is under way, then fails', () => {
    const of = each({ concurrency: 2 })
    const facts = [planned, expanded('all', 3), failed('all[0]')]
    expect(wants(of, facts, busyWith('all[1]'))).toEqual([])
    expect(wants(of, [...facts, done('all[1]')])).toEqual(['step.failed all'])
  })

  it('gives what its items returned in the order of its list, whichever ended first', () => {
    const of = load(
      {
        all: {
          forEach: '${{ inputs.lamps }}',
          action: 'toy.look',
          with: { lamp: '${{ item }}' },
          concurrency: 3,
        },
        act: {
          action: 'toy.set',
          with: { lamp: "${{ steps.all.map(s, s.value).join('+') }}", value: 'off' },
        },
      },
      inputs,
    )
    // The last one ended first.
    const reads = [2, 0, 1].map((i) => done(`all[${i}]`, { lamp: `l${i}`, value: `v${i}` }))
    const state = stateAfter(of, [expanded('all', 3), ...reads, done('all'), planned], actions)
    const act = stepNamed(of, 'act')
    const input = act.input(valuesOf(state, of, act))
    expect(input).toEqual({ known: true, value: { lamp: 'v0+v1+v2', value: 'off' } })
  })
})

describe('an intent without an outcome', () => {
  const graph = load({ a: set(), b: set() })

  it('is taken up again, before anything else is said of the run', () => {
    expect(wants(graph, [planned, intended('a')])).toEqual(['start a', 'start b'])
    expect(wants(graph, [planned, intended('a'), failed('b')])).toEqual(['start a'])
    const cancelled: Written = { type: 'run.cancel-requested', data: { reason: 'x' } }
    expect(wants(graph, [planned, intended('a'), cancelled])).toEqual(['start a'])
    const applied: Written = { type: 'step.applied', step: 'a', data: {} }
    expect(wants(graph, [planned, intended('a'), applied, cancelled])).toEqual(['start a'])
  })

  it('that a person must look at is never started, nor is anything else of a parked run', () => {
    const problem = { code: 'step.in-doubt', message: 'x', remedy: 'x' }
    const parked: Written[] = [
      planned,
      intended('a'),
      { type: 'step.in-doubt', step: 'a', data: problem },
      { type: 'run.parked', data: problem },
    ]
    expect(wants(graph, parked)).toEqual([])
    // Another step was under way and asks people: the run stays where it is.
    expect(wants(graph, [...parked, planned, asked('b')])).toEqual([])
    expect(stateAfter(graph, [...parked, planned, asked('b')]).status).toBe('parked')
  })

  it('beside it is looked at, although the run is parked: a second crash must not leave it unknown', () => {
    const problem = { code: 'step.in-doubt', message: 'x', remedy: 'x' }
    const parked: Written[] = [
      planned,
      intended('a'),
      intended('b'),
      { type: 'step.in-doubt', step: 'a', data: problem },
      { type: 'run.parked', data: problem },
    ]
    expect(wants(graph, parked)).toEqual(['start b'])
    expect(wants(graph, parked, busyWith('b'))).toEqual([])
    const absent: Written = { type: 'step.probed', step: 'b', data: { verdict: 'absent', inDoubt: true } }
    expect(wants(graph, [...parked, absent])).toEqual([])
  })

  it('that is known not to have happened needs a fresh intent', () => {
    const absent: Written = { type: 'step.probed', step: 'a', data: { verdict: 'absent', inDoubt: true } }
    expect(stateAfter(graph, [planned, intended('a'), absent]).steps['a']?.status).toBe('pending')
    expect(wants(graph, [planned, intended('a'), absent, failed('b')])).toEqual(['end run.failed'])
  })
})
