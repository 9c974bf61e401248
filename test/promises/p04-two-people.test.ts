import { afterEach, describe, expect, it } from 'vitest'
import type { Account, Standing } from '../../src/core/person.ts'
import type { Directory } from '../../src/core/ports.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { ann, bob, cleo, keys, people, rita, slack, ssh, type SshKey } from '../support/people.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

// P4: two people means two persons: distinct, eligible now, not the requester, not a guest, not external, whichever
// accounts they use. Expiry is a refusal.

const approve = { from: 'approver', count: 2, within: '30m' }
const gated = playbook('gated', {
  off: { action: 'toy.set', with: { lamp: 'a', value: 'off' }, approve },
  page: { when: 'failed()', action: 'toy.tell', with: { text: 'not done' } },
})

let bot: Bot
let toy: Toy
afterEach(() => bot.close())

async function waitingRun(by: Account = rita): Promise<string> {
  toy = createToy({ a: 'on' })
  bot = await startBot({ actions: toyActions(toy), playbooks: [gated] })
  const run = await bot.start('gated', {}, by)
  await bot.waiting(run)
  return run
}

/** A decision by a signature, as the command line makes it. */
async function sign(run: string, key: SshKey, kind: 'approve' | 'reject' = 'approve'): Promise<unknown> {
  const { message } = await bot.firebreak.challenge({ kind, run })
  return bot.firebreak.signed({ message, signature: key.sign(message) })
}

const standings = [
  'guest',
  'external',
  'deactivated',
  'bot',
  'unknown',
] as const satisfies readonly Standing[]

describe('an approval that does not count, whoever tries', () => {
  it.each(standings)('a Slack account that is %s', async (standing) => {
    const run = await waitingRun()
    const code = standing === 'unknown' ? 'authority.standing-unknown' : 'authority.bad-standing'
    expect(await bot.decide(run, slack('ann', standing))).toMatchObject({ kind: 'refused', code })
    // It took nothing from the one who may: one more is still missing after Bob.
    expect(await bot.decide(run, bob)).toMatchObject({
      kind: 'counted',
      still: [expect.stringMatching(/^1 of 2/)],
    })
    expect(applied(toy)).toEqual([])
  })

  const others: [string, Account, string][] = [
    ['an account that is bound to nobody', slack('mallory'), 'authority.unknown-account'],
    ['a key that is bound to nobody', ssh(keys.mallory), 'authority.unknown-account'],
    ['a local account', { via: 'os', user: 'ann@laptop' }, 'authority.unknown-account'],
    ['the sender of alerts', { via: 'alert', source: 'alertmanager' }, 'authority.unknown-account'],
    ['a person without the role', slack('oli'), 'approval.missing-role'],
    ['the requester, by the account that asked', rita, 'approval.own-request'],
    ['the requester, by another account', ssh(keys.rita), 'approval.own-request'],
  ]
  it.each(others)('%s', async (_, by, code) => {
    const run = await waitingRun()
    expect(await bot.decide(run, by)).toMatchObject({ kind: 'refused', code, remedy: expect.any(String) })
    expect(await bot.types(run)).toContain('approval.refused')
    expect(await bot.decide(run, ann)).toMatchObject({
      kind: 'counted',
      still: [expect.stringMatching(/^1 of 2/)],
    })
    expect(applied(toy)).toEqual([])
  })

  it('the requester who asked with a key and clicks in Slack', async () => {
    const run = await waitingRun(ssh(keys.rita))
    expect(await bot.decide(run, rita)).toMatchObject({ kind: 'refused', code: 'approval.own-request' })
  })

  it('one person twice, by two accounts, in either order', async () => {
    const run = await waitingRun()
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'counted' })
    expect(await sign(run, keys.ann)).toMatchObject({ kind: 'refused', code: 'approval.twice' })
    const other = await waitingRun()
    expect(await sign(other, keys.ann)).toMatchObject({ kind: 'counted' })
    expect(await bot.decide(other, ann)).toMatchObject({ kind: 'refused', code: 'approval.twice' })
    expect(applied(toy)).toEqual([])
  })

  it('a signature over a text that somebody changed, that is used twice, or that comes too late', async () => {
    const run = await waitingRun()
    const { message } = await bot.firebreak.challenge({ kind: 'approve', run })
    const signature = keys.ann.sign(message)
    const other = message.replace('approve', 'reject')
    expect(await bot.firebreak.signed({ message: other, signature })).toMatchObject({
      kind: 'refused',
      code: 'authority.bad-signature',
    })
    expect(await bot.firebreak.signed({ message, signature })).toMatchObject({ kind: 'counted' })
    expect(await bot.firebreak.signed({ message, signature })).toMatchObject({
      kind: 'refused',
      code: 'authority.bad-signature',
    })
    const late = (await bot.firebreak.challenge({ kind: 'approve', run })).message
    bot.forward(10 * 60_000)
    expect(await bot.firebreak.signed({ message: late, signature: keys.bob.sign(late) })).toMatchObject({
      kind: 'refused',
      code: 'authority.bad-signature',
    })
    expect(applied(toy)).toEqual([])
  })

  it('a signature over a text that lasts longer than any text of the bot', async () => {
    const run = await waitingRun()
    const text = JSON.parse((await bot.firebreak.challenge({ kind: 'approve', run })).message)
    const message = JSON.stringify({ ...text, expires: '2999-01-01T00:00:00.000Z' })
    expect(await bot.firebreak.signed({ message, signature: keys.ann.sign(message) })).toMatchObject({
      kind: 'refused',
      code: 'authority.bad-signature',
    })
  })
})

describe('two persons', () => {
  it('approve by a click and by a signature, and then it happens, once', async () => {
    const run = await waitingRun()
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'counted' })
    expect(await sign(run, keys.bob)).toEqual({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
    // What an auditor needs: who, by which account, and the signature itself.
    const given = (await bot.firebreak.facts(run)).flatMap((fact) =>
      fact.type === 'approval.given' ? [fact.data] : [],
    )
    expect(given.map(({ person }) => person)).toEqual(['ann', 'bob'])
    expect(given[1]?.evidence).toMatchObject({
      kind: 'ssh',
      signature: expect.stringContaining('SSH SIGNATURE'),
    })
  })

  it('at the same moment, each twice: two count', async () => {
    const run = await waitingRun()
    const outcomes = await Promise.all([ann, bob, ann, bob].map((by) => bot.decide(run, by)))
    expect(outcomes.filter(({ kind }) => kind === 'counted')).toHaveLength(2)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
  })

  it('one rejection ends it, and closing steps run', async () => {
    const run = await waitingRun()
    await bot.decide(run, ann)
    expect(await bot.decide(run, bob, { decision: 'reject', reason: 'wrong key' })).toMatchObject({
      kind: 'counted',
    })
    const { state } = await bot.over(run)
    expect(state.status).toBe('rejected')
    expect(state.reason).toBe('wrong key')
    expect(state.steps['page']?.status).toBe('succeeded')
    expect(applied(toy)).toEqual([])
    expect(await bot.decide(run, cleo)).toMatchObject({ kind: 'refused', code: 'run.over' })
  })
})

describe('silence', () => {
  it('is a refusal: what comes after the time counts no more, and the run ends as expired', async () => {
    const run = await waitingRun()
    await bot.decide(run, ann)
    bot.forward(30 * 60_000)
    expect(await bot.decide(run, bob)).toMatchObject({ kind: 'refused', code: 'approval.expired' })
    await bot.firebreak.freeze(ann, 'to wake the run')
    await thaw(bot.firebreak, 'to wake the run')
    expect((await bot.over(run)).state.status).toBe('expired')
    expect(applied(toy)).toEqual([])
  })

  it('ends a run by itself, without anybody coming by', async () => {
    toy = createToy({ a: 'on' })
    const quick = playbook('quick', {
      off: { action: 'toy.set', with: { lamp: 'a', value: 'off' }, approve: { ...approve, within: '1s' } },
    })
    bot = await startBot({ actions: toyActions(toy), playbooks: [quick] })
    const run = await bot.start('quick')
    expect((await bot.over(run)).state.status).toBe('expired')
    expect(applied(toy)).toEqual([])
  })
})

const noGroups: Directory['members'] = async () => ({ members: [] })

/** A run with both approvals whose effect waits for a thaw. */
async function approvedButFrozen(directory?: Directory): Promise<string> {
  toy = createToy({ a: 'on' })
  bot = await startBot({ actions: toyActions(toy), playbooks: [gated] })
  if (directory) bot.app.useDirectory(directory)
  const run = await bot.start('gated')
  await bot.waiting(run)
  await bot.firebreak.freeze(ann, 'wait')
  await bot.decide(run, ann)
  await bot.decide(run, bob)
  await bot.until(run, 'running')
  return run
}

describe('an approver who may no longer approve when it happens', () => {
  it('whose role was taken: the approval is void and others are asked', async () => {
    const run = await approvedButFrozen()
    const first = (await bot.firebreak.run(run)).state.approvals[0]?.request
    const without = people.map((person) =>
      person.id === 'bob' ? { ...person, roles: ['observer'] } : person,
    )
    bot = await bot.restart({ config: { people: without } })
    await thaw(bot.firebreak, 'go on', [ann, cleo])
    const { state } = await bot.waiting(run, first)
    expect(state.approvals.at(-1)?.because).toMatch(/eligible/)
    expect(applied(toy)).toEqual([])
    await bot.decide(run, ann)
    await bot.decide(run, cleo)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('whose Slack account was deactivated', async () => {
    const now: Record<string, Standing> = {}
    const run = await approvedButFrozen({
      standing: async (user) => now[user] ?? 'member',
      members: noGroups,
    })
    const first = (await bot.firebreak.run(run)).state.approvals[0]?.request
    now['U0BOB'] = 'deactivated'
    await thaw(bot.firebreak, 'go on', [ann, cleo])
    await bot.waiting(run, first)
    expect(await bot.types(run)).toContain('approval.voided')
    expect(applied(toy)).toEqual([])
  })

  it('of whom Slack cannot say any more what they are', async () => {
    let down = false
    const run = await approvedButFrozen({
      members: noGroups,
      standing: async () => {
        if (down) throw new Error('Slack is down')
        return 'member'
      },
    })
    const first = (await bot.firebreak.run(run)).state.approvals[0]?.request
    down = true
    // For ten minutes what Slack said last still counts.
    bot.forward(11 * 60_000)
    await thaw(bot.firebreak, 'go on')
    await bot.waiting(run, first)
    expect(applied(toy)).toEqual([])
  })
})

describe('several groups', () => {
  const groups = [
    { from: 'approver', count: 1, within: '30m' },
    { from: 'lead', count: 1, within: '30m' },
  ]
  const leads = { roles: { lead: { people: ['ann', 'oli'] } } }

  async function askedOf(config: object, rules: object = { approve: groups }): Promise<string> {
    toy = createToy({ a: 'on' })
    const off = { action: 'toy.set', with: { lamp: 'a', value: 'off' }, ...rules }
    bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('both', { off })], config })
    const run = await bot.start('both')
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.missing).toHaveLength(2)
    return run
  }

  it('that the playbook asks need two persons, also where one is in both', async () => {
    const run = await askedOf(leads)
    expect(await bot.decide(run, ann)).toEqual({ kind: 'counted', still: ['1 of 1 lead for off'] })
    const { waitingFor } = await bot.firebreak.run(run)
    // Ann moves to the leads when Bob comes: whoever fills a seat helps.
    expect(waitingFor?.eligible.map(({ id }) => id)).toEqual(['bob', 'cleo', 'gus', 'oli'])
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'refused', code: 'approval.twice' })
    expect(applied(toy)).toEqual([])
    expect(await bot.decide(run, bob)).toEqual({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('are not both met by two persons of one of them', async () => {
    const run = await askedOf({ roles: { lead: { people: ['oli'] } } })
    await bot.decide(run, bob)
    expect(await bot.decide(run, cleo)).toEqual({ kind: 'counted', still: ['1 of 1 lead for off'] })
    expect(applied(toy)).toEqual([])
    expect(await bot.decide(run, slack('oli'))).toEqual({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('that different rules ask may be met by one person who is in both, and are named', async () => {
    const rule = { name: 'leads-look', verbs: ['run'], playbooks: ['both'], who: [] }
    const ask = { who: ['responder'], approve: { from: 'lead' } }
    const run = await askedOf(
      { ...leads, permissions: { rules: [{ ...rule, ask }] } },
      { approve: [groups[0]] },
    )
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.missing).toEqual([
      '1 of 1 approver for off',
      '1 of 1 lead for off (permissions/leads-look)',
    ])
    expect(await bot.decide(run, ann)).toEqual({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('lose the one who holds two of them together when that person is out of one', async () => {
    const run = await askedOf(leads)
    await bot.firebreak.freeze(cleo, 'wait')
    await bot.decide(run, ann)
    await bot.decide(run, bob)
    await bot.until(run, 'running')
    const first = (await bot.firebreak.run(run)).state.approvals[0]?.request
    bot = await bot.restart({ config: { roles: { lead: { people: ['oli'] } } } })
    await thaw(bot.firebreak, 'go on')
    const { state } = await bot.waiting(run, first)
    expect(state.approvals.at(-1)?.because).toContain('1 of 1 lead for off')
    expect(applied(toy)).toEqual([])
  })
})
