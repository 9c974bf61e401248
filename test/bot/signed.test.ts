import { afterEach, describe, expect, it } from 'vitest'
import type { DecisionOutcome, SignedAction } from '../../src/core/app.ts'
import { canonicalJson } from '../../src/core/canonical.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { SignedMessage } from '../../src/core/wire.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { keys, ssh, type SshKey } from '../support/people.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// Decisions of the command line (DESIGN section 8), through the whole bot: who may be believed, and how often.

const set = playbook('set', {
  lamp: {
    action: 'toy.set',
    with: { lamp: 'door', value: 'red' },
    approve: { from: 'approver', count: 1, within: '30m' },
  },
})

const open: Bot[] = []
afterEach(async () => {
  for (const bot of open.splice(0)) await bot.close()
})

async function start(): Promise<{ bot: Bot; toy: Toy }> {
  const toy = createToy({ door: 'off' })
  const bot = await startBot({ actions: toyActions(toy), playbooks: [set] })
  open.push(bot)
  return { bot, toy }
}

/** Asks for a text and signs it; a test may change the text before or after it is signed. */
async function sign(bot: Bot, action: SignedAction, key: SshKey): Promise<DecisionOutcome> {
  const { message } = await bot.firebreak.challenge(action)
  return bot.firebreak.signed({ message, signature: key.sign(message) })
}

function changed(message: string, change: JsonObject): string {
  return canonicalJson({ ...SignedMessage.parse(JSON.parse(message)), ...change })
}

const freeze = { kind: 'freeze', reason: 'drill' } as const
const runSet = { kind: 'run', playbook: 'set', inputs: {} } as const
const badSignature = { kind: 'refused', code: 'authority.bad-signature' }

/** The freeze stands for every action: one that cannot be frozen by a bad text cannot be moved by one at all. */
async function refuses(bot: Bot, message: string, signature: string): Promise<string> {
  const before = (await bot.all()).length
  const outcome = await bot.firebreak.signed({ message, signature })
  expect(outcome).toMatchObject(badSignature)
  expect(await bot.firebreak.frozen()).toBeUndefined()
  // Nothing happened but that the refusal is on record.
  const added = (await bot.all()).slice(before)
  expect(added).toMatchObject([{ type: 'command.refused', data: { code: 'authority.bad-signature' } }])
  return outcome.kind === 'refused' ? outcome.message : ''
}

describe('a signed text', () => {
  it('freezes and thaws, with the reason and the person that signed', async () => {
    const { bot } = await start()
    expect(await sign(bot, freeze, keys.ann)).toEqual({ kind: 'done' })
    expect((await bot.firebreak.frozen())?.reason).toBe('drill')
    const over = { kind: 'thaw', reason: 'over' } as const
    expect(await sign(bot, over, keys.ann)).toEqual({
      kind: 'counted',
      still: ['1 more person must say so within 30m'],
    })
    expect(await sign(bot, over, keys.ann)).toMatchObject({ kind: 'refused', code: 'approval.twice' })
    expect(await sign(bot, over, keys.bob)).toEqual({ kind: 'done' })
    expect(await bot.firebreak.frozen()).toBeUndefined()
    const actor = { kind: 'account', account: ssh(keys.ann), person: 'ann' }
    expect((await bot.all()).filter(({ type }) => type.startsWith('freeze.'))).toMatchObject([
      { type: 'freeze.set', actor, data: { reason: 'drill' } },
      {
        type: 'freeze.lifted',
        actor: { kind: 'account', account: ssh(keys.bob), person: 'bob' },
        data: { reason: 'over', by: ['ann', 'bob'] },
      },
    ])
  })

  it('starts a run as its signer, who may not approve it, and another person may', async () => {
    const { bot, toy } = await start()
    const outcome = await sign(bot, { ...runSet, reason: 'leak 7' }, keys.rita)
    if (outcome.kind !== 'done' || outcome.run === undefined) throw new Error('no run was started')
    const { run } = outcome
    const [first] = await bot.firebreak.facts(run)
    expect(first).toMatchObject({
      type: 'run.requested',
      actor: { kind: 'account', account: ssh(keys.rita), person: 'rita' },
      data: { mode: 'run', reason: 'leak 7', playbook: { name: 'set' } },
    })
    await bot.waiting(run)
    const approve = { kind: 'approve', run, reason: 'seen it' } as const
    expect(await sign(bot, approve, keys.rita)).toMatchObject({
      kind: 'refused',
      code: 'approval.own-request',
    })
    expect(applied(toy)).toEqual([])
    expect(await sign(bot, approve, keys.ann)).toEqual({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['door'])
  })

  it('is kept with the approval, so that an auditor can check it', async () => {
    const { bot } = await start()
    const run = await bot.start('set')
    const { waitingFor } = await bot.waiting(run)
    const { message } = await bot.firebreak.challenge({ kind: 'approve', run, reason: 'seen it' })
    const signature = keys.ann.sign(message)
    await bot.firebreak.signed({ message, signature })
    const { digest } = waitingFor
    expect(JSON.parse(message)).toMatchObject({ log: bot.app.key.name, run, digest, decision: 'approve' })
    const given = (await bot.firebreak.facts(run)).find(({ type }) => type === 'approval.given')
    expect(given?.data).toMatchObject({ person: 'ann', evidence: { kind: 'ssh', message, signature } })
  })

  it('rejects with the reason that was signed', async () => {
    const { bot, toy } = await start()
    const run = await bot.start('set')
    await bot.waiting(run)
    await sign(bot, { kind: 'reject', run, reason: 'wrong door' }, keys.ann)
    expect((await bot.over(run)).state).toMatchObject({ status: 'rejected' })
    const rejected = (await bot.firebreak.facts(run)).find(({ type }) => type === 'approval.rejected')
    expect(rejected?.data).toMatchObject({ person: 'ann', reason: 'wrong door' })
    expect(applied(toy)).toEqual([])
  })

  it('cancels, and undoes', async () => {
    const { bot, toy } = await start()
    const stopped = await bot.start('set')
    await bot.waiting(stopped)
    expect(await sign(bot, { kind: 'cancel', run: stopped, reason: 'mistake' }, keys.rita)).toEqual({
      kind: 'done',
    })
    expect((await bot.over(stopped)).state.status).toBe('cancelled')
    const run = await bot.start('set')
    await bot.waiting(run)
    await sign(bot, { kind: 'approve', run }, keys.ann)
    await bot.over(run)
    const undone = await sign(bot, { kind: 'undo', run }, keys.rita)
    if (undone.kind !== 'done' || undone.run === undefined) throw new Error('no undo was started')
    expect(await bot.waiting(undone.run)).toMatchObject({ state: { requested: { undoes: run } } })
    await sign(bot, { kind: 'approve', run: undone.run }, keys.ann)
    await bot.over(undone.run)
    expect(toy.lamps.get('door')).toBe('off')
  })

  it('is not given for an approval where nothing waits', async () => {
    const { bot } = await start()
    const run = await bot.start('set')
    await bot.waiting(run)
    await sign(bot, { kind: 'reject', run }, keys.ann)
    await bot.over(run)
    await expect(bot.firebreak.challenge({ kind: 'approve', run })).rejects.toThrow(
      expect.objectContaining({ code: 'approval.not-open' }),
    )
  })
})

describe('a signature is refused, and nothing is done,', () => {
  it('when it was used before', async () => {
    const { bot } = await start()
    const { message } = await bot.firebreak.challenge(freeze)
    const signature = keys.ann.sign(message)
    expect(await bot.firebreak.signed({ message, signature })).toEqual({ kind: 'done' })
    await sign(bot, { kind: 'thaw' }, keys.ann)
    await sign(bot, { kind: 'thaw' }, keys.bob)
    expect(await refuses(bot, message, signature)).toContain('used before')
    expect(await refuses(bot, message, keys.rita.sign(message))).toContain('used before')
  })

  it('when it comes twice at once: one run starts', async () => {
    const { bot } = await start()
    const { message } = await bot.firebreak.challenge(runSet)
    const sent = { message, signature: keys.rita.sign(message) }
    const outcomes = await Promise.all([1, 2, 3].map(() => bot.firebreak.signed(sent)))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'refused', 'refused'])
    expect(await bot.firebreak.runs({})).toHaveLength(1)
  })

  it('when its text was composed by somebody else', async () => {
    const { bot } = await start()
    const { message } = await bot.firebreak.challenge(freeze)
    const own = changed(message, { nonce: '00000000-0000-4000-8000-000000000000' })
    expect(await refuses(bot, own, keys.ann.sign(own))).toContain('not from this process')
  })

  it('when its text has a nonce of this process around another action', async () => {
    const { bot } = await start()
    const { message } = await bot.firebreak.challenge({ kind: 'thaw', reason: 'drill' })
    const other = changed(message, { decision: 'freeze' })
    expect(await refuses(bot, other, keys.ann.sign(other))).toContain('not from this process')
    const later = changed((await bot.firebreak.challenge(freeze)).message, {
      expires: '2999-01-01T00:00:00.000Z',
    })
    expect(await refuses(bot, later, keys.ann.sign(later))).toContain('not from this process')
  })

  it('when the bot was started anew since the text was given', async () => {
    const { bot } = await start()
    const { message } = await bot.firebreak.challenge(freeze)
    const again = await bot.restart()
    open.splice(0, 1, again)
    expect(await refuses(again, message, keys.ann.sign(message))).toContain('not from this process')
  })

  it('ten minutes after the text was given, and not before', async () => {
    const { bot } = await start()
    const late = await bot.firebreak.challenge(freeze)
    bot.forward(10 * 60_000 + 1)
    expect(await refuses(bot, late.message, keys.ann.sign(late.message))).toContain('time to sign it is over')
    const { message, expires } = await bot.firebreak.challenge(freeze)
    bot.forward(10 * 60_000 - 5_000)
    expect(SignedMessage.parse(JSON.parse(message)).expires).toBe(expires)
    expect(await bot.firebreak.signed({ message, signature: keys.ann.sign(message) })).toEqual({
      kind: 'done',
    })
  })

  it('when the text is for another log', async () => {
    const { bot } = await start()
    const elsewhere = (await start()).bot
    const { message } = await bot.firebreak.challenge(freeze)
    const other = changed(message, { log: 'firebreak.example/other' })
    expect(await refuses(bot, other, keys.ann.sign(other))).toContain('not a decision for this Firebreak')
    // Two bots of one name: a text of the one says nothing to the other.
    await refuses(elsewhere, message, keys.ann.sign(message))
  })

  it.each([
    ['another reason', { reason: 'another' }],
    ['another decision', { decision: 'thaw' }],
    ['a run', { run: 'r1' }],
  ])('when the text was altered after it was signed: %s', async (_, change) => {
    const { bot } = await start()
    const { message } = await bot.firebreak.challenge(freeze)
    const signature = keys.ann.sign(message)
    await refuses(bot, changed(message, change), signature)
    await refuses(bot, `${message} `, signature)
    // The text itself is still good: an altered one has not used it up.
    expect(await bot.firebreak.signed({ message, signature })).toEqual({ kind: 'done' })
  })

  it('when the text is the same JSON, written otherwise', async () => {
    const { bot } = await start()
    const { message } = await bot.firebreak.challenge(freeze)
    const spaced = JSON.stringify(JSON.parse(message), undefined, 1)
    await refuses(bot, spaced, keys.ann.sign(spaced))
  })

  it.each([
    ['no signature', ''],
    ['a signature of something else', keys.ann.sign('something else')],
  ])('when it is %s', async (_, signature) => {
    const { bot } = await start()
    await refuses(bot, (await bot.firebreak.challenge(freeze)).message, signature)
  })
})

describe('a good signature of somebody who may not', () => {
  it.each([
    ['freeze', freeze],
    ['run', runSet],
  ] as const)('does not %s: a key of nobody', async (_, action) => {
    const { bot } = await start()
    await expect(sign(bot, action, keys.mallory)).rejects.toMatchObject({ code: 'authority.unknown-account' })
    expect(await bot.firebreak.frozen()).toBeUndefined()
    expect(await bot.firebreak.runs({})).toEqual([])
  })

  it('does not approve, and the log says so', async () => {
    const { bot, toy } = await start()
    const run = await bot.start('set')
    await bot.waiting(run)
    expect(await sign(bot, { kind: 'approve', run }, keys.mallory)).toMatchObject({
      kind: 'refused',
      code: 'authority.unknown-account',
    })
    expect(await bot.types(run)).toContain('approval.refused')
    expect(await bot.types(run)).not.toContain('approval.given')
    expect(applied(toy)).toEqual([])
  })

  it('does not cancel or undo the run of others', async () => {
    const { bot } = await start()
    const run = await bot.start('set')
    await bot.waiting(run)
    for (const kind of ['cancel', 'undo'] as const) {
      const refused = sign(bot, { kind, run }, keys.mallory)
      await expect(refused).rejects.toMatchObject({ code: 'authority.unknown-account' })
    }
    expect((await bot.firebreak.run(run)).state.status).toBe('awaiting-approval')
  })

  it('and a refused run is in the log with the key', async () => {
    const { bot } = await start()
    await expect(sign(bot, runSet, keys.mallory)).rejects.toThrow()
    expect((await bot.all()).at(-1)).toMatchObject({
      type: 'command.refused',
      actor: { kind: 'account', account: ssh(keys.mallory) },
      data: { command: 'run set', code: 'authority.unknown-account' },
    })
  })
})
