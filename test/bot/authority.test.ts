import { afterEach, describe, expect, it } from 'vitest'
import type { Directory, Members } from '../../src/core/ports.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { ann, bob, cleo, keys, people, rita, slack, ssh } from '../support/people.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'
import { clicked, thaw } from '../support/thaw.ts'

// Who may do what, through the door of every surface: rules about playbooks, effects and places; roles by Slack groups.

let bot: Bot
let toy: Toy
afterEach(() => bot.close())

const burn = (more: object = {}) => ({ action: 'toy.burn', with: { lamp: 'a', value: 'ashes' }, ...more })
const set = (more: object = {}) => ({ action: 'toy.set', with: { lamp: 'b', value: 'off' }, ...more })
const approve = { from: 'approver', count: 1, within: '30m' }

const texts = [
  playbook('both', { set: set(), burn: burn({ after: ['set'] }) }),
  playbook('mild', { set: set({ approve }) }),
  playbook('gates', { burn: burn({ approve }), set: set({ approve }) }),
  playbook('slow', { burn: burn(), set: set({ after: ['burn'], approve }) }),
  playbook('looks', { look: { action: 'toy.look', with: { lamp: 'a' } }, set: set() }),
  playbook('late', { set: set({ ttl: '1h', onExpiry: 'ask' }) }),
]

async function botWith(rules: readonly object[], more: object = {}): Promise<void> {
  toy = createToy({ a: 'on', b: 'on' })
  const environments = { production: ['aws/toy'] }
  bot = await startBot({
    actions: toyActions(toy),
    playbooks: texts,
    config: { environments, permissions: { rules }, ...more },
    env: { B: 'xoxb-1', A: 'xapp-1' },
  })
}

async function refused(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'it was allowed',
    (error: unknown) => error,
  )
}

describe('a rule about a place and an effect', () => {
  const wipes = { name: 'wipes', verbs: ['run'], environments: ['production'], effects: ['irreversible'] }

  it('refuses who is not named, with its name, and does nothing', async () => {
    await botWith([{ ...wipes, who: ['lead'] }], { roles: { lead: { people: ['ann'] } } })
    expect(await refused(bot.start('both'))).toMatchObject({
      code: 'authority.missing-role',
      message: expect.stringMatching(
        /burn \(irreversible\) on aws\/toy of production.*rules wipes \(line \d+\) names lead/,
      ),
    })
    expect((await bot.all()).at(-1)).toMatchObject({ type: 'command.refused' })
    expect(applied(toy)).toEqual([])
    // The plan is another verb, and another playbook another matter.
    expect((await bot.plan('both')).state.status).toBe('planned')
    const run = await bot.start('both', {}, ann)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('asks about the step that it is about, and about no other', async () => {
    await botWith([
      { ...wipes, who: [], ask: { who: ['responder'], approve: { from: 'approver', count: 2 } } },
    ])
    const run = await bot.start('both')
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.missing).toEqual(['2 of 2 approvers for burn (permissions/wipes)'])
    await bot.decide(run, ann)
    expect(applied(toy)).not.toContain('a')
    await bot.decide(run, bob)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['b', 'a'])
  })

  it('is asked about the whole request of whoever cancels, undoes, keeps, renews, resumes or holds', async () => {
    const verbs = ['cancel', 'undo', 'keep', 'renew', 'resume', 'hold']
    await botWith([{ name: 'nobody', verbs, effects: ['reversible'], environments: ['production'], who: [] }])
    const waits = await bot.start('mild')
    await bot.waiting(waits)
    const late = await bot.start('late')
    await bot.over(late)
    const step = { run: late, step: 'set', by: ann, reason: 'r' }
    const doors = [
      () => bot.firebreak.cancel(waits, ann, 'r'),
      () => bot.firebreak.undo(late, ann, 'r'),
      () => bot.firebreak.lift(step),
      () => bot.firebreak.keep(step),
      () => bot.firebreak.renew(step),
      () => bot.firebreak.resume(waits, ann, { reason: 'r' }),
      () => bot.firebreak.hold(late, ann, 'r'),
    ]
    for (const door of doors) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as people do it
      expect(await refused(door())).toMatchObject({
        code: 'authority.missing-role',
        message: expect.stringContaining('permissions.rules nobody'),
      })
    }
    // Freezing is about everything: no rule stands in its way.
    await bot.firebreak.freeze(ann, 'stop')
  })

  it('an undo, and the undo of an undo, are about the playbook that they came from', async () => {
    await botWith([{ name: 'not-undone', verbs: ['undo'], playbooks: ['late'], who: ['lead'] }], {
      roles: { lead: { people: ['ann'] } },
    })
    const late = await bot.start('late')
    await bot.over(late)
    const undo = (await bot.firebreak.undo(late, ann, 'r')).state.id
    await bot.waiting(undo)
    await bot.decide(undo, bob)
    await bot.over(undo)
    expect(await refused(bot.firebreak.undo(undo, rita, 'r'))).toMatchObject({
      message: expect.stringContaining('not-undone'),
    })
    expect((await bot.firebreak.undo(undo, ann, 'r')).state.requested.origin).toBe('late')
    toy.lamps.set('b', 'on')
    const again = await bot.start('late')
    await bot.over(again)
    const lift = await bot.firebreak.lift({ run: again, step: 'set', by: ann, reason: 'r' })
    expect(lift.state.requested.origin).toBe('late')
  })
})

describe('a rule about approving', () => {
  const careful = { name: 'careful', verbs: ['approve'], playbooks: ['mild'], who: ['lead'] }

  it('narrows who counts: also who has the role of the gate', async () => {
    await botWith([careful], { roles: { lead: { people: ['cleo'] } } })
    const run = await bot.start('mild')
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.eligible.map(({ id }) => id)).toEqual(['cleo'])
    expect(await bot.decide(run, ann)).toMatchObject({
      kind: 'refused',
      code: 'approval.missing-role',
      message: expect.stringContaining('permissions.rules careful'),
    })
    await bot.decide(run, cleo)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('is about the steps of each gate: who may not help with one may help with the other', async () => {
    const wipes = { name: 'wipes', verbs: ['approve'], effects: ['irreversible'], who: ['lead'] }
    await botWith([wipes], { roles: { lead: { people: ['cleo'] } } })
    const run = await bot.start('gates')
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.eligible.map(({ id }) => id)).toContain('ann')
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'counted', still: ['1 of 1 approver for burn'] })
    expect(await bot.decide(run, bob)).toMatchObject({ kind: 'counted', still: ['1 of 1 approver for burn'] })
    expect(await bot.decide(run, cleo)).toMatchObject({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('is judged again when it happens, by the configuration of that moment', async () => {
    await botWith([])
    const run = await bot.start('mild')
    const { waitingFor } = await bot.waiting(run)
    await bot.firebreak.freeze(ann, 'wait')
    await bot.decide(run, bob)
    await bot.until(run, 'running')
    const roles = { lead: { people: ['cleo'] } }
    const environments = { production: ['aws/toy'] }
    bot = await bot.restart({ config: { environments, roles, permissions: { rules: [careful] } } })
    await thaw(bot.firebreak, 'go')
    await bot.waiting(run, waitingFor.request)
    expect(applied(toy)).toEqual([])
    await bot.decide(run, cleo)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })
})

describe('an alert', () => {
  const source = 'alertmanager'
  const route = { name: 'auto', source, match: { alertname: 'Auto' }, mode: 'auto', playbook: 'both' }
  const withRoute = (more: object) => ({
    alerts: { sources: { [source]: { auth: 'none' } }, routes: [{ ...route, ...more }] },
  })
  const send = async () => {
    const labels = { alertname: 'Auto' }
    const body = {
      alerts: [{ status: 'firing', fingerprint: 'f', startsAt: '2026-01-01T00:00:00Z', labels }],
    }
    const [outcome] = await bot.firebreak.alert(source, Buffer.from(JSON.stringify(body)))
    return outcome
  }

  it('acts with the authority of its route, and asks people about what is beyond it', async () => {
    await botWith(
      [],
      withRoute({ authority: { effects: ['reversible'], ask: { from: 'approver', count: 2 } } }),
    )
    const run = (await send())?.run ?? ''
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.missing).toEqual(['2 of 2 approvers for burn (route/auto)'])
    expect(applied(toy)).toEqual([])
    await bot.decide(run, ann)
    await bot.decide(run, bob)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('that is proposed is approved for what it would do, not for what it reads', async () => {
    const readers = { name: 'readers', verbs: ['approve'], effects: ['read'], who: [] }
    await botWith([readers], withRoute({ mode: 'propose', playbook: 'looks' }))
    const run = (await send())?.run ?? ''
    await bot.waiting(run)
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('starts nothing where nobody may, and the reason is kept', async () => {
    await botWith([{ name: 'never', verbs: ['run'], effects: ['irreversible'], who: [] }], withRoute({}))
    expect(await send()).toMatchObject({
      decision: 'refused',
      reason: expect.stringMatching(/authority\.route.*rules never/),
    })
    expect(applied(toy)).toEqual([])
  })
})

describe('roles by Slack groups', () => {
  const withGroups = {
    slack: { botToken: { env: 'B' }, appToken: { env: 'A' }, channel: 'C0X' },
    people: people.map((person) => ({ ...person, roles: person.id === 'oli' ? ['approver'] : [] })),
    roles: { approver: { slackGroups: ['S0APPROVE'] }, responder: { slackGroups: ['S0RESPOND'] } },
  }
  let groups: { [group: string]: Members }
  const directory: Directory = {
    standing: async () => 'member',
    members: async (group) => groups[group] ?? { unknown: 'no_such_subteam' },
  }
  const everybody = (): void => {
    groups = { S0APPROVE: { members: ['U0ANN', 'U0BOB', 'U0CLEO'] }, S0RESPOND: { members: ['U0RITA'] } }
  }
  const unreachable = (): void => {
    groups = { S0APPROVE: { unknown: 'timeout' }, S0RESPOND: { unknown: 'timeout' } }
  }

  it('let people run and approve, by a click or a signature', async () => {
    everybody()
    await botWith([], withGroups)
    bot.app.useDirectory(directory)
    const run = await bot.start('mild')
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.eligible.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['ann', 'bob', 'cleo', 'oli']),
    )
    // Who is in the group is asked again by then.
    bot.forward(61_000)
    const { message } = await bot.firebreak.challenge({ kind: 'approve', run })
    const signed = await bot.firebreak.signed({ message, signature: keys.ann.sign(message) })
    expect(signed).toMatchObject({ kind: 'counted' })
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(await refused(bot.start('mild', {}, slack('gus')))).toMatchObject({
      code: 'authority.missing-role',
    })
  })

  it('an account that is bound to no person has none, in whatever group it is', async () => {
    groups = { S0APPROVE: { members: ['U0MALLORY'] }, S0RESPOND: { members: ['U0MALLORY'] } }
    await botWith([], withGroups)
    bot.app.useDirectory(directory)
    for (const by of [slack('mallory'), ssh(keys.mallory)]) {
      // oxlint-disable-next-line no-await-in-loop -- one account after the other
      expect(await refused(bot.start('mild', {}, by))).toMatchObject({ code: 'authority.unknown-account' })
    }
  })

  it('an approver who leaves the group before it happens has approved nothing', async () => {
    everybody()
    await botWith([], { ...withGroups, guardrails: { thaw: { count: 1 } } })
    bot.app.useDirectory(directory)
    const run = await bot.start('mild')
    const { waitingFor } = await bot.waiting(run)
    await bot.firebreak.freeze(rita, 'wait')
    await bot.decide(run, bob)
    await bot.until(run, 'running')
    groups['S0APPROVE'] = { members: ['U0ANN'] }
    bot.forward(61_000)
    await bot.firebreak.thaw(ann, 'go', clicked)
    await bot.waiting(run, waitingFor.request)
    expect(applied(toy)).toEqual([])
    expect(await bot.decide(run, bob)).toMatchObject({ kind: 'refused', code: 'approval.missing-role' })
    await bot.decide(run, ann)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it.each([
    ['leaves it while an earlier step acts has approved nothing of what comes', ['U0ANN'], 'asked'],
    ['stays in it is asked about once', ['U0ANN', 'U0BOB'], 'over'],
  ] as const)('an approver who %s', async (_, members, end) => {
    everybody()
    await botWith([], withGroups)
    bot.app.useDirectory(directory)
    const gone = Promise.withResolvers<void>()
    const acting = Promise.withResolvers<void>()
    toy.apply = async (lamp, value) => {
      if (lamp === 'a') {
        acting.resolve()
        await gone.promise
      }
      toy.lamps.set(lamp, value)
    }
    const run = await bot.start('slow')
    const { waitingFor } = await bot.waiting(run)
    await bot.decide(run, bob)
    await acting.promise
    groups['S0APPROVE'] = { members }
    bot.forward(61_000)
    gone.resolve()
    if (end === 'asked') {
      await bot.waiting(run, waitingFor.request)
      expect(toy.lamps.get('b')).toBe('on')
      await bot.decide(run, ann)
    }
    const { state } = await bot.over(run)
    expect([state.status, state.approvals.length]).toEqual(['succeeded', end === 'asked' ? 2 : 1])
  })

  it('that nobody can read now are enough to plan, to freeze and to cancel, and for nothing that is risky', async () => {
    everybody()
    await botWith([], withGroups)
    bot.app.useDirectory(directory)
    const run = await bot.start('mild')
    await bot.waiting(run)
    const other = await bot.start('gates')
    await bot.waiting(other)
    unreachable()
    bot.forward(5 * 60_000)
    const unknown = { code: 'authority.group-unknown', message: expect.stringContaining('timeout') }
    expect(await refused(bot.start('mild'))).toMatchObject(unknown)
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'refused', ...unknown })
    expect((await bot.plan('mild')).state.status).toBe('planned')
    await bot.firebreak.freeze(rita, 'stop')
    expect(await refused(bot.firebreak.thaw(ann, 'go', clicked))).toMatchObject(unknown)
    expect(await bot.decide(run, ann, { decision: 'reject', reason: 'no' })).toMatchObject({
      kind: 'counted',
    })
    await bot.firebreak.cancel(other, rita, 'stop')
    // Who has the role by name needs no Slack.
    await bot.firebreak.thaw(slack('oli'), 'go', clicked)
    bot.forward(6 * 60_000)
    expect(await refused(bot.plan('mild'))).toMatchObject(unknown)
    expect(applied(toy)).toEqual([])
  })
})
