import { afterEach, expect, it } from 'vitest'
import { why } from '../../src/surfaces/api/why/why.ts'
import { type Bot, playbook, startBot } from '../support/bot.ts'
import { byHand, waitingStep, withBuiltIns } from '../support/by-hand.ts'
import { eventually } from '../support/eventually.ts'
import { rita, slack } from '../support/people.ts'
import { createToy } from '../support/toy.ts'

// P13: nothing is silent. Whatever is held back or refused has a reason that a person can look up, down to who has to act.

let bot: Bot
afterEach(() => bot.close())

const lamp = { type: 'string', description: 'Lamp' }
/** Switches one lamp off, and waits until somebody has switched off the next one by hand. */
const two = playbook('two', {
  first: { action: 'toy.set', with: { lamp: 'a', value: 'off' } },
  close: byHand('b', { after: ['first'] }),
})
const one = playbook(
  'one',
  { dim: { action: 'toy.set', with: { lamp: '${{ inputs.lamp }}', value: 'dim' } } },
  { inputs: { lamp } },
)

const route = {
  name: 'lamps',
  source: 'alertmanager',
  match: { alertname: 'LampOn' },
  mode: 'auto',
  playbook: 'one',
  inputs: { lamp: '${{ alert.labels[?"lamp"].orValue("none") }}' },
}

function alertBody(alertname: string, lampName: string): Uint8Array {
  const labels = { alertname, lamp: lampName }
  const startsAt = '2026-01-01T00:00:00Z'
  const alert = { status: 'firing', labels, annotations: {}, startsAt, fingerprint: `f-${alertname}` }
  const body = { version: '4', receiver: 'r', status: 'firing', groupKey: 'g', truncatedAlerts: 0 }
  return new TextEncoder().encode(JSON.stringify({ ...body, alerts: [alert] }))
}

async function begin(guardrails: object = {}): Promise<(id: string) => Promise<string>> {
  bot = await startBot({
    actions: withBuiltIns(createToy({ a: 'on', b: 'on', c: 'on', 'prod/a': 'on' })),
    playbooks: [one, two],
    config: { guardrails, alerts: { sources: { alertmanager: { auth: 'none' } }, routes: [route] } },
  })
  return async (id) => (await why(bot.firebreak, id)).answer
}

function held(run: string): Promise<unknown> {
  return eventually(async () => (await bot.firebreak.run(run)).state.steps['dim']?.held, {
    what: `a step of run ${run} that is held`,
  })
}

it('a run that waits for a run that waits for somebody says for what and for whom, to the end of the chain', async () => {
  const answer = await begin()
  const holder = await bot.start('two')
  await waitingStep(bot, holder, 'close')
  const run = await bot.start('one', { lamp: 'a' })
  await held(run)
  const { answer: said, because } = await why(bot.firebreak, run)
  const chain = `waits for run ${holder}, which holds aws/lamp/a and waits for somebody of responder to do close by hand`
  expect(said).toBe(`run ${run} (one) ${chain}`)
  expect(because).toEqual(
    expect.arrayContaining(['  to be done: Turn lamp b off', '  may say that it is done: Rita (rita)']),
  )
  await bot.firebreak.cancel(holder, rita, 'enough')
  await bot.over(run)
  expect(await answer(run)).toMatch(new RegExp(`^run ${run} \\(one\\) has succeeded at `))
})

it('a run that waits for room says under which budget, how much is taken, and since when', async () => {
  const answer = await begin({ budgets: [{ name: 'lamps', limit: 1, per: '1h', playbooks: ['one'] }] })
  await bot.over(await bot.start('one', { lamp: 'a' }))
  const run = await bot.start('one', { lamp: 'b' })
  await held(run)
  expect(await answer(run)).toMatch(
    new RegExp(`^run ${run} \\(one\\) waits for room under budget/lamps, at the latest \\d{4}-`),
  )
  const { because } = await why(bot.firebreak, run)
  expect(because).toContain('budget/lamps now: 1 of 1 within 1h')
})

it('a run that a guardrail refused says which, and so does what asked for it', async () => {
  const answer = await begin({ neverTouch: [{ kind: 'lamp', name: 'prod/*' }] })
  await bot.firebreak.alert('alertmanager', alertBody('LampOn', 'prod/a'))
  const [began] = await bot.firebreak.runs({})
  const run = began?.state.id ?? ''
  await bot.over(run)
  expect(await answer(run)).toMatch(/ has failed at .*: guardrail\.never-touch: dim: .*prod\/\*/)
  expect(await answer('LampOn')).toMatch(
    new RegExp(`^alert LampOn \\(f-LampOn\\) began run ${run}, which has failed`),
  )
  await bot.firebreak.alert('alertmanager', alertBody('LampOn', 'prod/a'))
  expect(await answer('f-LampOn')).toMatch(
    new RegExp(`^alert LampOn \\(f-LampOn\\) began nothing new: .*: run ${run}, which has failed`),
  )
  await bot.firebreak.alert('alertmanager', alertBody('Other', 'a'))
  expect(await answer('Other')).toBe('alert Other (f-Other) began nothing: no route of alertmanager matches')
})

it('what was refused before it was a run is found by the name that was asked for', async () => {
  const answer = await begin()
  await expect(bot.start('three')).rejects.toThrow()
  await expect(bot.start('one', { lamp: 'a' }, slack('oli'))).rejects.toThrow()
  expect(await answer('three')).toMatch(/^“run three” of rita was refused at .*: playbook\.unknown: /)
  expect(await answer('one')).toMatch(
    /^“run one” of oli was refused at .*: authority\.missing-role: Oli may not run/,
  )
})
