import { expect, it } from 'vitest'
import type { Fact, NewFact } from '../../../src/core/fact.ts'
import { system } from '../../../src/core/person.ts'
import { fold, type RunState } from '../../../src/core/run.ts'
import { Queue } from '../../../src/engine/drivers/queue.ts'
import { eventually } from '../../support/eventually.ts'

// Who is called when a target or a place is free, where one process has every run in hand.

type Waiter = { readonly key: string; readonly run: string; readonly step: string }

/** A journal of several runs, and a queue that hears of every fact. */
class World {
  readonly called: string[] = []
  readonly #facts = new Map<string, Fact[]>()
  waiters: Waiter[] = []
  readonly queue = new Queue(
    {
      store: {
        waiting: async (key?: string) => this.waiters.filter((one) => key === undefined || one.key === key),
      },
      log: { error: () => undefined },
    },
    { peek: (run) => this.state(run), wake: (run) => this.called.push(run) },
  )

  state(run: string): RunState | undefined {
    return fold(this.#facts.get(run) ?? [])
  }

  write(run: string, fact: Pick<NewFact, 'type' | 'data'> & { step?: string }): void {
    const own = this.#facts.get(run) ?? []
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a tag and its data, as each test writes them
    const written = {
      actor: system,
      ...fact,
      run,
      n: own.length,
      seq: 0,
      time: '2030-01-01T00:00:00Z',
    } as Fact
    this.#facts.set(run, [...own, written])
    this.queue.hear([written])
  }

  begin(run: string): void {
    const playbook = { name: 'p', title: 'p', digest: 'x', text: '' }
    this.write(run, {
      type: 'run.requested',
      data: { mode: 'run', playbook, because: 'drill', inputs: {}, config: 'x', contracts: {} },
    })
  }

  intend(run: string, step: string, counts: readonly string[] = []): void {
    const target = { kind: 'lamp', id: step, name: step }
    this.write(run, {
      type: 'step.intended',
      step,
      data: {
        attempt: 1,
        key: `${run}/${step}`,
        input: {},
        change: { target, before: {}, after: {}, confidence: 'predicted', output: {} },
        undo: { kind: 'never', reason: 'none' },
        digest: 'x',
        deadlineMs: 1,
        settleMs: 1,
        claim: `aws/${step}`,
        counts: counts.map((key) => ({ key, of: 'taken', limit: 1 })),
      },
    })
  }

  hold(run: string, step: string, key: string): void {
    this.begin(run)
    this.waiters.push({ key, run, step })
    this.write(run, { type: 'step.held', step, data: { by: 'claim', key, why: 'held' } })
  }

  /** It waits no longer. */
  leave(run: string): void {
    this.waiters = this.waiters.filter((one) => one.run !== run)
  }
}

it('the end of a run calls who has waited longest for each of its targets', async () => {
  const world = new World()
  world.begin('first')
  world.intend('first', 'a')
  world.intend('first', 'b')
  world.hold('second', 'x', 'aws/a')
  world.hold('third', 'x', 'aws/a')
  world.hold('fourth', 'x', 'aws/b')
  world.hold('fifth', 'x', 'aws/c')
  world.write('first', { type: 'run.succeeded', data: {} })
  await eventually(async () => world.called.length === 2)
  expect(world.called.toSorted()).toEqual(['fourth', 'second'])
})

it('a step that is done gives back its places, and its target only with its run', async () => {
  const world = new World()
  world.begin('first')
  world.intend('first', 'a', ['budget/x'])
  world.hold('second', 'x', 'budget/x')
  world.write('first', { type: 'step.succeeded', step: 'a', data: { output: {} } })
  await eventually(async () => world.called.includes('second'))
})

it('who is called and does not take the place passes the call on', async () => {
  const world = new World()
  world.hold('second', 'x', 'budget/x')
  world.hold('third', 'x', 'budget/x')
  world.leave('second')
  world.write('second', { type: 'step.skipped', step: 'x', data: { reason: 'not needed' } })
  await eventually(async () => world.called.length === 1)
  expect(world.called).toEqual(['third'])
})

it('who took a place lets the next one look whether there is more', async () => {
  const world = new World()
  world.hold('second', 'x', 'budget/x')
  world.hold('third', 'x', 'budget/x')
  world.leave('second')
  world.intend('second', 'x', ['budget/x'])
  await eventually(async () => world.called.length === 1)
  expect(world.called).toEqual(['third'])
})

it('the end of a run that waited calls who waited behind it', async () => {
  const world = new World()
  world.hold('second', 'x', 'budget/x')
  world.hold('third', 'x', 'budget/x')
  world.leave('second')
  world.write('second', { type: 'run.cancelled', data: { reason: 'not needed' } })
  await eventually(async () => world.called.length === 1)
  expect(world.called).toEqual(['third'])
})

it('the end of a containment of a run that is over calls the first of each who waits', async () => {
  const world = new World()
  world.hold('second', 'x', 'budget/x')
  world.hold('third', 'x', 'budget/y')
  world.write('gone', { type: 'containment.kept', step: 'a', data: { reason: 'for good' } })
  await eventually(async () => world.called.length === 2)
  expect(world.called.toSorted()).toEqual(['second', 'third'])
})

it('after a start it knows from the journal who waits', async () => {
  const world = new World()
  world.begin('second')
  world.waiters = [
    { key: 'budget/x', run: 'second', step: 'x' },
    { key: 'budget/x', run: 'third', step: 'x' },
  ]
  await world.queue.recover()
  world.leave('second')
  world.write('second', { type: 'step.skipped', step: 'x', data: { reason: 'not needed' } })
  await eventually(async () => world.called.includes('third'))
})
