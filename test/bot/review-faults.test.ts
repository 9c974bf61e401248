import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import type { Directory } from '../../src/core/ports.ts'
import { keys, ann, bob, cleo, people, rita } from '../support/people.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { applied, compare, createToy, toyActions, type Toy } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

const noGroups: Directory['members'] = async () => ({ members: [] })

let bot: Bot
afterEach(() => bot.close())

const set = (lamp: string, value = 'off') => ({ action: 'toy.set', with: { lamp, value } })
const approver = { from: 'approver', count: 1, within: '30m' }

/** A run of which two requests about one plan are open: its only approver may approve no longer when it happens. */
async function askedTwice(toy: Toy, text: string): Promise<string> {
  bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
  const run = await bot.start('two')
  await bot.waiting(run)
  await bot.firebreak.freeze(ann, 'wait')
  await bot.decide(run, bob)
  await bot.until(run, 'running')
  const without = people.map((person) => (person.id === 'bob' ? { ...person, roles: ['observer'] } : person))
  bot = await bot.restart({ config: { people: without } })
  await eventually(
    async () =>
      (await bot.firebreak.run(run)).state.approvals.filter(({ status }) => status === 'open').length === 2
        ? true
        : undefined,
    { ms: 3000, what: 'two requests' },
  )
  return run
}

describe('a parked run that is cancelled', () => {
  it.each([
    ['free', {}],
    ['asking anew', { approve: approver }],
  ])('begins nothing afterwards, also not with a step that was being planned: %s', async (_kind, more) => {
    const toy = createToy({ a: 'on', b: 'on', c: 'on' })
    const gate = Promise.withResolvers<void>()
    toy.plan = async (lamp) =>
      lamp === 'b' && (await bot.firebreak.runs({}))[0]?.state.plan ? gate.promise : undefined
    toy.probe = (change) => (change.target.name === 'a' ? 'unknown' : compare(toy, change))
    const texts = [
      playbook('two', { a: set('a'), b: { ...set('b'), ...more } }),
      playbook('other', { c: set('c') }),
    ]
    bot = await startBot({ actions: toyActions(toy), playbooks: texts })
    const run = await bot.start('two')
    if ('approve' in more) await bot.decide(run, ann)
    await bot.until(run, 'parked')
    await bot.firebreak.cancel(run, rita, 'enough')
    if ('approve' in more) toy.lamps.set('b', 'dim')
    gate.resolve()
    // By the time that another run is through, whatever this one still wanted would have happened.
    await bot.over(await bot.start('other'))
    expect(applied(toy)).toEqual(['a', 'c'])
    expect((await bot.types(run)).at(-1)).toBe('run.cancelled')
    expect((await bot.firebreak.run(run)).state.status).toBe('cancelled')
  })

  it('holds its targets until what is under way has ended', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    toy.deadlineMs = 3_000
    const gate = Promise.withResolvers<void>()
    toy.apply = async (lamp, value) => {
      if (lamp === 'b') await gate.promise
      toy.lamps.set(lamp, value)
    }
    toy.probe = (change) => (change.target.name === 'a' ? 'unknown' : compare(toy, change))
    const texts = [playbook('two', { a: set('a'), b: set('b') }), playbook('other', { b: set('b', 'dim') })]
    bot = await startBot({ actions: toyActions(toy), playbooks: texts })
    const run = await bot.start('two')
    await bot.until(run, 'parked')
    await bot.firebreak.cancel(run, rita, 'enough')
    const other = await bot.start('other')
    await eventually(async () => (await bot.firebreak.run(other)).state.steps['b']?.held?.run === run)
    gate.resolve()
    await bot.until(run, 'cancelled')
    expect((await bot.types(run)).slice(-3)).toEqual(['step.probed b', 'step.succeeded b', 'run.cancelled'])
    expect((await bot.over(other)).state.status).toBe('succeeded')
  })

  it('twice at once is cancelled once, and the second is told', async () => {
    const toy = createToy({ a: 'on' })
    toy.probe = () => 'unknown'
    bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('one', { a: set('a') })] })
    const run = await bot.start('one')
    await bot.until(run, 'parked')
    const both = await Promise.allSettled([
      bot.firebreak.cancel(run, rita, 'x'),
      bot.firebreak.cancel(run, rita, 'y'),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((await bot.types(run)).at(-1)).toBe('run.cancelled')
  })
})

describe('refusals', () => {
  it('of a decision about a run that is not there is on record', async () => {
    bot = await startBot({ actions: toyActions(createToy()), playbooks: [] })
    await expect(
      bot.firebreak.decide({
        run: 'nope',
        request: 'r',
        digest: 'd',
        decision: 'approve',
        by: ann,
        evidence: { kind: 'slack', team: 'T', user: 'U0ANN' },
      }),
    ).rejects.toThrow('no run')
    expect((await bot.all()).map(({ type }) => type)).toContain('command.refused')
  })
  it('of a reason that the log cannot hold are on record', async () => {
    const toy = createToy({ a: 'on' })
    const text = playbook('one', { a: { ...set('a'), approve: approver } })
    bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
    const run = await bot.start('one')
    await expect(bot.firebreak.cancel(run, rita, 'x'.repeat(100_000))).rejects.toThrow()
    await expect(bot.decide(run, ann, { decision: 'reject', reason: 'y\ud800' })).rejects.toThrow()
    expect((await bot.all()).filter(({ type }) => type === 'command.refused')).toHaveLength(2)
  })

  it('hold no half of a secret that stood where a text was cut', async () => {
    bot = await startBot({ actions: toyActions(createToy()), playbooks: [] })
    // Whole it is known by its format; its first sixty characters are not.
    const key = `sk-ant-api03-${randomBytes(72).toString('base64url').slice(0, 93)}AA`
    for (const name of [key, `${'x'.repeat(150)} ${key}`]) {
      await bot.firebreak.start({ playbook: name, inputs: {}, mode: 'run', by: rita }).catch(() => undefined)
      await bot.firebreak.run(name).catch(() => undefined)
    }
    const labels = { alertname: 'A', note: `${'y'.repeat(250)} ${key}` }
    const alerts = { alerts: [{ status: 'firing', labels }] }
    await bot.firebreak.alert('alertmanager', Buffer.from(JSON.stringify(alerts)))
    expect(JSON.stringify(await bot.all())).not.toContain(key.slice(0, 30))
  })

  it('of a name with half a character is on record', async () => {
    bot = await startBot({ actions: toyActions(createToy()), playbooks: [] })
    await bot.firebreak
      .start({ playbook: 'x\ud800', inputs: {}, mode: 'run', by: rita })
      .catch(() => undefined)
    expect((await bot.all()).map(({ type }) => type)).toContain('command.refused')
  })
})

it.each([
  ['a label that is cut in the middle of a character', { label: `${'x'.repeat(299)}😀` }, {}],
  [
    'labels too long for an entry of the log',
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`l${i}`, '\u0001'.repeat(300)])),
    {},
  ],
  ['a fingerprint too long for an entry of the log', {}, { fingerprint: 'f'.repeat(100_000) }],
])('an alert with %s has its reason recorded', async (_name, labels, more) => {
  bot = await startBot({ actions: toyActions(createToy()), playbooks: [] })
  const alert = { status: 'firing', labels: { alertname: 'A', ...labels }, ...more }
  const outcomes = await bot.firebreak.alert('alertmanager', Buffer.from(JSON.stringify({ alerts: [alert] })))
  expect(outcomes.map(({ decision }) => decision)).toEqual(['ignore'])
  expect((await bot.all()).map(({ type }) => type)).toContain('alert.decided')
})

describe('a provider error', () => {
  const cases = [
    ['too long', 'x'.repeat(100_000)],
    ['with half a character', 'y\ud800'],
  ] as const
  it.each(cases)('%s ends the step', async (_name, message) => {
    const toy = createToy({ a: 'on' })
    toy.apply = () => {
      throw new FirebreakError('provider.denied', message, { remedy: 'none' })
    }
    bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('one', { a: set('a') })] })
    const run = await bot.start('one')
    expect((await bot.over(run, 3000)).state.status).toBe('failed')
  })
})

it('undo goes to the instance that was used, also where the plan did not know the items', async () => {
  const toy = createToy({ a: 'on', b: 'on' })
  const text = playbook('far', {
    first: { ...set('a', 'b'), using: 'far' },
    look: { action: 'toy.look', with: { lamp: 'a' }, using: 'far', after: ['first'] },
    each: {
      forEach: '${{ [steps.look.value] }}',
      action: 'toy.set',
      with: { lamp: '${{ item }}', value: 'off' },
      using: 'far',
    },
  })
  bot = await startBot({
    actions: toyActions(toy),
    playbooks: [text],
    config: { providers: { aws: { far: {}, default: {} } } },
  })
  const run = await bot.start('far')
  expect((await bot.over(run)).state.status).toBe('succeeded')
  const undo = await bot.firebreak.undo(run, rita)
  expect(undo.state.requested.playbook.text).not.toContain('using: default')
})

it('an effect without an answer, that passes through another state, is waited for', async () => {
  const toy = createToy({ a: 'on' })
  toy.deadlineMs = 100
  toy.settleMs = 1_000
  toy.apply = async (lamp, value) => {
    toy.lamps.set(lamp, 'half')
    await new Promise((resolve) => setTimeout(resolve, 500))
    toy.lamps.set(lamp, value)
  }
  bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('one', { a: set('a') })] })
  const run = await bot.start('one')
  expect((await bot.over(run)).state.status).toBe('succeeded')
})

it('each open request expires by itself, although another is open for longer', async () => {
  const toy = createToy({ a: 'on', b: 'on' })
  const text = playbook('two', {
    a: { ...set('a'), approve: { ...approver, within: '1h' } },
    b: { ...set('b'), approve: { ...approver, within: '1s' } },
  })
  const run = await askedTwice(toy, text)
  expect((await bot.over(run, 4000)).state.status).toBe('expired')
})

it('a signature decides the request that was shown, where two are open for the same plan', async () => {
  const toy = createToy({ a: 'on', b: 'on' })
  const text = playbook('two', {
    a: { ...set('a'), approve: approver },
    b: { ...set('b'), approve: approver },
  })
  const run = await askedTwice(toy, text)
  const shown = (await bot.firebreak.run(run)).waitingFor
  const { message } = await bot.firebreak.challenge({ kind: 'approve', run })
  await bot.firebreak.signed({ message, signature: keys.ann.sign(message) })
  const { state } = await bot.firebreak.run(run)
  const given = state.approvals.filter((approval) => approval.given.some(({ person }) => person === 'ann'))
  expect(given.map(({ request }) => request)).toEqual([shown?.request])
})

it('an approver of whom Slack has not been asked yet after a start does not count as a member', async () => {
  const toy = createToy({ a: 'on' })
  const config = { slack: { botToken: { env: 'B' }, appToken: { env: 'A' }, channel: 'C0X' } }
  const env = { B: 'xoxb-1', A: 'xapp-1' }
  bot = await startBot({
    actions: toyActions(toy),
    playbooks: [playbook('one', { a: { ...set('a'), approve: approver } })],
    config,
    env,
  })
  bot.app.useDirectory({ standing: async () => 'member', members: noGroups })
  const run = await bot.start('one')
  await bot.waiting(run)
  await bot.firebreak.freeze(cleo, 'wait')
  await bot.decide(run, bob)
  await bot.until(run, 'running')
  bot = await bot.restart()
  await thaw(bot.firebreak, 'go')
  bot.app.useDirectory({
    standing: async (user) => (user === 'U0BOB' ? 'deactivated' : 'member'),
    members: noGroups,
  })
  await eventually(async () => ((await bot.types(run)).includes('approval.voided') ? true : undefined), {
    ms: 5000,
    what: 'void',
  })
  expect(applied(toy)).toEqual([])
})

it('a playbook with a long name or title can be undone', async () => {
  const toy = createToy({ a: 'on', b: 'on' })
  const name = `${'n'.repeat(54)}-abcd`
  const text = playbook(name, { a: set('a') }, { title: `${'t'.repeat(113)}😀` })
  bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
  const run = await bot.start(name)
  expect((await bot.over(run)).state.status).toBe('succeeded')
  expect((await bot.firebreak.undo(run, rita)).state.id).toBeDefined()
})
