import { afterEach, describe, expect, it } from 'vitest'
import { next } from '../../src/engine/next.ts'
import { reloadPlaybook } from '../../src/playbook/load.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { waitingStep, withBuiltIns } from '../support/by-hand.ts'
import { done, failed, planned, stateAfter, type Written } from '../support/facts.ts'
import { rita } from '../support/people.ts'
import { applied, createToy, type Toy } from '../support/toy.ts'

// firebreak.wait: time passes, by the journal and the wall clock, whoever runs the program meanwhile.

const off = (more: object = {}) => ({ action: 'toy.set', with: { lamp: 'a', value: 'off' }, ...more })
const pause = (time: string, more: object = {}) => ({
  action: 'firebreak.wait',
  with: { for: time },
  ...more,
})
const page = { when: 'failed()', action: 'toy.tell', with: { text: 'failed' } }

const open: Bot[] = []
afterEach(async () => {
  for (const bot of open.splice(0)) await bot.close()
})

async function botWith(steps: object): Promise<{ bot: Bot; toy: Toy }> {
  const toy = createToy({ a: 'on', b: 'on' })
  const bot = await startBot({ actions: withBuiltIns(toy), playbooks: [playbook('waits', steps)] })
  open.push(bot)
  return { bot, toy }
}

async function restarted(bot: Bot, aheadMs: number): Promise<Bot> {
  open.splice(open.indexOf(bot), 1)
  const again = await bot.restart({ aheadMs })
  open.push(again)
  return again
}

describe('the interpreter, of a step that waits', () => {
  const actions = withBuiltIns(createToy())
  const steps = {
    look: { action: 'toy.look', with: { lamp: 'a' } },
    pause: pause('10m'),
    after: off({ after: ['pause'] }),
  }
  const graph = reloadPlaybook(playbook('table', { ...steps, page }), 'table.yaml', actions)
  const waiting: Written = {
    type: 'step.waiting',
    step: 'pause',
    data: { until: '2026-01-01T00:10:00.000Z' },
  }
  const wants = (facts: readonly Written[], busy: readonly string[] = [], idle = busy.length === 0) =>
    next(stateAfter(graph, facts, actions), graph, {
      has: (id) => busy.includes(id),
      acts: () => false,
      idle,
    }).map((command) => (command.kind === 'start' ? `start ${command.instance}` : command.kind))

  it('begins after the plan, and is looked at again while it waits', () => {
    expect(wants([])).toEqual(['start look'])
    expect(wants([done('look')])).toEqual(['plan'])
    expect(wants([done('look'), planned])).toEqual(['start pause'])
    expect(wants([done('look'), planned, waiting])).toEqual(['start pause'])
    expect(wants([done('look'), planned, waiting], ['pause'])).toEqual([])
    expect(wants([done('look'), planned, waiting, done('pause')])).toEqual(['start after'])
  })

  it('never ends once the run is stopped or has failed: closing steps run', () => {
    const cancelled: Written = { type: 'run.cancel-requested', data: { reason: 'x' } }
    expect(wants([done('look'), planned, waiting, cancelled], ['pause'], true)).toEqual(['start page'])
    expect(wants([done('look'), planned, waiting, failed('after')], ['pause'], true)).toEqual(['start page'])
    expect(wants([done('look'), planned, waiting, cancelled, done('page')], ['pause'], true)).toEqual(['end'])
  })
})

describe('a wait', () => {
  it('ends by itself when its time has passed, and what follows begins then', async () => {
    const { bot, toy } = await botWith({ pause: pause('1s'), after: off({ after: ['pause'] }) })
    const began = performance.now()
    const run = await bot.start('waits')
    const { waitsUntil } = await waitingStep(bot, run, 'pause')
    expect(applied(toy)).toEqual([])
    const { state } = await bot.over(run)
    expect(performance.now() - began).toBeGreaterThanOrEqual(990)
    expect(state).toMatchObject({ status: 'succeeded', steps: { pause: { output: { until: waitsUntil } } } })
    expect(await bot.types(run)).toEqual([
      'run.requested',
      'run.planned',
      'step.waiting pause',
      'step.succeeded pause',
      'step.intended after',
      'step.applied after',
      'step.probed after',
      'step.succeeded after',
      'run.succeeded',
    ])
  })

  it('is planned, and waits for nothing while it is: what is read afterwards is not known yet', async () => {
    const { bot } = await botWith({
      pause: pause('90m'),
      look: { action: 'toy.look', with: { lamp: 'a' }, after: ['pause'] },
      after: off({ after: ['look'] }),
    })
    const { state } = await bot.plan('waits')
    expect(state.plan?.lines).toMatchObject([
      { step: 'pause', kind: 'wait', confidence: 'predicted', summary: 'waits 90m' },
      { step: 'look', kind: 'unknown' },
      { step: 'after', kind: 'change' },
    ])
    expect(state.status).toBe('planned')
  })

  it('keeps its end over restarts, and is over when the time passed while nothing ran', async () => {
    const { bot, toy } = await botWith({ pause: pause('2h'), after: off({ after: ['pause'] }) })
    const run = await bot.start('waits')
    const { waitsUntil } = await waitingStep(bot, run, 'pause')
    const second = await restarted(bot, 3_600_000)
    expect((await waitingStep(second, run, 'pause')).waitsUntil).toBe(waitsUntil)
    expect((await second.types(run)).filter((type) => type.startsWith('step.'))).toEqual([
      'step.waiting pause',
    ])
    const third = await restarted(second, 7_201_000)
    expect((await third.over(run)).state.status).toBe('succeeded')
    expect((await third.types(run)).filter((type) => type === 'step.waiting pause')).toHaveLength(1)
    expect(applied(toy)).toEqual(['a'])
  })

  it('is given up when the run is cancelled: it never ends, and closing steps run', async () => {
    const { bot, toy } = await botWith({ pause: pause('7d'), after: off({ after: ['pause'] }), page })
    const run = await bot.start('waits')
    await waitingStep(bot, run, 'pause')
    await bot.firebreak.cancel(run, rita, 'not needed')
    const { state } = await bot.over(run)
    expect(state.status).toBe('cancelled')
    expect(state.steps['pause']).toMatchObject({ status: 'pending' })
    expect(state.steps['page']).toMatchObject({ status: 'succeeded' })
    expect(applied(toy)).toEqual([])
  })

  it('is given up when another step fails: nobody waits a week for the page', async () => {
    const { bot } = await botWith({
      pause: pause('7d'),
      bad: { action: 'toy.set', with: { lamp: 'none', value: 'off' } },
      page,
    })
    const run = await bot.start('waits')
    const { state } = await bot.over(run)
    expect(state).toMatchObject({ status: 'failed', steps: { page: { status: 'succeeded' } } })
  })

  it('repeats like any step, as many at a time as it says', async () => {
    const items = {
      type: 'array',
      items: { type: 'string' },
      description: 'Times',
      default: ['1s', '1s', '1s'],
    }
    const toy = createToy()
    const each = { forEach: '${{ inputs.times }}', concurrency: 3 }
    const times = { ...items, items: { type: 'string', enum: ['1s', '2s'] } }
    const text = playbook('many', { all: pause('${{ item }}', each) }, { inputs: { times } })
    const bot = await startBot({ actions: withBuiltIns(toy), playbooks: [text] })
    open.push(bot)
    const began = performance.now()
    const { state } = await bot.over(await bot.start('many'))
    expect(state.status).toBe('succeeded')
    expect(performance.now() - began).toBeLessThan(2_500)
  })
})
