import { describe, expect, it } from 'vitest'
import { next, type Busy } from '../../src/engine/next.ts'
import { reloadPlaybook } from '../../src/playbook/load.ts'
import type { Playbook } from '../../src/playbook/playbook.ts'
import { playbook } from '../support/bot.ts'
import { done, expanded, failed, intended, planned, stateAfter, type Written } from '../support/facts.ts'
import { randomFrom } from '../support/random.ts'
import { createToy, toyActions } from '../support/toy.ts'

// A step that repeats, against a model of AWS SSM's rate control: at most MaxConcurrency at a time, in the order of the
// list; when more than MaxErrors have failed no further one begins, and what is under way ends. A share of the items is
// rounded down, which is the safe side.

type Rule = { readonly total: number; readonly concurrency: number; readonly maxFailures: number | string }

/** The model: what may fail, and what is to happen, in the plainest words. */
function allowed({ total, maxFailures }: Rule): number {
  return typeof maxFailures === 'number'
    ? maxFailures
    : Math.floor((Number.parseInt(maxFailures, 10) / 100) * total)
}

class Model {
  readonly active = new Set<number>()
  begun = 0
  failures = 0
  readonly #rule: Rule

  constructor(rule: Rule) {
    this.#rule = rule
  }

  /** The items that begin now. */
  start(): number[] {
    const begins: number[] = []
    while (
      this.begun < this.#rule.total &&
      this.active.size < this.#rule.concurrency &&
      this.failures <= allowed(this.#rule)
    ) {
      begins.push(this.begun)
      this.active.add(this.begun)
      this.begun += 1
    }
    return begins
  }

  end(item: number, fails: boolean): void {
    this.active.delete(item)
    if (fails) this.failures += 1
  }

  get over(): 'step.failed' | 'step.succeeded' | undefined {
    if (this.active.size > 0) return undefined
    if (this.failures > allowed(this.#rule)) return 'step.failed'
    return this.begun === this.#rule.total ? 'step.succeeded' : undefined
  }
}

const actions = toyActions(createToy())

function load({ total, concurrency, maxFailures }: Rule): Playbook {
  const all = {
    forEach: '${{ inputs.lamps }}',
    action: 'toy.set',
    with: { lamp: '${{ item }}', value: 'off' },
    concurrency,
    maxFailures,
  }
  const lamps = Array.from({ length: total }, (_, i) => `lamp${i}`)
  const inputs = { lamps: { type: 'array', items: { type: 'string' }, description: 'Lamps', default: lamps } }
  return reloadPlaybook(playbook('table', { all }, { inputs }), 'table.yaml', actions)
}

/** What the interpreter wants: items that begin, or the end of the step. */
function wants(of: Playbook, facts: readonly Written[], busy: ReadonlySet<number>): (number | string)[] {
  const has = (id: string) => busy.has(Number(/\d+/.exec(id)?.[0]))
  const held: Busy = { has, acts: has, idle: busy.size === 0 }
  return next(stateAfter(of, facts, actions), of, held).flatMap((command): (number | string)[] => {
    if (command.kind === 'start') return [command.item ?? Number.NaN]
    return command.kind === 'append' ? command.facts.map(({ type }) => type) : []
  })
}

function ruleOf(random: () => number): Rule {
  const below = (n: number) => Math.floor(random() * n)
  const maxFailures = random() < 0.5 ? below(6) : `${below(101)}%`
  return { total: below(25), concurrency: 1 + below(8), maxFailures }
}

describe.each(Array.from({ length: 150 }, (_, seed) => seed))('seed %i', (seed) => {
  const random = randomFrom(seed + 1)
  const rule = ruleOf(random)

  it(`does as the model: ${JSON.stringify(rule)}`, () => {
    const of = load(rule)
    const model = new Model(rule)
    const facts: Written[] = [planned, expanded('all', rule.total)]
    let busy = new Set<number>()
    for (let turn = 0; turn < 200; turn++) {
      const wanted = wants(of, facts, busy)
      const begins = model.start()
      if (model.over !== undefined && begins.length === 0) {
        expect(wanted).toEqual([model.over])
        return
      }
      expect(wanted).toEqual([
        ...[...model.active].filter((i) => !busy.has(i) && !begins.includes(i)),
        ...begins,
      ])
      for (const item of begins) facts.push(intended(`all[${item}]`))
      busy = new Set(model.active)
      // A restart in the middle: nothing is in hand, and what was under way is looked at again, beside what begins.
      if (random() < 0.15) busy = new Set()
      const [ended] = [...model.active].toSorted(() => random() - 0.5)
      if (ended === undefined || random() < 0.1) continue
      const fails = random() < 0.3
      facts.push(fails ? failed(`all[${ended}]`) : done(`all[${ended}]`))
      model.end(ended, fails)
      busy.delete(ended)
    }
    throw new Error('it never ends')
  })
})

describe('what only waits', () => {
  const rule: Rule = { total: 3, concurrency: 2, maxFailures: 0 }
  const waits: Busy = { has: (id) => id === 'all[1]', acts: () => false, idle: false }

  it('does not hold up the end of a step of which too many have failed', () => {
    const of = load(rule)
    const state = stateAfter(of, [planned, expanded('all', 3), failed('all[0]')], actions)
    expect(next(state, of, waits)).toMatchObject([{ kind: 'append', facts: [{ type: 'step.failed' }] }])
  })

  it('keeps its place: no more than `concurrency` at a time, also while one waits for another try', () => {
    const of = load(rule)
    const again: Written = {
      type: 'step.retrying',
      step: 'all[1]',
      data: {
        tries: 1,
        until: '2026-01-01T00:00:00.000Z',
        problem: { code: 'x', message: 'x', remedy: 'x' },
      },
    }
    const state = stateAfter(of, [planned, expanded('all', 3), done('all[0]'), again], actions)
    const instances = (busy: Busy) =>
      next(state, of, busy).map((command) => (command.kind === 'start' ? command.instance : command.kind))
    expect(instances(waits)).toEqual(['all[2]'])
    // After a restart both are started: the waiting one sees that it waits still.
    expect(instances({ has: () => false, acts: () => false, idle: true })).toEqual(['all[1]', 'all[2]'])
  })
})
