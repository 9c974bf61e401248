import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SOCKET_NAME } from '../../../src/core/wire.ts'
import { startControl } from '../../../src/surfaces/api/control.ts'
import { playbook, startBot, type Bot } from '../../support/bot.ts'
import { held, HOUR, setFor, whenStatus } from '../../support/containments.ts'
import { createToy, toyActions, type Toy } from '../../support/toy.ts'
import { keepLog } from '../api/keep-log.ts'
import { createCli, type Cli } from './cli.ts'
import { fingerprintOf, installed, makeKey, publicLine } from './ssh-keys.ts'

// Effects that are in place for a time, on the command line: OpenSSH, the control socket, and the whole bot.

const rita = makeKey('rita')
const ann = makeKey('ann')
const off = setFor('4h', { approve: { from: 'approver', count: 1, within: '30m' } })

type Whole = Pick<Cli, 'run'> & { readonly bot: Bot; readonly toy: Toy; readonly id: string }

async function start(): Promise<Whole> {
  const people = [
    { id: 'rita', name: 'Rita', roles: ['responder'], sshKeys: [publicLine(rita)] },
    { id: 'ann', name: 'Ann', roles: ['approver'], sshKeys: [publicLine(ann)] },
  ]
  const toy = createToy({ a: 'on' })
  const bot = await startBot({
    actions: toyActions(toy),
    playbooks: [playbook('change', { off })],
    config: { people },
  })
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
  const id = await bot.start('change', {}, { via: 'ssh', fingerprint: fingerprintOf(rita) })
  await bot.waiting(id)
  return { run, bot, toy, id }
}

async function contained(): Promise<Whole> {
  const whole = await start()
  await whole.run('approve', whole.id, '--yes', '--key', ann)
  await whole.bot.over(whole.id)
  return whole
}

const because = ['--reason', 'the fix is out', '--key']

describe.skipIf(!installed)('containments on the command line', () => {
  test('a plan says how long, and what then', async () => {
    const { run, id } = await start()
    expect((await run('runs', 'show', id)).out).toContain('for 4 h, then asks')
  })

  test('are listed with their ends, and shown with their run and with why', async () => {
    const { run, bot, id } = await contained()
    const { until } = held(await bot.firebreak.run(id))
    const end = `until ${until.slice(0, 10)} ${until.slice(11, 19)}Z, then asks`
    const list = await run('containments')
    expect(list).toMatchObject({ code: 0 })
    expect(list.out).toMatch(new RegExp(`${id} +off +a +change +${end}`))
    const shown = `in place, off (a): ${end}; firebreak containments renew|lift|keep ${id} off`
    for (const command of [
      ['runs', 'show', id],
      ['why', id],
    ])
      expect((await run(...command)).out).toContain(shown)
    const json = JSON.parse((await run('containments', '--json')).out) as unknown
    expect(json).toMatchObject([
      { run: id, step: 'off', target: { name: 'a' }, containment: { until, onExpiry: 'ask' } },
    ])
  })

  test('are renewed, kept and lifted by who may, each with a signature that the log keeps', async () => {
    const { run, bot, toy, id } = await contained()
    const renewed = await run('containments', 'renew', id, 'off', '--for', '8h', ...because, rita)
    expect(renewed).toMatchObject({ code: 0, out: `off of run ${id} is renewed\n` })
    expect(held(await bot.firebreak.run(id)).ttlMs).toBe(8 * HOUR)
    const shorter = await run('containments', 'renew', id, 'off', ...because, rita, '--for', '1h')
    expect(shorter.err).toContain('error containment.not-longer')
    const refused = await run('containments', 'keep', id, 'off', ...because, rita)
    expect(refused.err).toContain('error authority.missing-role')
    const lifted = await run('containments', 'lift', id, 'off', ...because, rita)
    const undo = /^the undo of off of run \S+ has begun as run (\S+)$/m.exec(lifted.out)?.[1] ?? ''
    expect(lifted.code).toBe(0)
    await bot.waiting(undo)
    expect((await run('containments')).out).toContain(`being put back by run ${undo}`)
    await run('approve', undo, '--yes', '--key', ann)
    await whenStatus(bot, [id], 'lifted')
    expect(toy.lamps.get('a')).toBe('on')
    expect((await run('containments')).out).toBe('nothing is in place for a time\n')
    const facts = await bot.firebreak.facts(id)
    for (const type of ['containment.renewed', 'containment.lifting'])
      expect(facts.find((fact) => fact.type === type)).toMatchObject({
        actor: { person: 'rita' },
        data: { reason: 'the fix is out', evidence: { kind: 'ssh' } },
      })
    expect((await run('why', id)).out).toMatch(/containment\.renewed {2}off {2}until .*: the fix is out/)
  })

  test('are kept for good by an approver; a time that is none is refused before anything is signed', async () => {
    const { run, bot, id } = await contained()
    expect((await run('containments', 'renew', id, 'off', '--for', 'soon', ...because, ann)).code).toBe(1)
    expect(await run('containments', 'keep', id, 'off', ...because, ann)).toMatchObject({ code: 0 })
    expect(held(await bot.firebreak.run(id)).status).toBe('kept')
    expect((await run('runs', 'show', id)).out).toContain('kept for good: the fix is out')
  })
})
