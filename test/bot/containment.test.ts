import { afterEach, describe, expect, it } from 'vitest'
import { playbook, startBot, type Bot, type BotOptions } from '../support/bot.ts'
import { approveAll } from '../support/approve.ts'
import { held, HOUR, later, MINUTE, setFor, story, whenHeld, whenStatus } from '../support/containments.ts'
import { waitingStep, withBuiltIns } from '../support/by-hand.ts'
import { ann, bob, rita } from '../support/people.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

// An effect with a time to live: announced, then undone by itself or asked about, renewed, lifted or kept.

const approve = { from: 'approver', count: 1, within: '30m' }

let bot: Bot
afterEach(() => bot.close())

async function contained(step: object, more: Partial<BotOptions> = {}): Promise<{ toy: Toy; run: string }> {
  const toy = createToy({ a: 'on' })
  bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('change', { off: step })], ...more })
  const run = await bot.start('change')
  if ('approve' in step) await approveAll(bot, run, [ann])
  else await bot.over(run)
  expect(toy.lamps.get('a')).toBe('off')
  return { toy, run }
}

/** Told beforehand, then over. */
async function end(ttl: number): Promise<void> {
  await later(bot, ttl - MINUTE)
  const [first] = await bot.firebreak.containments()
  await whenHeld(bot, first?.run ?? '', { is: ({ announced }) => announced !== undefined })
  await later(bot, 2 * MINUTE)
}

async function asked(run: string): Promise<void> {
  await later(bot, 4 * HOUR - MINUTE)
  await whenHeld(bot, run, { is: ({ announced }) => announced !== undefined })
  await later(bot, 2 * MINUTE)
  await whenHeld(bot, run, { is: (now) => now.asked !== undefined })
}

describe('a containment that undoes itself', () => {
  it('is planned with its end, and begins with the success of its step', async () => {
    const { run } = await contained(setFor('2h', { onExpiry: 'undo', approve }))
    const view = await bot.firebreak.run(run)
    expect(view.state.plan?.lines[0]).toMatchObject({ ttlMs: 2 * HOUR, onExpiry: 'undo' })
    const { intent, containment } = view.state.steps['off'] ?? {}
    expect(containment).toEqual({
      status: 'active',
      until: new Date(Date.parse(intent?.at ?? '') + 2 * HOUR).toISOString(),
      ttlMs: 2 * HOUR,
      onExpiry: 'undo',
    })
    expect(await bot.firebreak.containments()).toMatchObject([{ run, step: 'off', target: { name: 'a' } }])
  })

  it('is announced a tenth of its time before, and then puts back what it changed without asking again', async () => {
    const { toy, run } = await contained(setFor('2h', { onExpiry: 'undo', approve }))
    await later(bot, 2 * HOUR - 13 * MINUTE)
    expect(await story(bot, run)).toEqual(['started'])
    await later(bot, 2 * MINUTE)
    const { until } = await whenHeld(bot, run, { is: ({ announced }) => announced !== undefined })
    expect(toy.lamps.get('a')).toBe('off')
    await later(bot, 12 * MINUTE)
    const { lifting } = await whenStatus(bot, [run], 'lifted')
    expect(until).toBe(held(await bot.firebreak.run(run)).until)
    expect(toy.lamps.get('a')).toBe('on')
    expect(await story(bot, run)).toEqual(['started', 'announced', 'expired', 'lifting', 'lifted'])
    const { state } = await bot.firebreak.run(lifting?.undo ?? '')
    const approval = (await bot.firebreak.run(run)).state.approvals[0]?.request
    expect(state).toMatchObject({ status: 'succeeded', approvals: [], requester: { kind: 'system' } })
    expect(state.requested).toMatchObject({ undoes: run, expiry: { step: 'off', approval } })
    expect(await bot.firebreak.containments()).toEqual([])
  })
})

describe('when its time is over, and something is in the way', () => {
  it('stays where somebody has changed the target, touches nothing, and asks people', async () => {
    const { toy, run } = await contained(setFor('10m', { onExpiry: 'undo' }))
    toy.lamps.set('a', 'green, by somebody else')
    await end(10 * MINUTE)
    const { asked, status } = await whenHeld(bot, run, { is: (now) => now.asked !== undefined })
    expect(status).toBe('expiring')
    expect(asked?.why).toMatch(/something else changed a since/)
    expect(toy.lamps.get('a')).toBe('green, by somebody else')
    expect(applied(toy)).toEqual(['a'])
    expect(await story(bot, run)).toEqual([
      'started',
      'announced',
      'expired',
      'lifting',
      'not-lifted',
      'asked',
    ])
  })

  it('counts as lifted where somebody has put it back by hand, and writes nothing to the target', async () => {
    const { toy, run } = await contained(setFor('10m', { onExpiry: 'undo' }))
    toy.lamps.set('a', 'on')
    await end(10 * MINUTE)
    await whenStatus(bot, [run], 'lifted')
    expect(applied(toy)).toEqual(['a'])
  })

  it('stays while Firebreak is frozen, and the thaw alone changes nothing', async () => {
    const { toy, run } = await contained(setFor('10m', { onExpiry: 'undo' }))
    await bot.firebreak.freeze(ann, 'nobody moves')
    await end(10 * MINUTE)
    const { asked } = await whenHeld(bot, run, { is: (now) => now.asked !== undefined })
    expect(asked?.why).toContain('frozen: nobody moves')
    await thaw(bot.firebreak, 'go on')
    await later(bot, HOUR)
    expect(await story(bot, run)).toEqual(['started', 'announced', 'expired', 'asked'])
    expect(toy.lamps.get('a')).toBe('off')
    expect(await bot.firebreak.runs({})).toHaveLength(1)
  })

  it('stays where the freeze comes between the end and the effect, also after the thaw', async () => {
    const { toy, run } = await contained(setFor('10m', { onExpiry: 'undo' }))
    let planned = 0
    toy.plan = async () => {
      planned += 1
      // The first plan of the undo is for the run, the second at the moment of effect.
      if (planned === 2) await bot.firebreak.freeze(ann, 'wait')
    }
    await end(10 * MINUTE)
    const { asked } = await whenHeld(bot, run, { is: (now) => now.asked !== undefined })
    expect(asked?.why).toMatch(/wait/)
    await thaw(bot.firebreak, 'go on')
    await later(bot, HOUR)
    expect(toy.lamps.get('a')).toBe('off')
    expect(applied(toy)).toEqual(['a'])
  })

  it('stays where the undo fails, and says why', async () => {
    const { toy, run } = await contained(setFor('10m', { onExpiry: 'undo' }))
    toy.apply = () => undefined
    await end(10 * MINUTE)
    const { asked, lifting } = await whenHeld(bot, run, { is: (now) => now.asked !== undefined })
    expect(asked?.why).toMatch(/is as it was before/)
    expect(lifting).toBeUndefined()
  })

  it('stays where the undo is in doubt, and nobody decides about it before that is settled', async () => {
    const { toy, run } = await contained(setFor('10m', { onExpiry: 'undo' }))
    toy.probe = () => 'unknown'
    await end(10 * MINUTE)
    const { asked, lifting } = await whenHeld(bot, run, { is: (now) => now.asked !== undefined })
    expect(asked?.why).toMatch(/waits for a person/)
    const wish = { run, step: 'off', by: ann, reason: 'x' }
    await expect(bot.firebreak.keep(wish)).rejects.toMatchObject({ code: 'containment.being-lifted' })
    await bot.firebreak.cancel(lifting?.undo ?? '', ann, 'it is as it is')
    await whenHeld(bot, run, { is: (now) => now.lifting === undefined })
    await bot.firebreak.keep(wish)
    expect((await whenStatus(bot, [run], 'kept')).reason).toBe('x')
  })

  it('waits for the end of its run, which holds the target, and undoes itself then', async () => {
    const toy = createToy({ a: 'on' })
    const pause = { action: 'firebreak.wait', with: { for: '1h' }, after: ['off'] }
    const steps = { off: setFor('10m', { onExpiry: 'undo' }), pause }
    bot = await startBot({ actions: withBuiltIns(toy), playbooks: [playbook('change', steps)] })
    const run = await bot.start('change')
    await waitingStep(bot, run, 'pause')
    await end(10 * MINUTE)
    await whenStatus(bot, [run], 'expiring')
    await expect(bot.firebreak.lift({ run, step: 'off', by: rita, reason: 'now' })).rejects.toMatchObject({
      code: 'run.not-over',
    })
    expect(toy.lamps.get('a')).toBe('off')
    bot.forward(HOUR)
    // Whoever waits looks at the clock.
    await bot.firebreak.hold(run, ann, 'look')
    await whenStatus(bot, [run], 'lifted')
    expect(toy.lamps.get('a')).toBe('on')
    expect(await story(bot, run)).toEqual(['started', 'announced', 'expired', 'lifting', 'lifted'])
  })
})

describe('a containment that asks', () => {
  it('asks when its time is over, and is renewed for as long again', async () => {
    const { toy, run } = await contained(setFor('4h', { approve }))
    await asked(run)
    expect(held(await bot.firebreak.run(run)).asked?.why).toBe('its time is over')
    expect(toy.lamps.get('a')).toBe('off')
    await bot.firebreak.renew({ run, step: 'off', by: rita, reason: 'still needed' })
    const renewed = held(await bot.firebreak.run(run))
    expect(renewed).toMatchObject({ status: 'active', ttlMs: 4 * HOUR, reason: 'still needed' })
    expect(renewed.asked).toBeUndefined()
    expect(await story(bot, run)).toEqual(['started', 'announced', 'expired', 'asked', 'renewed'])
    await asked(run)
  })

  it('is lifted by a run of that step alone, planned, shown and approved like any undo', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    const other = { action: 'toy.set', with: { lamp: 'b', value: 'off' }, approve }
    const steps = { off: setFor('4h', { approve: { ...approve, count: 2 } }), other }
    bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('change', steps)] })
    const run = await bot.start('change')
    await approveAll(bot, run, [ann, bob])
    const { state } = await bot.firebreak.lift({ run, step: 'off', by: rita, reason: 'the fix is out' })
    const { waitingFor } = await bot.waiting(state.id)
    expect(waitingFor.missing).toEqual([expect.stringMatching(/^2 of 2/)])
    expect(toy.lamps.get('a')).toBe('off')
    await expect(bot.firebreak.lift({ run, step: 'off', by: ann, reason: 'me too' })).rejects.toMatchObject({
      code: 'containment.being-lifted',
    })
    await approveAll(bot, state.id, [ann, bob])
    await whenStatus(bot, [run], 'lifted')
    expect(Object.fromEntries(toy.lamps)).toEqual({ a: 'on', b: 'off' })
    // The rest of the run can be put back as before; what is back already is left alone.
    const { state: rest } = await bot.firebreak.undo(run, rita)
    expect((await bot.waiting(rest.id)).state.plan?.lines.map(({ change }) => change?.target.name)).toEqual([
      'b',
    ])
  })

  it('goes on as it was where nobody approves the lifting', async () => {
    const { run } = await contained(setFor('4h'))
    const { state } = await bot.firebreak.lift({ run, step: 'off', by: rita, reason: 'try' })
    await bot.waiting(state.id)
    await bot.decide(state.id, ann, { decision: 'reject', reason: 'not yet' })
    await whenHeld(bot, run, { is: (now) => now.lifting === undefined })
    expect(held(await bot.firebreak.run(run)).status).toBe('active')
    await asked(run)
    expect(await story(bot, run)).toEqual([
      'started',
      'lifting',
      'not-lifted',
      'announced',
      'expired',
      'asked',
    ])
  })

  it('is kept for good by who may, and asks no more', async () => {
    const { toy, run } = await contained(setFor('4h'))
    const stranger = { via: 'slack', team: 'T0TEST', user: 'U0OLI', standing: 'member' } as const
    for (const decide of [bot.firebreak.keep, bot.firebreak.renew, bot.firebreak.lift]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expect(decide({ run, step: 'off', by: stranger, reason: 'x' })).rejects.toMatchObject({
        code: 'authority.missing-role',
      })
    }
    await bot.firebreak.keep({ run, step: 'off', by: ann, reason: 'it is the new normal' })
    expect(held(await bot.firebreak.run(run))).toMatchObject({
      status: 'kept',
      reason: 'it is the new normal',
    })
    await later(bot, 5 * HOUR)
    expect(await bot.firebreak.containments()).toEqual([])
    await expect(bot.firebreak.renew({ run, step: 'off', by: ann, reason: 'x' })).rejects.toMatchObject({
      code: 'containment.not-live',
    })
    expect(await story(bot, run)).toEqual(['started', 'kept'])
    expect(toy.lamps.get('a')).toBe('off')
  })

  it('is renewed to a later end only, within bounds', async () => {
    const { run } = await contained(setFor('4h'))
    const about = { run, step: 'off', by: rita, reason: 'x' }
    const outcomes = [MINUTE, MINUTE - 1, 91 * 24 * HOUR].map((forMs) =>
      bot.firebreak.renew({ ...about, forMs }).catch((error: unknown) => (error as { code: string }).code),
    )
    expect(await Promise.all(outcomes)).toEqual([
      'containment.not-longer',
      'containment.bad-time',
      'containment.bad-time',
    ])
    await expect(bot.firebreak.renew({ ...about, step: 'none' })).rejects.toMatchObject({
      code: 'containment.not-live',
    })
    await bot.firebreak.renew({ ...about, forMs: 24 * HOUR })
    expect(held(await bot.firebreak.run(run)).ttlMs).toBe(24 * HOUR)
  })
})

describe('an undo of the whole run', () => {
  it('does not begin while another run puts a part of it back', async () => {
    const { run } = await contained(setFor('4h'))
    const { state } = await bot.firebreak.lift({ run, step: 'off', by: rita, reason: 'now' })
    await expect(bot.firebreak.undo(run, ann)).rejects.toMatchObject({ code: 'containment.being-lifted' })
    expect(await bot.firebreak.runs({ open: true })).toMatchObject([{ state: { id: state.id } }])
  })

  it('lifts its containments too', async () => {
    const { toy, run } = await contained(setFor('4h', { approve }))
    const { state } = await bot.firebreak.undo(run, rita)
    await approveAll(bot, state.id, [ann])
    await whenStatus(bot, [run], 'lifted')
    expect(toy.lamps.get('a')).toBe('on')
    expect(await story(bot, run)).toEqual(['started', 'lifting', 'lifted'])
  })
})

describe('each item of a step that repeats', () => {
  it('has an end of its own', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    const off = {
      forEach: '${{ ["a", "b"] }}',
      action: 'toy.set',
      with: { lamp: '${{ item }}', value: 'off' },
      ttl: '10m',
      onExpiry: 'undo',
    }
    bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('change', { off })] })
    const run = await bot.start('change')
    await bot.over(run)
    await bot.firebreak.keep({ run, step: 'off[0]', by: ann, reason: 'this one' })
    await later(bot, 9 * MINUTE)
    await whenHeld(bot, run, { is: ({ announced }) => announced !== undefined, step: 'off[1]' })
    await later(bot, 2 * MINUTE)
    await whenStatus(bot, [run, 'off[1]'], 'lifted')
    expect(Object.fromEntries(toy.lamps)).toEqual({ a: 'off', b: 'on' })
  })
})
