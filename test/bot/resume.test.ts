import { afterEach, describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/core/change.ts'
import { fold } from '../../src/core/run.ts'
import { approveAll } from '../support/approve.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { ann, keys, rita, slack, ssh } from '../support/people.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

// A parked run is in the hands of people: they take it on with what they have seen, or end it.

const set = (lamp: string, more: object = {}) => ({
  action: 'toy.set',
  with: { lamp, value: 'off' },
  ...more,
})
const next = { after: set('b', { after: ['off'] }) }

const open: Bot[] = []
afterEach(async () => {
  for (const bot of open.splice(0)) await bot.close()
})

/** A run whose first effect is in doubt: it was answered, and its probe says this. */
async function parked(steps: object = { off: set('a'), ...next }, says: Verdict = 'unknown') {
  const toy = createToy({ a: 'on', b: 'on' })
  toy.deadlineMs = 50
  toy.probe = () => says
  toy.apply = () => undefined
  const text = playbook('doubt', steps)
  const bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
  open.push(bot)
  const run = await bot.start('doubt')
  return { bot, toy, run, text }
}

/** From now on the world answers as it should. */
function mended(toy: Toy): void {
  const { probe } = createToy()
  toy.apply = (lamp, value) => void toy.lamps.set(lamp, value)
  toy.probe = (change) => (toy.lamps.get(change.target.name) === 'off' ? 'applied' : probe(change))
}

/** A late call could still land until two seconds after the deadline of the action. */
const LANDED_MS = 3_000

describe('a parked run that a person resumes', () => {
  it('takes their word that an effect is in place, and says whose word it is', async () => {
    const { bot, toy, run } = await parked()
    await bot.until(run, 'parked')
    mended(toy)
    bot.forward(LANDED_MS)
    await bot.firebreak.resume(run, ann, { reason: 'I see it off', answers: { off: 'applied' } })
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(state.steps['off']).toMatchObject({
      status: 'succeeded',
      output: { lamp: 'a', value: 'off' },
      answered: { as: 'applied', by: { person: 'ann' } },
    })
    expect(state.problem).toBeUndefined()
    // The effect was sent once, and what needed it went on.
    expect(applied(toy)).toEqual(['a', 'b'])
    const [resumed] = (await bot.firebreak.facts(run)).filter(({ type }) => type === 'run.resumed')
    expect(resumed).toMatchObject({
      actor: { person: 'ann' },
      data: { reason: 'I see it off', answers: { off: 'applied' } },
    })
    expect(fold(await bot.firebreak.facts(run))).toEqual(state)
  })

  it('does an effect that they say is absent with a fresh plan and intent', async () => {
    const { bot, toy, run } = await parked()
    await bot.until(run, 'parked')
    mended(toy)
    bot.forward(LANDED_MS)
    toy.calls.length = 0
    await bot.firebreak.resume(run, ann, { reason: 'still on', answers: { off: 'absent' } })
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(toy.calls.slice(0, 2)).toMatchObject([{ verb: 'plan' }, { verb: 'apply' }])
    expect(state.steps['off']?.intent?.attempt).toBe(2)
    expect(applied(toy)).toEqual(['a', 'b'])
  })

  it('asks again where the plan has changed meanwhile: an answer is no approval', async () => {
    const approve = { from: 'approver', count: 1, within: '30m' }
    const { bot, toy, run } = await parked({ off: set('a', { approve }) })
    const first = await bot.waiting(run)
    await bot.decide(run, ann)
    await bot.until(run, 'parked')
    mended(toy)
    bot.forward(LANDED_MS)
    toy.lamps.set('a', 'dim')
    await bot.firebreak.resume(run, ann, { reason: 'it is dim', answers: { off: 'absent' } })
    const again = await bot.waiting(run, first.waitingFor.request)
    expect(again.state.status).toBe('awaiting-approval')
    expect(applied(toy)).toHaveLength(1)
    expect((await approveAll(bot, run, [ann])).state.status).toBe('succeeded')
  })

  it('looks again at what nobody has answered, and does not repeat it', async () => {
    const { bot, toy, run } = await parked()
    await bot.until(run, 'parked')
    mended(toy)
    toy.lamps.set('a', 'off')
    toy.calls.length = 0
    await bot.firebreak.resume(run, ann, { reason: 'look again' })
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(toy.calls[0]).toMatchObject({ verb: 'probe', lamp: 'a' })
    expect(applied(toy)).toEqual(['b'])
    expect(state.steps['off']?.answered).toBeUndefined()
  })

  it('is parked again where it still cannot be told', async () => {
    const { bot, run } = await parked()
    await bot.until(run, 'parked')
    await bot.firebreak.resume(run, ann, { reason: 'look again' })
    await eventually(async () => (await bot.types(run)).filter((type) => type === 'run.parked').length === 2)
    expect((await bot.firebreak.run(run)).state.status).toBe('parked')
  })

  it('goes on over a restart as it was resumed', async () => {
    const { bot, toy, run } = await parked()
    await bot.until(run, 'parked')
    await bot.firebreak.freeze(ann, 'hold')
    bot.forward(LANDED_MS)
    mended(toy)
    await bot.firebreak.resume(run, ann, { reason: 'still on', answers: { off: 'absent' } })
    open.pop()
    const again = await bot.restart({ aheadMs: LANDED_MS })
    open.push(again)
    await thaw(again.firebreak, 'go')
    expect((await again.over(run)).state.status).toBe('succeeded')
    expect(toy.lamps.get('a')).toBe('off')
  })
})

describe('refused is', () => {
  it('an answer about a step that is not in doubt, and nothing is written', async () => {
    const { bot, run } = await parked()
    await bot.until(run, 'parked')
    bot.forward(LANDED_MS)
    const said = bot.firebreak.resume(run, ann, { reason: 'x', answers: { after: 'applied' } })
    await expect(said).rejects.toMatchObject({
      code: 'step.not-in-doubt',
      remedy: expect.stringContaining('off'),
    })
    expect((await bot.firebreak.run(run)).state.status).toBe('parked')
  })

  it('an answer before a late call could have landed', async () => {
    const { bot, run } = await parked()
    await bot.until(run, 'parked')
    const said = bot.firebreak.resume(run, ann, { reason: 'x', answers: { off: 'absent' } })
    await expect(said).rejects.toMatchObject({ code: 'run.too-early' })
  })

  it('whoever may not, and a run that is not parked; the log knows', async () => {
    const { bot, toy, run } = await parked()
    await bot.until(run, 'parked')
    await expect(bot.firebreak.resume(run, slack('oli'), { reason: 'x' })).rejects.toMatchObject({
      code: 'authority.missing-role',
    })
    mended(toy)
    toy.lamps.set('a', 'off')
    await bot.firebreak.resume(run, ann, { reason: 'x' })
    await bot.over(run)
    await expect(bot.firebreak.resume(run, ann, { reason: 'x' })).rejects.toMatchObject({
      code: 'run.not-parked',
    })
    const refused = (await bot.all()).flatMap((fact) =>
      fact.type === 'command.refused' ? [fact.data.code] : [],
    )
    expect(refused).toEqual(['authority.missing-role', 'run.not-parked'])
  })
})

it('a run that pins another contract goes on when a program has it again', async () => {
  const toy = createToy({ a: 'on' })
  const approve = { from: 'approver', count: 1, within: '30m' }
  const bot = await startBot({
    actions: toyActions(toy),
    playbooks: [playbook('doubt', { off: set('a', { approve }) })],
  })
  const run = await bot.start('doubt')
  await bot.waiting(run)
  const other = await bot.restart({ actions: toyActions(toy, { contract: 2 }) })
  await other.until(run, 'parked')
  await expect(other.firebreak.resume(run, ann, { reason: 'x' })).rejects.toMatchObject({
    code: 'run.contract',
  })
  const again = await other.restart({ actions: toyActions(toy) })
  open.push(again)
  expect((await again.firebreak.run(run)).state.status).toBe('parked')
  await again.firebreak.resume(run, ann, { reason: 'the old version is back' })
  await again.waiting(run)
  await again.decide(run, ann)
  expect((await again.over(run)).state.status).toBe('succeeded')
})

it('a signed answer counts, with its signature in the log', async () => {
  const { bot, toy, run } = await parked()
  await bot.until(run, 'parked')
  mended(toy)
  bot.forward(LANDED_MS)
  const { message } = await bot.firebreak.challenge({
    kind: 'resume',
    run,
    answers: { off: 'applied' },
    reason: 'seen',
  })
  expect(JSON.parse(message)).toMatchObject({ decision: 'resume', answers: { off: 'applied' } })
  const signature = keys.ann.sign(message)
  expect(await bot.firebreak.signed({ message, signature })).toEqual({ kind: 'done' })
  const { state } = await bot.over(run)
  expect(state.status).toBe('succeeded')
  const [resumed] = (await bot.firebreak.facts(run)).filter(({ type }) => type === 'run.resumed')
  expect(resumed).toMatchObject({
    actor: { account: ssh(keys.ann) },
    data: { evidence: { kind: 'ssh', message, signature } },
  })
})

it('a request that nobody answers while the run is parked does not end it: a person does', async () => {
  const approve = { from: 'approver', count: 1, within: '30m' }
  const { bot, toy, run } = await parked({ off: set('a'), other: set('b', { approve }) })
  await bot.waiting(run)
  // What was approved is not what is there: the second request is open while the other step is in doubt.
  toy.lamps.set('b', 'dim')
  await bot.decide(run, ann)
  await bot.until(run, 'parked')
  await eventually(async () => (await bot.firebreak.run(run)).state.approvals.length === 2)
  bot.forward(31 * 60_000)
  await bot.firebreak.freeze(rita, 'wake')
  await thaw(bot.firebreak, 'wake')
  await eventually(async () => (await bot.firebreak.run(run)).state.approvals[1]?.status === 'expired')
  expect((await bot.firebreak.run(run)).state.status).toBe('parked')
  mended(toy)
  toy.lamps.set('a', 'off')
  await bot.firebreak.resume(run, ann, { reason: 'look again' })
  expect((await bot.over(run)).state.status).toBe('expired')
  expect(toy.lamps.get('b')).toBe('dim')
})
