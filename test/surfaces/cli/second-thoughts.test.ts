import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SOCKET_NAME } from '../../../src/core/wire.ts'
import { startControl } from '../../../src/surfaces/api/control.ts'
import { playbook, startBot, type Bot } from '../../support/bot.ts'
import { eventually } from '../../support/eventually.ts'
import { applied, createToy, toyActions, type Toy } from '../../support/toy.ts'
import { keepLog } from '../api/keep-log.ts'
import { createCli, type Cli } from './cli.ts'
import { fingerprintOf, installed, makeKey, publicLine } from './ssh-keys.ts'

// Acting alone, its review, an approval taken back, and a thaw by two: the command line, OpenSSH, the control socket, and
// the whole bot.

const approve = { from: 'approver', count: 2, within: '30m' }
const off = (lamp: string) => ({ action: 'toy.set', with: { lamp, value: 'off' }, approve })
const texts = [playbook('one', { off: off('a') }), playbook('other', { off: off('b') })]
const why = 'the key is in use now'

const rita = makeKey('rita')
const ann = makeKey('ann')
const bob = makeKey('bob')
const people = [
  { id: 'rita', name: 'Rita', roles: ['responder'], sshKeys: [publicLine(rita)] },
  { id: 'ann', name: 'Ann', roles: ['approver'], sshKeys: [publicLine(ann)] },
  { id: 'bob', name: 'Bob', roles: ['approver'], sshKeys: [publicLine(bob)] },
]

type Whole = Pick<Cli, 'run'> & { readonly bot: Bot; readonly toy: Toy }

async function start(config: object = {}): Promise<Whole> {
  const toy = createToy({ a: 'on', b: 'on' })
  const bot = await startBot({ actions: toyActions(toy), playbooks: texts, config: { people, ...config } })
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

async function waiting({ bot }: Whole, name = 'one'): Promise<string> {
  const run = await bot.start(name, {}, { via: 'ssh', fingerprint: fingerprintOf(rita) })
  await bot.waiting(run)
  return run
}

const alone = ['--yes', '--reason', why, '--key']

describe.skipIf(!installed)('break-glass on the command line', () => {
  test('shows the plan, acts on one signature, and says that somebody else must review it', async () => {
    const whole = await start()
    const { run, bot, toy } = whole
    const id = await waiting(whole)
    const { code, out, err } = await run('break-glass', id, ...alone, ann)
    expect(err).toContain('value: on → off')
    expect(err).toMatch(/to be signed: sha256:/)
    expect(out).toBe(
      `run ${id}: it acts on your word alone; the others are told, and somebody else must review it\n`,
    )
    expect(code).toBe(0)
    expect((await bot.over(id)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
  })

  test('marks the run until somebody else has reviewed it, in every list', async () => {
    const whole = await start()
    const { run, bot } = whole
    const id = await waiting(whole)
    await run('break-glass', id, ...alone, ann)
    await bot.over(id)
    await waiting(whole, 'other')

    const shown = (await run('runs', 'show', id)).out
    expect(shown).toMatch(/BREAK-GLASS: ann acted alone at \S+ \S+Z: the key is in use now/)
    expect(shown).toContain(`its review is due, by somebody else: firebreak review ${id} --reason …`)
    expect((await run('runs')).out).toMatch(/RUN .* BREAK-GLASS\n(?:.*\n)*.*one.* review due\n/)
    const due = await run('runs', 'list', '--review-due', '--json')
    expect(JSON.parse(due.out)).toMatchObject([{ state: { id } }])
    const sick = await run('doctor')
    expect(sick).toMatchObject({ code: 0 })
    expect(sick.out).toMatch(new RegExp(`review due of run ${id}, in which ann acted alone at .*: ${why}`))
    expect(JSON.parse((await run('doctor', '--json')).out)).toMatchObject({ reviewsDue: [id] })

    const own = await run('review', id, '--reason', 'all well', '--key', ann)
    expect(own).toMatchObject({ code: 1, out: '' })
    expect(own.err).toContain('error review.own')
    const reviewed = await run('review', id, '--reason', 'all well', '--key', bob)
    expect(reviewed).toMatchObject({ code: 0, out: `run ${id}: reviewed\n` })
    const after = (await run('runs', 'show', id)).out
    expect(after).toMatch(/ {2}reviewed by bob at \S+ \S+Z: all well/)
    expect(after).not.toContain('due')
    expect((await run('runs')).out).not.toContain('review due')
    expect((await run('runs', 'list', '--review-due')).out).toBe('no runs\n')
    expect((await run('doctor')).out).not.toContain('review')
    const facts = (await run('runs', 'show', id, '--facts')).out
    expect(facts).toMatch(/approval\.bypassed {2}BREAK-GLASS by ann: the key is in use now \(told: bob\)/)
    expect(facts).toMatch(/run\.reviewed {2}bob: all well/)
  })

  test('is refused with the code of the bot where a review is due, and names the run', async () => {
    const whole = await start()
    const { run, bot } = whole
    const id = await waiting(whole)
    await run('break-glass', id, ...alone, ann)
    await bot.over(id)
    const { code, err } = await run('break-glass', await waiting(whole, 'other'), ...alone, bob)
    expect(code).toBe(1)
    expect(err).toContain('error guardrail.review-due')
    expect(err).toContain(`firebreak review ${id}`)
  })

  test.each([
    ['without a reason is bad usage', ['--yes'], 2, '--reason'],
    ['with a word for a reason is refused', ['--yes', '--reason', 'hurry'], 1, 'error review.reason-missing'],
    ['about another plan is refused', ['--digest', 'sha256:x', ...alone.slice(0, 3)], 1, 'error cli.changed'],
    ['without a terminal needs --yes', ['--reason', why], 2, '--yes'],
  ])('%s', async (...[, options, exit, said]) => {
    const whole = await start()
    const { run, toy } = whole
    const { code, err } = await run('break-glass', await waiting(whole), ...options, '--key', ann)
    expect(code).toBe(exit)
    expect(err).toContain(said)
    expect(applied(toy)).toEqual([])
  })
})

describe.skipIf(!installed)('an approval on the command line', () => {
  test('is taken back by who gave it, and by nobody else', async () => {
    const whole = await start()
    const { run, bot, toy } = whole
    const id = await waiting(whole)
    await run('approve', id, '--yes', '--key', ann)
    const because = ['--reason', 'the wrong key', '--key']
    const other = await run('withdraw', id, ...because, bob)
    expect(other).toMatchObject({ code: 1, out: '' })
    expect(other.err).toContain('error approval.nothing-to-withdraw')
    const own = await run('withdraw', id, ...because, ann)
    expect(own).toMatchObject({ code: 0 })
    expect(own.out).toBe(
      `run ${id}: your approval is taken back; what it was needed for is asked about anew\n`,
    )
    const still = await run('approve', id, '--yes', '--key', bob)
    expect(still.out).toBe(`run ${id}: approved; still missing: 1 of 2 approvers for off\n`)
    expect(applied(toy)).toEqual([])
    expect((await run('runs', 'show', id, '--facts')).out).toMatch(
      /approval\.withdrawn {2}ann takes it back: the wrong key/,
    )
    expect((await bot.firebreak.run(id)).state.status).toBe('awaiting-approval')
  })

  test('is asked for with the rule that asks, where it is not the playbook', async () => {
    const rule = { name: 'leads-look', verbs: ['run'], playbooks: ['one'], who: [] }
    const ask = { who: ['responder'], approve: { from: 'approver' } }
    const whole = await start({ permissions: { rules: [{ ...rule, ask }] } })
    const { run } = whole
    const shown = (await run('runs', 'show', await waiting(whole))).out
    expect(shown).toContain('for: 2 of 2 approvers for off; 1 of 1 approver for off (permissions/leads-look)')
    expect(shown).toContain('approval: off needs 2 persons of approver within 30 min\n')
    expect(shown).toContain(
      'approval: off needs 1 person of approver within 30 min (permissions/leads-look)\n',
    )
  })
})

describe.skipIf(!installed)('a thaw on the command line', () => {
  test('says how many more are needed, and doctor says who has spoken', async () => {
    const { run, bot } = await start()
    await run('freeze', '--reason', 'drill', '--key', ann)
    const because = ['--reason', 'over', '--key']
    const first = await run('thaw', ...because, ann)
    expect(first).toMatchObject({ code: 0 })
    expect(first.out).toBe(
      'noted, and it is frozen as before; still missing: 1 more person must say so within 30m\n',
    )
    expect((await run('doctor')).out).toMatch(/frozen since .*: drill\n {2}ann wants the thaw, since .*Z\n/)
    const again = await run('thaw', ...because, ann)
    expect(again.code).toBe(1)
    expect(again.err).toContain('error approval.twice')
    const second = await run('thaw', ...because, bob)
    expect(second).toMatchObject({ code: 0, out: 'thawed: runs may act again\n' })
    expect(await bot.firebreak.frozen()).toBeUndefined()
  })
})

describe.skipIf(!installed)('a step that a guardrail holds back', () => {
  test('is shown with the reason, and until when', async () => {
    const budgets = [{ name: 'lamps', effects: ['reversible'], limit: 1, per: '1h', over: 'wait' }]
    const whole = await start({ guardrails: { budgets } })
    const { run, bot } = whole
    const approveBoth = async (id: string) => {
      for (const key of [ann, bob]) await run('approve', id, '--yes', '--key', key)
    }
    const first = await waiting(whole)
    await approveBoth(first)
    await bot.over(first)
    const id = await waiting(whole, 'other')
    await approveBoth(id)
    await eventually(async () => (await bot.firebreak.run(id)).state.steps['off']?.held)
    expect((await run('runs', 'show', id)).out).toMatch(
      /off +pending +held back since \S+ \S+Z until \S+ \S+Z: .*budget\/lamps/,
    )
    await bot.firebreak.cancel(id, { via: 'ssh', fingerprint: fingerprintOf(rita) }, 'not any more')
    await bot.over(id)
    expect((await run('runs', 'show', id)).out).not.toContain('held back')
  })
})
