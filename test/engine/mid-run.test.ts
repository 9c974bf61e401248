import { afterEach, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import type { RunView } from '../../src/core/app.ts'
import { isOver } from '../../src/core/run.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { byHand, sayDone, waitingStep, withBuiltIns } from '../support/by-hand.ts'
import { eventually } from '../support/eventually.ts'
import { ann, rita } from '../support/people.ts'
import { applied, createToy, type Toy } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

// Cancel, freeze and thaw, in each state that a run can stand in when somebody calls.

const set = (lamp: string, more: object = {}) => ({
  action: 'toy.set',
  with: { lamp, value: 'off' },
  ...more,
})
const approve = { from: 'approver', count: 1, within: '30m' }
const page = { when: 'failed()', action: 'toy.tell', with: { text: 'stopped' } }

type Place = {
  readonly bot: Bot
  readonly toy: Toy
  readonly run: string
  /** Lets go on what the run stands at. */
  readonly release: () => void
}

type Scene = {
  readonly steps: object
  /** What the toy does, until it is released. */
  readonly hold?: (toy: Toy, released: Promise<void>) => void
  /** The run stands there. */
  readonly there: (place: Place) => Promise<unknown>
  /** What people or time do that it goes on to its end. */
  readonly goOn?: (place: Place) => Promise<unknown>
  /** How often it has been planned when it stands at its next effect. */
  readonly plans?: number
  /** What has happened to the world when it was cancelled there. */
  readonly changed: readonly string[]
  /** The first effect when it is frozen there: it was under way already. */
  readonly frozenChanges?: readonly string[]
}

const scenes: { readonly [state: string]: Scene } = {
  'reading before the plan': {
    steps: { look: { action: 'toy.look', with: { lamp: 'a' } }, off: set('a', { after: ['look'] }) },
    hold: (toy, released) => {
      toy.plan = () => (toy.calls.length === 1 ? released : undefined)
    },
    there: ({ toy }) => eventually(() => toy.calls.length === 1),
    changed: [],
  },
  'being planned': {
    steps: { off: set('a') },
    hold: (toy, released) => {
      toy.plan = () => (toy.calls.length === 1 ? released : undefined)
    },
    there: ({ toy }) => eventually(() => toy.calls.length === 1),
    changed: [],
  },
  'waiting for approval': {
    steps: { off: set('a', { approve }) },
    there: ({ bot, run }) => bot.waiting(run),
    goOn: ({ bot, run }) => bot.decide(run, ann),
    changed: [],
  },
  'at an effect that is under way': {
    steps: { off: set('a'), next: set('b', { after: ['off'] }) },
    hold: (toy, released) => {
      toy.apply = async (lamp, value) => {
        if (lamp === 'a') await released
        toy.lamps.set(lamp, value)
      }
    },
    there: ({ toy }) => eventually(() => applied(toy).length === 1),
    changed: ['a'],
    frozenChanges: ['a'],
  },
  'letting time pass': {
    steps: { pause: { action: 'firebreak.wait', with: { for: '1s' } }, off: set('a', { after: ['pause'] }) },
    there: ({ bot, run }) => waitingStep(bot, run, 'pause'),
    changed: [],
  },
  'waiting for hands': {
    steps: { close: byHand('b'), off: set('a', { after: ['close'] }) },
    there: ({ bot, run }) => waitingStep(bot, run, 'close'),
    goOn: ({ bot, toy, run }) => {
      toy.lamps.set('b', 'off')
      return sayDone(bot, [run], rita)
    },
    changed: [],
  },
  'waiting for another try': {
    steps: { off: set('a', { retry: { attempts: 2, wait: '1s', longest: '1s' } }) },
    hold: (toy) => {
      toy.apply = (lamp, value) => {
        if (applied(toy).length > 1) return void toy.lamps.set(lamp, value)
        throw new FirebreakError('provider.throttled', 'not now', { remedy: 'Wait.', retryAfterMs: 1000 })
      }
    },
    there: ({ bot, run }) => waitingStep(bot, run, 'off'),
    plans: 3,
    changed: ['a'],
    frozenChanges: ['a'],
  },
}

const open: Bot[] = []
afterEach(async () => {
  for (const bot of open.splice(0)) await bot.close()
})

async function stand({ steps, hold, there }: Scene): Promise<Place> {
  const toy = createToy({ a: 'on', b: 'on' })
  toy.deadlineMs = 10_000
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  hold?.(toy, released)
  const bot = await startBot({
    actions: withBuiltIns(toy),
    playbooks: [playbook('scene', { ...steps, page })],
  })
  open.push(bot)
  void bot.start('scene').catch(() => undefined)
  const run = await eventually(async () => (await bot.firebreak.runs({ limit: 1 }))[0]?.state.id)
  const place = { bot, toy, run, release }
  await there(place)
  return place
}

const view = ({ bot, run }: Place): Promise<RunView> => bot.firebreak.run(run)

describe.each(Object.entries(scenes))('a run that is %s', (_, scene) => {
  it('is cancelled: what is under way ends, nothing more begins, closing steps run', async () => {
    const place = await stand(scene)
    await place.bot.firebreak.cancel(place.run, rita, 'enough')
    place.release()
    const { state } = await place.bot.over(place.run)
    expect(state).toMatchObject({ status: 'cancelled', reason: 'enough' })
    expect(state.steps['page']?.status).toBe('succeeded')
    expect(applied(place.toy)).toEqual(scene.changed)
    expect(state.approvals.map(({ status }) => status)).not.toContain('open')
  })

  it('is frozen: nothing changes that was not under way; after the thaw it goes on to its end', async () => {
    const place = await stand(scene)
    await place.bot.firebreak.freeze(ann, 'hold')
    place.release()
    await scene.goOn?.(place)
    // It gets as far as it can.
    await eventually(async () => await standsFrozen(place, scene), { what: 'that it stands' })
    expect(applied(place.toy)).toEqual(scene.frozenChanges ?? [])
    const types = (await place.bot.all()).map(({ type }) => type)
    expect(types.slice(types.indexOf('freeze.set'))).not.toContain('step.intended')
    await turns(500)
    const before = plansOf(place)
    await thaw(place.bot.firebreak, 'go on')
    expect((await place.bot.over(place.run)).state.status).toBe('succeeded')
    expect(place.toy.lamps.get('a')).toBe('off')
    // While it stood there it was looked at a few times, not again and again.
    expect(before).toBeLessThan(6)
  })

  it('is cancelled while it is frozen: it ends without a thaw', async () => {
    const place = await stand(scene)
    await place.bot.firebreak.freeze(ann, 'hold')
    await place.bot.firebreak.cancel(place.run, rita, 'enough')
    place.release()
    expect((await place.bot.over(place.run)).state.status).toBe('cancelled')
    expect(applied(place.toy)).toEqual(scene.changed)
  })
})

/** Lets the event loop turn this often, so that whatever would begin by itself begins. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

const plansOf = ({ toy }: Place): number => toy.calls.filter(({ verb }) => verb === 'plan').length

/** Its next effect has been planned again since the freeze, and was refused: there it stands. */
async function standsFrozen(place: Place, { plans = 2 }: Scene): Promise<boolean> {
  const { state } = await view(place)
  if (isOver(state.status)) throw new Error(`it is ${state.status}`)
  return plansOf(place) >= plans
}

async function parked(): Promise<Place> {
  const place = await stand({
    steps: { off: set('a'), next: set('b', { after: ['off'] }) },
    hold: (toy) => {
      toy.deadlineMs = 50
      toy.probe = () => 'unknown'
    },
    there: ({ bot, run }) => bot.until(run, 'parked'),
    changed: ['a'],
  })
  return place
}

describe('a parked run', () => {
  it('is cancelled at once', async () => {
    const place = await parked()
    await place.bot.firebreak.cancel(place.run, rita, 'enough')
    expect((await place.bot.over(place.run)).state.status).toBe('cancelled')
    expect(applied(place.toy)).toEqual(['a'])
  })

  it('stays parked through a freeze and a thaw', async () => {
    const place = await parked()
    await place.bot.firebreak.freeze(ann, 'hold')
    await thaw(place.bot.firebreak, 'go on')
    expect((await view(place)).state.status).toBe('parked')
    expect(applied(place.toy)).toEqual(['a'])
  })

  it('is resumed during a freeze: it looks, and begins nothing before the thaw', async () => {
    const place = await parked()
    place.toy.probe = () => 'applied'
    await place.bot.firebreak.freeze(ann, 'hold')
    await place.bot.firebreak.resume(place.run, ann, { reason: 'look again' })
    await eventually(async () => (await view(place)).state.steps['off']?.status === 'succeeded')
    expect(applied(place.toy)).toEqual(['a'])
    await thaw(place.bot.firebreak, 'go on')
    expect((await place.bot.over(place.run)).state.status).toBe('succeeded')
    expect(applied(place.toy)).toEqual(['a', 'b'])
  })
})

describe('a run that is over', () => {
  it('cannot be cancelled any more, nor resumed', async () => {
    const place = await stand({
      steps: { off: set('a') },
      there: ({ bot, run }) => bot.over(run),
      changed: ['a'],
    })
    const { firebreak } = place.bot
    await expect(firebreak.cancel(place.run, rita, 'x')).rejects.toMatchObject({ code: 'run.over' })
    await expect(firebreak.resume(place.run, ann, { reason: 'x' })).rejects.toMatchObject({
      code: 'run.not-parked',
    })
  })
})
