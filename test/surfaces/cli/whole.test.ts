import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SOCKET_NAME } from '../../../src/core/wire.ts'
import { startControl } from '../../../src/surfaces/api/control.ts'
import { playbook, startBot, type Bot } from '../../support/bot.ts'
import { byHand, waitingStep, withBuiltIns } from '../../support/by-hand.ts'
import { applied, createToy, type Toy } from '../../support/toy.ts'
import { keepLog } from '../api/keep-log.ts'
import { createCli, type Cli } from './cli.ts'
import { fingerprintOf, installed, makeKey, publicLine } from './ssh-keys.ts'

// Nothing in between is a stand-in: the command line, OpenSSH, the control socket, and the whole bot.

const set = playbook(
  'set',
  {
    lamp: {
      action: 'toy.set',
      with: { lamp: 'door', value: '${{ inputs.value }}' },
      approve: { from: 'approver', count: 1, within: '30m' },
    },
  },
  { inputs: { value: { type: 'string', description: 'Text of the lamp' } } },
)

const hands = playbook('hands', { close: byHand('door') })

const rita = makeKey('rita')
const ann = makeKey('ann')
const oli = makeKey('oli')
const mallory = makeKey('mallory')

type Whole = Pick<Cli, 'run'> & { readonly bot: Bot; readonly toy: Toy }

async function start(): Promise<Whole> {
  const people = [
    { id: 'rita', name: 'Rita', roles: ['responder', 'approver'], sshKeys: [publicLine(rita)] },
    { id: 'ann', name: 'Ann', roles: ['approver'], sshKeys: [publicLine(ann)] },
    { id: 'oli', name: 'Oli', roles: ['observer'], sshKeys: [publicLine(oli)] },
  ]
  const toy = createToy({ door: 'off' })
  const bot = await startBot({ actions: withBuiltIns(toy), playbooks: [set, hands], config: { people } })
  const control = await startControl({
    app: bot.firebreak,
    socketPath: join(bot.state, SOCKET_NAME),
    version: '1.2.3',
    doctor: () => Promise.resolve([]),
    log: keepLog(),
  })
  onTestFinished(async () => {
    await control.close()
    await bot.close()
  })
  const { run } = createCli({ io: { env: { FIREBREAK_STATE: bot.state } } })
  return { run, bot, toy }
}

const startRed = ['run', 'set', '-i', 'value=red', '--reason', 'leak 7', '--key']

async function onlyRun(bot: Bot): Promise<string> {
  const [view, ...more] = await bot.firebreak.runs({})
  if (view === undefined || more.length > 0) throw new Error('there is not exactly one run')
  return view.state.id
}

describe.skipIf(!installed)('the command line with a whole bot', () => {
  test('one person runs, who cannot approve it; another approves; and it is done and undone', async () => {
    const { run, bot, toy } = await start()
    const started = await run(...startRed, rita)
    expect(started.code).toBe(0)
    const id = await onlyRun(bot)
    expect(started.out).toContain(`decide with: firebreak approve ${id}`)
    expect((await bot.firebreak.facts(id))[0]).toMatchObject({
      actor: { account: { via: 'ssh', fingerprint: fingerprintOf(rita) }, person: 'rita' },
      data: { reason: 'leak 7', inputs: { value: 'red' } },
    })
    const own = await run('approve', id, '--yes', '--key', rita)
    expect(own.code).toBe(1)
    expect(own.err).toContain('error approval.own-request')
    expect(applied(toy)).toEqual([])
    const other = await run('approve', id, '--yes', '--key', ann)
    expect(other).toMatchObject({ code: 0, out: `run ${id}: approved: nothing is missing any more\n` })
    expect((await bot.over(id)).state.status).toBe('succeeded')
    expect(toy.lamps.get('door')).toBe('red')
    const undone = await run('runs', 'undo', id, '--key', ann, '--json')
    expect(undone.code).toBe(0)
    const undo = String((JSON.parse(undone.out) as { run?: string }).run)
    await bot.waiting(undo)
    expect((await run('approve', undo, '--yes', '--key', rita)).code).toBe(0)
    await bot.over(undo)
    expect(toy.lamps.get('door')).toBe('off')
  })

  test.each([
    ['nobody', mallory, 'authority.unknown-account'],
    ['an observer', oli, 'authority.missing-role'],
  ])('the key of %s starts, cancels, freezes and approves nothing', async (_, key, code) => {
    const { run, bot, toy } = await start()
    expect(await run(...startRed, key)).toMatchObject({ code: 1, out: '' })
    expect(await bot.firebreak.runs({})).toEqual([])
    await run(...startRed, rita)
    const id = await onlyRun(bot)
    for (const words of [
      ['runs', 'cancel', id, '--reason', 'x'],
      ['runs', 'undo', id],
      ['freeze', '--reason', 'x'],
      ['thaw', '--reason', 'x'],
    ]) {
      const { code: exit, err } = await run(...words, '--key', key)
      expect(err).toContain(`error ${code}`)
      expect(exit).toBe(1)
    }
    expect((await run('approve', id, '--yes', '--key', key)).code).toBe(1)
    expect(await bot.firebreak.frozen()).toBeUndefined()
    expect((await bot.firebreak.run(id)).state.status).toBe('awaiting-approval')
    expect(applied(toy)).toEqual([])
  })

  test('a step that is done by hand is shown, said to be done with a signature, and closed by its probe', async () => {
    const { run, bot, toy } = await start()
    const id = await bot.start('hands', {}, { via: 'ssh', fingerprint: fingerprintOf(rita) })
    await waitingStep(bot, id, 'close')
    const shown = await run('runs', 'show', id)
    expect(shown.out).toContain('to be done by hand, close: Turn lamp door off (https://example.com/lamps)')
    expect(shown.out).toContain(`may say that it is done: Rita (rita); firebreak runs done ${id} close`)
    expect(shown.out).toContain('waits for a responder')
    const wrong = await run('runs', 'done', id, 'close', '--key', ann)
    expect(wrong).toMatchObject({ code: 1, out: '' })
    expect(wrong.err).toContain('error step.missing-role')
    expect((await run('runs', 'done', id, 'close', '--key', mallory)).err).toContain(
      'authority.unknown-account',
    )
    toy.lamps.set('door', 'off')
    const done = await run('runs', 'done', id, 'close', '--key', rita)
    expect(done).toMatchObject({
      code: 0,
      out: `noted; the bot is looking whether close of run ${id} is done\n`,
    })
    expect((await bot.over(id)).state.status).toBe('succeeded')
    const facts = (await run('runs', 'show', id, '--facts')).out
    expect(facts).toMatch(/step\.asked {2}close {2}responder: Turn lamp door off/)
    expect(facts).toMatch(/step\.said-done {2}close {2}says rita/)
  })

  test('a freeze stops what is approved, until it is lifted', async () => {
    const { run, bot, toy } = await start()
    await run(...startRed, rita)
    const id = await onlyRun(bot)
    expect((await run('freeze', '--reason', 'drill', '--key', ann)).code).toBe(0)
    expect((await run('doctor')).out).toContain('drill')
    await run('approve', id, '--yes', '--key', ann)
    expect(applied(toy)).toEqual([])
    const first = await run('thaw', '--reason', 'over', '--key', ann)
    expect(first.code).toBe(0)
    expect(first.out).toContain('1 more person')
    expect(applied(toy)).toEqual([])
    expect((await run('thaw', '--reason', 'over', '--key', rita)).code).toBe(0)
    expect((await bot.over(id)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['door'])
    const types = (await bot.all()).map(({ type }) => type)
    expect(types.indexOf('step.intended')).toBeGreaterThan(types.indexOf('freeze.lifted'))
  })
})
