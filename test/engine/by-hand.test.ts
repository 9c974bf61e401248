import { afterEach, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { byHand, sayDone, waitingStep, withBuiltIns } from '../support/by-hand.ts'
import { copyState } from '../support/copy-state.ts'
import { eventually } from '../support/eventually.ts'
import { ann, keys, rita, slack, ssh } from '../support/people.ts'
import { applied, createToy, type Toy } from '../support/toy.ts'

// firebreak.manual: a person does it, says so, and the step's own read must see it (P6).

const after = { action: 'toy.set', with: { lamp: 'b', value: 'off' }, after: ['close'] }
const page = { when: 'failed()', action: 'toy.tell', with: { text: 'failed' } }

const open: Bot[] = []
afterEach(async () => {
  for (const bot of open.splice(0)) await bot.close()
})

type Asked = { readonly bot: Bot; readonly toy: Toy; readonly run: string }

/** A run that asks for the step `close`. */
async function asked(steps: object = { close: byHand('a'), after }): Promise<Asked> {
  const toy = createToy({ a: 'on', b: 'on' })
  const bot = await startBot({ actions: withBuiltIns(toy), playbooks: [playbook('hands', steps)] })
  open.push(bot)
  const run = await bot.start('hands')
  await waitingStep(bot, run, 'close')
  return { bot, toy, run }
}

async function restarted(bot: Bot, aheadMs = 0): Promise<Bot> {
  open.splice(open.indexOf(bot), 1)
  const again = await bot.restart({ aheadMs })
  open.push(again)
  return again
}

function notClosed(bot: Bot, run: string, times = 1): Promise<string> {
  return eventually(
    async () => {
      const facts = await bot.firebreak.facts(run)
      const whys = facts.flatMap((fact) => (fact.type === 'step.not-closed' ? [fact.data.why] : []))
      return whys.length >= times ? whys.at(-1) : undefined
    },
    { what: 'that the step is not closed' },
  )
}

const steps = async (bot: Bot, run: string) =>
  (await bot.types(run)).filter((type) => type.startsWith('step.'))

describe('a step that a person does by hand', () => {
  it('asks, and is done when somebody with the role says so and the probe has seen it', async () => {
    const { bot, toy, run } = await asked()
    expect((await bot.firebreak.run(run)).byHand).toMatchObject([{ step: 'close', people: [{ id: 'rita' }] }])
    toy.lamps.set('a', 'off')
    expect(await sayDone(bot, [run], rita)).toEqual({ kind: 'done' })
    const { state, byHand: left } = await bot.over(run)
    expect(state).toMatchObject({ status: 'succeeded', steps: { close: { output: { confirmed: true } } } })
    expect(left).toBeUndefined()
    expect((await steps(bot, run)).slice(0, 4)).toEqual([
      'step.asked close',
      'step.said-done close',
      'step.probed close',
      'step.succeeded close',
    ])
    // It is no effect of ours: no intent, no undo, and nobody was asked to approve.
    expect(await bot.types(run)).not.toContain('step.intended close')
    expect(applied(toy)).toEqual(['b'])
    expect(state.approvals).toEqual([])
    const said = (await bot.firebreak.facts(run)).find(({ type }) => type === 'step.said-done')
    expect(said).toMatchObject({
      actor: { person: 'rita', account: rita },
      data: { person: 'rita', account: rita, evidence: { kind: 'slack', user: 'U0RITA' } },
    })
  })

  it('asks again while the probe does not see it, however often somebody says so', async () => {
    const { bot, toy, run } = await asked()
    expect(await sayDone(bot, [run], rita)).toEqual({ kind: 'done' })
    expect(await notClosed(bot, run)).toBe('toy.look does not show it: result.value == "off" is not true')
    expect(await sayDone(bot, [run], rita)).toEqual({ kind: 'done' })
    await notClosed(bot, run, 2)
    expect((await bot.firebreak.run(run)).state).toMatchObject({
      status: 'running',
      steps: { close: { status: 'pending' } },
    })
    expect(applied(toy)).toEqual([])
    toy.lamps.set('a', 'off')
    await sayDone(bot, [run], rita)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('goes on asking when the probe itself fails', async () => {
    const { bot, toy, run } = await asked()
    toy.lamps.set('a', 'off')
    toy.plan = () => {
      throw new FirebreakError('provider.unavailable', 'it is down', { remedy: 'Wait.' })
    }
    await sayDone(bot, [run], rita)
    expect(await notClosed(bot, run)).toBe('toy.look could not look: provider.unavailable: it is down')
    toy.plan = () => undefined
    await sayDone(bot, [run], rita)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('counts the word of one person at a time: a second one is refused while the first is looked at', async () => {
    const { bot, toy, run } = await asked()
    const held = Promise.withResolvers<void>()
    toy.plan = () => held.promise
    const outcomes = await Promise.all([sayDone(bot, [run], rita), sayDone(bot, [run], ssh(keys.rita))])
    expect(outcomes).toMatchObject([{ kind: 'done' }, { kind: 'refused', code: 'step.already-said' }])
    toy.lamps.set('a', 'off')
    held.resolve()
    await bot.over(run)
    expect(await sayDone(bot, [run], rita)).toMatchObject({ kind: 'refused', code: 'step.not-asked' })
    expect((await bot.types(run)).filter((type) => type === 'step.said-done close')).toHaveLength(1)
  })

  it.each([
    ['a person without the role', ann, 'step.missing-role'],
    ['a guest, whatever the configuration says', slack('rita', 'guest'), 'authority.bad-standing'],
    ['somebody from another organisation', slack('rita', 'external'), 'authority.bad-standing'],
    ['an account of nobody', slack('mallory'), 'authority.unknown-account'],
    ['a key of nobody', ssh(keys.mallory), 'authority.unknown-account'],
    ['a local shell', { via: 'os', user: 'rita' } as const, 'authority.unknown-account'],
  ])('is not closed by %s, and the log has it', async (_, by, code) => {
    const { bot, toy, run } = await asked()
    toy.lamps.set('a', 'off')
    expect(await sayDone(bot, [run], by)).toMatchObject({ kind: 'refused', code })
    expect(await steps(bot, run)).toEqual(['step.asked close'])
    const command = `done ${run} close`
    expect((await bot.all()).at(-1)).toMatchObject({ type: 'command.refused', data: { command, code } })
  })

  it('refuses words about what asks nobody: another step, another run', async () => {
    const { bot, run } = await asked()
    expect(await sayDone(bot, [run, 'after'], rita)).toMatchObject({ code: 'step.not-asked' })
    expect(await sayDone(bot, [run, 'constructor'], rita)).toMatchObject({ code: 'step.not-asked' })
    await expect(sayDone(bot, ['nothere'], rita)).rejects.toMatchObject({ code: 'run.unknown' })
    expect(await steps(bot, run)).toEqual(['step.asked close'])
  })

  it('survives restarts: before anybody has said anything, and between the word and the probe', async () => {
    const { bot, toy, run } = await asked()
    const second = await restarted(bot)
    await waitingStep(second, run, 'close')
    toy.lamps.set('a', 'off')
    // In this process the probe does not answer.
    const held = Promise.withResolvers<void>()
    toy.plan = () => held.promise
    await sayDone(second, [run], rita)
    await eventually(() => toy.calls.some(({ verb }) => verb === 'look'))
    const third = await startBot({
      actions: withBuiltIns(createToy({ a: 'off', b: 'on' })),
      playbooks: [],
      state: copyState(second.state),
    })
    open.push(third)
    expect((await third.over(run)).state.status).toBe('succeeded')
    expect((await third.types(run)).filter((type) => type === 'step.asked close')).toHaveLength(1)
    held.resolve()
  })

  it('fails when its timeout has passed, and a closing step runs', async () => {
    const { bot, run } = await asked({ close: byHand('a', { timeout: '1s' }), after, page })
    expect((await waitingStep(bot, run, 'close')).asked?.until).toBeDefined()
    const { state } = await bot.over(run)
    expect(state).toMatchObject({
      status: 'failed',
      steps: { close: { problem: { code: 'step.not-done' } }, page: { status: 'succeeded' } },
    })
  })

  it('that timed out while nothing ran fails at the next start', async () => {
    const { bot, run } = await asked({ close: byHand('a', { timeout: '2h' }) })
    const late = await restarted(bot, 7_201_000)
    expect((await late.over(run)).state.steps['close']?.problem?.code).toBe('step.not-done')
  })

  it('ends with the run when that is cancelled, and nobody is asked any more', async () => {
    const { bot, toy, run } = await asked({ close: byHand('a'), after, page })
    await bot.firebreak.cancel(run, rita, 'not needed')
    const { state, byHand: left } = await bot.over(run)
    expect(state).toMatchObject({ status: 'cancelled', steps: { close: { status: 'pending' } } })
    expect(state.steps['page']?.status).toBe('succeeded')
    expect(left).toBeUndefined()
    expect(await sayDone(bot, [run], rita)).toMatchObject({ code: 'step.not-asked' })
    expect(applied(toy)).toEqual([])
  })

  it('of the main part asks nobody any more while the closing steps of a stopped run do', async () => {
    const tidy = byHand('b', { when: 'failed()', timeout: '1h' })
    const { bot, toy, run } = await asked({ close: byHand('a'), tidy })
    await bot.firebreak.cancel(run, rita, 'not needed')
    await waitingStep(bot, run, 'tidy')
    expect((await bot.firebreak.run(run)).byHand).toMatchObject([{ step: 'tidy' }])
    toy.lamps.set('a', 'off')
    expect(await sayDone(bot, [run], rita)).toMatchObject({ code: 'step.not-asked' })
    toy.lamps.set('b', 'off')
    expect(await sayDone(bot, [run, 'tidy'], rita)).toEqual({ kind: 'done' })
    expect((await bot.over(run)).state).toMatchObject({
      status: 'cancelled',
      steps: { close: { status: 'pending' } },
    })
  })

  it('at the end of a run is asked for after a failure too', async () => {
    const bad = { action: 'toy.set', with: { lamp: 'none', value: 'off' } }
    const { bot, toy, run } = await asked({ bad, close: byHand('a', { when: 'failed()', timeout: '1h' }) })
    expect((await bot.firebreak.run(run)).byHand).toMatchObject([{ step: 'close' }])
    toy.lamps.set('a', 'off')
    await sayDone(bot, [run], rita)
    expect((await bot.over(run)).state).toMatchObject({
      status: 'failed',
      steps: { close: { status: 'succeeded' } },
    })
  })

  it('repeats, and each item is closed by its own probe', async () => {
    const lamps = { type: 'array', items: { type: 'string' }, description: 'Lamps', default: ['a', 'b'] }
    const all = {
      ...byHand('a', { forEach: '${{ inputs.lamps }}', concurrency: 2 }),
      confirm: {
        action: 'toy.look',
        with: { lamp: '${{ item }}' },
        that: 'result.value == "off" && result.lamp == item',
      },
    }
    const toy = createToy({ a: 'on', b: 'off' })
    const text = playbook('each', { all }, { inputs: { lamps } })
    const bot = await startBot({ actions: withBuiltIns(toy), playbooks: [text] })
    open.push(bot)
    const run = await bot.start('each')
    await waitingStep(bot, run, 'all[1]')
    await sayDone(bot, [run, 'all[0]'], rita)
    await notClosed(bot, run)
    await sayDone(bot, [run, 'all[1]'], rita)
    await eventually(async () => (await bot.firebreak.run(run)).state.steps['all[1]']?.status === 'succeeded')
    toy.lamps.set('a', 'off')
    await sayDone(bot, [run, 'all[0]'], rita)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('is planned in words, and its probe is not called for a plan', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    const look = { action: 'toy.look', with: { lamp: 'a' }, after: ['close'] }
    const text = playbook('hands', { close: byHand('a'), look })
    const bot = await startBot({ actions: withBuiltIns(toy), playbooks: [text] })
    open.push(bot)
    const { state } = await bot.plan('hands')
    expect(state.plan).toMatchObject({
      gates: [],
      lines: [
        {
          kind: 'manual',
          effect: 'manual',
          confidence: 'predicted',
          summary: 'by hand, by a responder: Turn lamp a off (https://example.com/lamps)',
        },
        { kind: 'unknown' },
      ],
    })
    expect(toy.calls).toEqual([])
  })

  it('pins the contract of its probe as well as its own', async () => {
    const { bot, run } = await asked()
    const [first] = await bot.firebreak.facts(run)
    expect(first).toMatchObject({
      data: { contracts: { 'firebreak.manual': 1, 'toy.look': 1, 'toy.set': 1 } },
    })
  })

  it('can be said to be done with a signature, about this step of this run', async () => {
    const { bot, toy, run } = await asked()
    toy.lamps.set('a', 'off')
    const { message } = await bot.firebreak.challenge({ kind: 'done', run, step: 'close' })
    expect(JSON.parse(message)).toMatchObject({ decision: 'done', run, step: 'close' })
    const wrong = await bot.firebreak.signed({ message, signature: keys.ann.sign(message) })
    expect(wrong).toMatchObject({ kind: 'refused', code: 'step.missing-role' })
    const again = (await bot.firebreak.challenge({ kind: 'done', run, step: 'close' })).message
    const signature = keys.rita.sign(again)
    expect(await bot.firebreak.signed({ message: again, signature })).toEqual({ kind: 'done' })
    expect((await bot.over(run)).state.status).toBe('succeeded')
    const said = (await bot.firebreak.facts(run)).find(({ type }) => type === 'step.said-done')
    expect(said?.data).toMatchObject({ evidence: { kind: 'ssh', message: again, signature } })
  })
})
