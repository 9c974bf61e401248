import { afterEach, describe, expect, it } from 'vitest'
import type { DecisionOutcome, RunWish } from '../../src/core/app.ts'
import type { FactData } from '../../src/core/fact.ts'
import type { Account, Standing } from '../../src/core/person.ts'
import type { Directory } from '../../src/core/ports.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { ann, bob, cleo, keys, people, rita, slack, ssh, type SshKey } from '../support/people.ts'
import { clicked, thaw } from '../support/thaw.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// Break-glass: one person acts at once, with a reason; the others are told, and somebody else reviews it before anybody
// does it again.

const approve = { from: 'approver', count: 2, within: '30m' }
const lamp = (name: string) => ({ action: 'toy.set', with: { lamp: name, value: 'off' }, approve })
const texts = [playbook('one', { off: lamp('a') }), playbook('other', { off: lamp('b') })]
const why = 'the key is being used right now'

let bot: Bot
let toy: Toy
afterEach(() => bot.close())

async function botWith(config: object = {}, env: Record<string, string> = {}): Promise<void> {
  toy = createToy({ a: 'on', b: 'on' })
  bot = await startBot({ actions: toyActions(toy), playbooks: texts, config, env })
}

async function waiting(name = 'one', by: Account = rita): Promise<string> {
  const run = await bot.start(name, {}, by)
  await bot.waiting(run)
  return run
}

type Alone = Parameters<Bot['firebreak']['breakGlass']>[0]

/** As a button does it: about the request and the plan that are shown. */
async function breakGlass(run: string, by: Account, more: Partial<Alone> = {}): Promise<DecisionOutcome> {
  const shown = (await bot.firebreak.run(run)).waitingFor
  return bot.firebreak.breakGlass({
    run,
    request: shown?.request ?? 'none',
    digest: shown?.digest ?? 'none',
    by,
    reason: why,
    evidence: clicked,
    ...more,
  })
}

function review(run: string, by: Account, more: Partial<RunWish> = {}): Promise<DecisionOutcome> {
  return bot.firebreak.review({ run, by, reason: 'it was right', evidence: clicked, ...more })
}

async function sign(
  action: Parameters<Bot['firebreak']['challenge']>[0],
  key: SshKey,
): Promise<DecisionOutcome> {
  const { message } = await bot.firebreak.challenge(action)
  return bot.firebreak.signed({ message, signature: key.sign(message) })
}

async function bypasses(run: string): Promise<FactData<'approval.bypassed'>[]> {
  const facts = await bot.firebreak.facts(run)
  return facts.flatMap((fact) => (fact.type === 'approval.bypassed' ? [fact.data] : []))
}

async function refusals(): Promise<string[]> {
  return (await bot.all()).flatMap((fact) =>
    fact.type === 'command.refused' ? [`${fact.data.command}: ${fact.data.code}`] : [],
  )
}

const dueIds = async () => (await bot.firebreak.runs({ reviewDue: true })).map(({ state }) => state.id)

/** A directory whose answers a test sets. */
function directoryOf(standings: Record<string, Standing>): Directory {
  return { standing: async (user) => standings[user] ?? 'member', members: async () => ({ members: [] }) }
}

describe('who acts alone', () => {
  it('is enough where two are needed; who else would have been asked is on record, and the review is due', async () => {
    await botWith()
    const run = await waiting()
    expect(await breakGlass(run, ann)).toEqual({ kind: 'done', run })
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
    expect(state.review).toMatchObject({ by: 'ann', reason: why })
    expect(await bypasses(run)).toMatchObject([
      { person: 'ann', reason: why, told: ['bob', 'cleo', 'gus'], account: ann, evidence: clicked },
    ])
    expect(await dueIds()).toEqual([run])
  })

  it('may be who asked for the run, where nobody else is awake', async () => {
    await botWith()
    const run = await waiting()
    expect(await breakGlass(run, rita)).toMatchObject({ kind: 'done' })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('may say so with a signature over the plan and the reason', async () => {
    await botWith()
    const run = await waiting()
    expect(await sign({ kind: 'break-glass', run, reason: why }, keys.bob)).toMatchObject({ kind: 'done' })
    expect((await bot.over(run)).state.status).toBe('succeeded')
    const [bypass] = await bypasses(run)
    expect(bypass).toMatchObject({ person: 'bob', reason: why, evidence: { kind: 'ssh' } })
    const signed = bypass?.evidence.kind === 'ssh' ? JSON.parse(bypass.evidence.message) : {}
    expect(signed).toMatchObject({ decision: 'break-glass', run, digest: bypass?.digest, reason: why })
  })

  it('of two at the same moment is one, and the other is told that nothing is open', async () => {
    await botWith()
    const run = await waiting()
    const outcomes = await Promise.all([breakGlass(run, ann), breakGlass(run, bob)])
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['done', 'refused'])
    await bot.over(run)
    expect(await bypasses(run)).toHaveLength(1)
    expect(applied(toy)).toEqual(['a'])
  })

  const others: [string, Account, string][] = [
    ['a guest', slack('ann', 'guest'), 'authority.bad-standing'],
    ['a deactivated account', slack('ann', 'deactivated'), 'authority.bad-standing'],
    ['an account of which Slack says nothing', slack('ann', 'unknown'), 'authority.standing-unknown'],
    ['an account that is bound to nobody', slack('mallory'), 'authority.unknown-account'],
    ['a key that is bound to nobody', ssh(keys.mallory), 'authority.unknown-account'],
    ['a local account', { via: 'os', user: 'ann@laptop' }, 'authority.unknown-account'],
    ['the sender of alerts', { via: 'alert', source: 'alertmanager' }, 'authority.unknown-account'],
    ['a person without the role', slack('oli'), 'authority.missing-role'],
  ]
  it.each(others)('is not %s', async (_, by, code) => {
    await botWith()
    const run = await waiting()
    expect(await breakGlass(run, by)).toMatchObject({ kind: 'refused', code, remedy: expect.any(String) })
    expect(await refusals()).toEqual([`break-glass ${run}: ${code}`])
    expect((await bot.firebreak.run(run)).state).toMatchObject({ status: 'awaiting-approval' })
    expect(await dueIds()).toEqual([])
    expect(applied(toy)).toEqual([])
  })

  it('is nobody whose Slack account is deactivated, also with a signature', async () => {
    await botWith()
    bot.app.useDirectory(directoryOf({ U0ANN: 'deactivated' }))
    const run = await waiting()
    expect(await sign({ kind: 'break-glass', run, reason: why }, keys.ann)).toMatchObject({
      kind: 'refused',
      code: 'authority.bad-standing',
    })
    expect(await bypasses(run)).toEqual([])
  })

  it.each([
    ['no reason', { reason: '' }, 'review.reason-missing'],
    ['nine characters between spaces', { reason: '   too short  ' }, 'review.reason-missing'],
    ['another plan', { digest: 'sha256:other' }, 'approval.other-plan'],
    ['another request', { request: 'other' }, 'approval.not-open'],
  ])('with %s is refused', async (_, more, code) => {
    await botWith()
    const run = await waiting()
    expect(await breakGlass(run, ann, more)).toMatchObject({ kind: 'refused', code })
    expect(await bypasses(run)).toEqual([])
    expect(applied(toy)).toEqual([])
  })

  it('is refused once the time for answers is over', async () => {
    await botWith()
    const run = await waiting()
    bot.forward(30 * 60_000)
    expect(await breakGlass(run, ann)).toMatchObject({ kind: 'refused', code: 'approval.expired' })
  })

  it('is whom the most specific rule names, at the place that the step touches', async () => {
    const rule = { name: 'nobody-alone', verbs: ['breakGlass'], environments: ['production'], who: ['lead'] }
    const roles = { lead: { people: ['bob'] } }
    await botWith({ environments: { production: ['aws/toy'] }, roles, permissions: { rules: [rule] } })
    const run = await waiting()
    expect(await breakGlass(run, ann)).toMatchObject({
      kind: 'refused',
      code: 'authority.missing-role',
      message: expect.stringContaining('nobody-alone'),
    })
    expect(await breakGlass(run, bob)).toMatchObject({ kind: 'done' })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })
})

describe('acting alone passes no guardrail', () => {
  it('not a freeze: it acts when that is lifted', async () => {
    await botWith()
    const run = await waiting()
    await bot.firebreak.freeze(ann, 'stop')
    expect(await breakGlass(run, bob)).toMatchObject({ kind: 'done' })
    await bot.until(run, 'running')
    expect(applied(toy)).toEqual([])
    await thaw(bot.firebreak, 'go')
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('not what is never touched, though the rule is newer than the word', async () => {
    const run = await aloneButFrozen()
    bot = await bot.restart({ config: { guardrails: { neverTouch: [{ id: 'lamp/a' }] } } })
    await thaw(bot.firebreak, 'go', [bob, cleo])
    expect((await bot.over(run)).state.problem?.code).toBe('guardrail.never-touch')
    expect(applied(toy)).toEqual([])
  })

  it('not a window that refuses, though it has begun since', async () => {
    const run = await aloneButFrozen()
    const from = new Date(Date.now() - 60_000).toISOString()
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const windows = [{ name: 'audit', effects: ['reversible'], during: { from, until }, over: 'deny' }]
    bot = await bot.restart({ config: { guardrails: { windows } } })
    await thaw(bot.firebreak, 'go', [bob, cleo])
    expect((await bot.over(run)).state.problem?.code).toBe('guardrail.window')
    expect(applied(toy)).toEqual([])
  })

  it('not a budget that waits: it acts when there is room', async () => {
    const budgets = [{ name: 'lamps', effects: ['reversible'], limit: 1, per: '1h', over: 'wait' }]
    await botWith({ guardrails: { budgets } })
    const first = await waiting('other')
    await bot.decide(first, ann)
    await bot.decide(first, bob)
    await bot.over(first)
    const run = await waiting()
    expect(await breakGlass(run, ann)).toMatchObject({ kind: 'done' })
    const held = await eventually(async () => (await bot.firebreak.run(run)).state.steps['off']?.held)
    expect(held).toMatchObject({ by: 'count', key: 'budget/lamps' })
    expect(applied(toy)).toEqual(['b'])
  })
})

/** Somebody acted alone, and a freeze holds the effect back. */
async function aloneButFrozen(by: Account | SshKey = ann, directory?: Directory): Promise<string> {
  await botWith()
  if (directory !== undefined) bot.app.useDirectory(directory)
  const run = await waiting()
  await bot.firebreak.freeze(cleo, 'wait')
  const said = 'via' in by ? breakGlass(run, by) : sign({ kind: 'break-glass', run, reason: why }, by)
  expect(await said).toMatchObject({ kind: 'done' })
  await bot.until(run, 'running')
  return run
}

async function firstRequest(run: string): Promise<string> {
  return (await bot.firebreak.run(run)).state.approvals[0]?.request ?? ''
}

describe('at the moment of effect, who acted alone no longer may', () => {
  it('because the role was taken: people are asked anew, and nothing happens without them', async () => {
    const run = await aloneButFrozen()
    const first = await firstRequest(run)
    const without = people.map((person) =>
      person.id === 'ann' ? { ...person, roles: ['observer'] } : person,
    )
    bot = await bot.restart({ config: { people: without } })
    await thaw(bot.firebreak, 'go', [bob, cleo])
    const { state } = await bot.waiting(run, first)
    expect(state.approvals.at(-1)?.because).toBe('ann may no longer act alone')
    expect(applied(toy)).toEqual([])
    await bot.decide(run, bob)
    await bot.decide(run, cleo)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    // That somebody acted alone is to be looked at all the same.
    expect(await dueIds()).toEqual([run])
  })

  it.each<[string, Account | SshKey]>([
    ['a click', ann],
    ['a signature', keys.ann],
  ])('because the Slack account is deactivated, after %s', async (_, by) => {
    const standings: Record<string, Standing> = {}
    const run = await aloneButFrozen(by, directoryOf(standings))
    const first = await firstRequest(run)
    standings['U0ANN'] = 'deactivated'
    await thaw(bot.firebreak, 'go', [bob, cleo])
    await bot.waiting(run, first)
    expect(applied(toy)).toEqual([])
  })

  it('because the account is another person’s now', async () => {
    const run = await aloneButFrozen()
    const first = await firstRequest(run)
    const moved = people.map((person) =>
      person.id === 'ann'
        ? { ...person, slack: 'U0ANNEW' }
        : person.id === 'oli'
          ? { ...person, slack: 'U0ANN' }
          : person,
    )
    bot = await bot.restart({ config: { people: moved } })
    await thaw(bot.firebreak, 'go', [bob, cleo])
    await bot.waiting(run, first)
    expect(applied(toy)).toEqual([])
  })

  it('because a rule says otherwise now', async () => {
    const run = await aloneButFrozen()
    const first = await firstRequest(run)
    const rule = { name: 'never-alone', verbs: ['breakGlass'], playbooks: ['one'], who: [] }
    bot = await bot.restart({ config: { permissions: { rules: [rule] } } })
    await thaw(bot.firebreak, 'go', [bob, cleo])
    await bot.waiting(run, first)
    expect(applied(toy)).toEqual([])
  })

  it('nor does it cover what the target has become since', async () => {
    const run = await aloneButFrozen()
    const first = await firstRequest(run)
    toy.lamps.set('a', 'blinking')
    await thaw(bot.firebreak, 'go', [bob, cleo])
    const { state } = await bot.waiting(run, first)
    expect(state.approvals.at(-1)?.because).toContain('blinking')
    expect(applied(toy)).toEqual([])
  })
})

/** Ann acted alone in a run of Rita's, and it is over. */
async function reviewable(): Promise<string> {
  await botWith()
  const run = await waiting()
  await breakGlass(run, ann)
  await bot.over(run)
  return run
}

describe('the review', () => {
  it('is made by somebody else, long after the run has ended, and is on record', async () => {
    const run = await reviewable()
    bot.forward(30 * 86_400_000)
    expect(await review(run, bob)).toEqual({ kind: 'done', run })
    const { state } = await bot.firebreak.run(run)
    expect(state.status).toBe('succeeded')
    expect(state.review?.reviewed).toMatchObject({ person: 'bob', reason: 'it was right' })
    expect(await dueIds()).toEqual([])
    expect(await review(run, cleo)).toMatchObject({ kind: 'refused', code: 'review.not-due' })
  })

  it('can be signed', async () => {
    const run = await reviewable()
    expect(await sign({ kind: 'review', run, reason: 'seen' }, keys.bob)).toMatchObject({ kind: 'done' })
    expect((await bot.firebreak.run(run)).state.review?.reviewed).toMatchObject({
      person: 'bob',
      evidence: { kind: 'ssh' },
    })
  })

  const notThese: [string, Account, string][] = [
    ['who acted alone', ann, 'review.own'],
    ['who acted alone, by another account', ssh(keys.ann), 'review.own'],
    ['who asked for the run', rita, 'review.own'],
    ['who asked for the run, by another account', ssh(keys.rita), 'review.own'],
    ['a guest', slack('bob', 'guest'), 'authority.bad-standing'],
    ['a person without the role', slack('oli'), 'authority.missing-role'],
    ['a local account', { via: 'os', user: 'bob' }, 'authority.unknown-account'],
  ]
  it.each(notThese)('is not made by %s', async (_, by, code) => {
    const run = await reviewable()
    expect(await review(run, by)).toMatchObject({ kind: 'refused', code })
    expect(await refusals()).toEqual([`review ${run}: ${code}`])
    expect(await dueIds()).toEqual([run])
  })

  it('is not made by somebody who has left, also with a signature', async () => {
    const run = await reviewable()
    bot.app.useDirectory(directoryOf({ U0BOB: 'deactivated' }))
    expect(await sign({ kind: 'review', run, reason: 'seen' }, keys.bob)).toMatchObject({
      kind: 'refused',
      code: 'authority.bad-standing',
    })
    expect(await dueIds()).toEqual([run])
  })

  it('of two at the same moment counts once', async () => {
    const run = await reviewable()
    const outcomes = await Promise.all([review(run, bob), review(run, cleo)])
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['done', 'refused'])
    expect((await bot.types(run)).filter((type) => type === 'run.reviewed')).toHaveLength(1)
  })

  it('of a run in which nobody acted alone is not due', async () => {
    await botWith()
    const run = await waiting()
    expect(await review(run, bob)).toMatchObject({ kind: 'refused', code: 'review.not-due' })
  })

  it('is of neither who acted alone where two did, one after the other, in the same run', async () => {
    const run = await aloneButFrozen()
    const first = await firstRequest(run)
    toy.lamps.set('a', 'blinking')
    await thaw(bot.firebreak, 'go', [bob, cleo])
    await bot.waiting(run, first)
    // It is the same emergency: that its review is due does not stand in the way.
    expect(await breakGlass(run, bob)).toMatchObject({ kind: 'done' })
    await bot.over(run)
    for (const by of [ann, bob])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await review(run, by)).toMatchObject({ kind: 'refused', code: 'review.own' })
    expect(await review(run, cleo)).toMatchObject({ kind: 'done' })
  })

  it('must be made before anybody acts alone in another run', async () => {
    const run = await reviewable()
    const next = await waiting('other')
    for (const by of [ann, bob]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await breakGlass(next, by)).toMatchObject({
        kind: 'refused',
        code: 'guardrail.review-due',
        message: expect.stringContaining(run),
        remedy: expect.any(String),
      })
    }
    expect(await refusals()).toContain(`break-glass ${next}: guardrail.review-due`)
    expect(await bypasses(next)).toEqual([])
    await review(run, cleo)
    expect(await breakGlass(next, ann)).toMatchObject({ kind: 'done' })
    expect((await bot.over(next)).state.status).toBe('succeeded')
  })

  it('is due after a restart as before', async () => {
    const run = await reviewable()
    bot = await bot.restart()
    const next = await waiting('other')
    expect(await breakGlass(next, bob)).toMatchObject({ kind: 'refused', code: 'guardrail.review-due' })
    expect(await dueIds()).toEqual([run])
  })
})

describe('the others', () => {
  const withSlack = { slack: { botToken: { env: 'B' }, appToken: { env: 'A' }, channel: 'C0X' } }

  it('are told in the channel with the reason and what will run, each by their own mention', async () => {
    await botWith(withSlack, { B: 'xoxb-1', A: 'xapp-1' })
    bot.app.useDirectory(directoryOf({}))
    const run = await waiting()
    await breakGlass(run, ann)
    const [notice, ...more] = await bot.firebreak.outbox.pending(10)
    expect(more).toEqual([])
    expect(notice).toMatchObject({ channel: 'C0X', run, step: 'break-glass' })
    for (const said of ['Ann', why, 'off', 'Playbook one', '<@U0BOB>', '<@U0CLEO>', '<@U0GUS>', 'review'])
      expect(notice?.text).toContain(said)
    expect(notice?.text).not.toContain('<@U0ANN>')
    expect(notice?.text).not.toContain('<@U0OLI>')
    expect(notice?.text).not.toContain('<@U0RITA>')
  })

  it('are told nothing where it was refused', async () => {
    await botWith(withSlack, { B: 'xoxb-1', A: 'xapp-1' })
    bot.app.useDirectory(directoryOf({}))
    const run = await waiting()
    await breakGlass(run, slack('oli'))
    expect(await bot.firebreak.outbox.pending(10)).toEqual([])
  })
})
