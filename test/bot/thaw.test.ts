import { afterEach, describe, expect, it } from 'vitest'
import type { DecisionOutcome } from '../../src/core/app.ts'
import type { Account, Standing } from '../../src/core/person.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { ann, bob, cleo, keys, people, rita, slack, ssh, type SshKey } from '../support/people.ts'
import { clicked } from '../support/thaw.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// A freeze stops everything at one person's word; lifting it takes several, each in person and in time.

const set = playbook('set', { off: { action: 'toy.set', with: { lamp: 'a', value: 'off' } } })
const MINUTE = 60_000

let bot: Bot
let toy: Toy
afterEach(() => bot.close())

async function frozen(config: object = {}): Promise<void> {
  toy = createToy({ a: 'on' })
  bot = await startBot({ actions: toyActions(toy), playbooks: [set], config })
  await bot.firebreak.freeze(rita, 'something is wrong')
}

const thaw = (by: Account, reason = 'it is over'): Promise<DecisionOutcome> =>
  bot.firebreak.thaw(by, reason, clicked)

async function sign(key: SshKey): Promise<DecisionOutcome> {
  const { message } = await bot.firebreak.challenge({ kind: 'thaw', reason: 'signed' })
  return bot.firebreak.signed({ message, signature: key.sign(message) })
}

const isFrozen = async () => (await bot.firebreak.frozen()) !== undefined
const oneMore = { kind: 'counted', still: ['1 more person must say so within 30m'] }

async function lifted() {
  return (await bot.all()).flatMap((fact) => (fact.type === 'freeze.lifted' ? [fact.data] : []))
}

describe('a freeze', () => {
  it('is lifted by two, who are named in the log; between them it shows who has said so', async () => {
    await frozen()
    const run = await bot.start('set')
    expect(await thaw(ann)).toEqual(oneMore)
    expect((await bot.firebreak.frozen())?.thaw).toMatchObject([{ person: 'ann' }])
    expect(applied(toy)).toEqual([])
    expect(await thaw(bob, 'looked as well')).toEqual({ kind: 'done' })
    expect(await isFrozen()).toBe(false)
    expect(await lifted()).toMatchObject([{ by: ['ann', 'bob'], reason: 'looked as well' }])
    // Whoever waited is woken.
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('is lifted by one where the configuration says so', async () => {
    await frozen({ guardrails: { thaw: { count: 1 } } })
    expect(await thaw(ann)).toEqual({ kind: 'done' })
    expect(await isFrozen()).toBe(false)
  })

  it('is lifted by two who say so at the very same moment, once', async () => {
    await frozen()
    const outcomes = await Promise.all([thaw(ann), thaw(bob)])
    expect(outcomes.some(({ kind }) => kind === 'done')).toBe(true)
    expect(await isFrozen()).toBe(false)
    expect(await lifted()).toHaveLength(1)
  })

  it('is lifted by three of whom nobody is needed twice', async () => {
    await frozen({ guardrails: { thaw: { count: 3 } } })
    expect(await thaw(ann)).toMatchObject({ still: ['2 more people must say so within 30m'] })
    expect(await thaw(bob)).toEqual(oneMore)
    expect(await isFrozen()).toBe(true)
    expect(await thaw(cleo)).toEqual({ kind: 'done' })
  })
})

describe('a freeze is not lifted', () => {
  it('by one person twice, by whichever accounts, or at the same moment', async () => {
    await frozen()
    await Promise.allSettled([thaw(ann), thaw(ann), sign(keys.ann)])
    expect(await thaw(ann)).toMatchObject({ kind: 'refused', code: 'approval.twice' })
    expect(await sign(keys.ann)).toMatchObject({ kind: 'refused', code: 'approval.twice' })
    expect((await bot.all()).at(-1)).toMatchObject({ data: { command: 'thaw', code: 'approval.twice' } })
    expect(await isFrozen()).toBe(true)
    expect(await lifted()).toEqual([])
  })

  const others: [string, Account, string][] = [
    ['a guest', slack('bob', 'guest'), 'authority.bad-standing'],
    ['an account that Slack does not know', slack('bob', 'unknown'), 'authority.standing-unknown'],
    ['a person without the role', slack('oli'), 'authority.missing-role'],
    ['a key that is bound to nobody', ssh(keys.mallory), 'authority.unknown-account'],
    ['a local account', { via: 'os', user: 'bob' }, 'authority.unknown-account'],
  ]
  it.each(others)('with %s', async (_, by, code) => {
    await frozen()
    await thaw(ann)
    await expect(thaw(by)).rejects.toMatchObject({ code })
    expect((await bot.all()).at(-1)).toMatchObject({
      type: 'command.refused',
      data: { command: 'thaw', code },
    })
    expect(await isFrozen()).toBe(true)
  })

  it('by somebody whose word is too old; it may be said again', async () => {
    await frozen()
    await thaw(ann)
    bot.forward(31 * MINUTE)
    expect(await thaw(bob)).toEqual(oneMore)
    expect(await isFrozen()).toBe(true)
    expect(await thaw(ann)).toEqual({ kind: 'done' })
  })

  it('by somebody who was permitted when they said so and is not any more', async () => {
    await frozen()
    await thaw(ann)
    const without = people.map((person) =>
      person.id === 'ann' ? { ...person, roles: ['observer'] } : person,
    )
    bot = await bot.restart({ config: { people: without } })
    expect(await thaw(bob)).toEqual(oneMore)
    expect(await isFrozen()).toBe(true)
    expect(await thaw(cleo)).toEqual({ kind: 'done' })
    expect(await lifted()).toMatchObject([{ by: ['bob', 'cleo'] }])
  })

  it.each(['the one who said so first', 'the one who says so last'])(
    'with %s deactivated in Slack, also by a signature',
    async (which) => {
      await frozen()
      const standings: Record<string, Standing> = {}
      bot.app.useDirectory({
        standing: async (user) => standings[user] ?? 'member',
        members: async () => ({ members: [] }),
      })
      if (which === 'the one who said so first') {
        expect(await sign(keys.ann)).toEqual(oneMore)
        standings['U0ANN'] = 'deactivated'
        expect(await sign(keys.bob)).toEqual(oneMore)
      } else {
        await sign(keys.ann)
        standings['U0BOB'] = 'deactivated'
        await expect(sign(keys.bob)).rejects.toMatchObject({ code: 'authority.bad-standing' })
      }
      expect(await isFrozen()).toBe(true)
      expect(await lifted()).toEqual([])
    },
  )

  it('by what was said of an earlier one', async () => {
    await frozen()
    await thaw(ann)
    await thaw(bob)
    await bot.firebreak.freeze(cleo, 'again')
    expect((await bot.firebreak.frozen())?.thaw).toEqual([])
    expect(await thaw(ann)).toEqual(oneMore)
    expect(await isFrozen()).toBe(true)
  })

  it('by what was said before somebody froze anew: the reason is another one now', async () => {
    await frozen()
    await thaw(ann)
    await bot.firebreak.freeze(cleo, 'I see something else')
    expect(await thaw(bob)).toEqual(oneMore)
    expect((await bot.firebreak.frozen())?.reason).toBe('I see something else')
  })

  it('where none is set, which is said', async () => {
    toy = createToy({ a: 'on' })
    bot = await startBot({ actions: toyActions(toy), playbooks: [set] })
    await expect(thaw(ann)).rejects.toMatchObject({ code: 'guardrail.not-frozen' })
  })
})
