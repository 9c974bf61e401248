import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Account } from '../../src/core/person.ts'
import type { OpsgenieSandbox } from '../../src/sandbox/opsgenie/server.ts'
import type { PagerDutySandbox } from '../../src/sandbox/pagerduty/server.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { HOUR_MS, SCHEDULE, startedOpsgenie, startedPagerDuty, TEAM_SCHEDULE } from '../support/on-call.ts'
import { ann, keys, rita, slack, ssh } from '../support/people.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// Roles by who is on call, through the door of every surface, with real clients and the stand-ins at the wire.

let bot: Bot
let toy: Toy
let pagerduty: PagerDutySandbox
let opsgenie: OpsgenieSandbox
let ahead = 0

const [pat, lee, olga] = [slack('pat'), slack('lee'), slack('olga')]
const people = [
  { id: 'pat', name: 'Pat', slack: 'U0PAT', pagerduty: 'PXPGF42', sshKeys: [keys.ann.line] },
  { id: 'lee', name: 'Lee', slack: 'U0LEE', pagerduty: 'PT23IWX' },
  { id: 'olga', name: 'Olga', slack: 'U0OLGA', opsgenie: 'OLGA@example.com' },
  { id: 'rita', name: 'Rita', roles: ['responder'], slack: 'U0RITA' },
  { id: 'ann', name: 'Ann', roles: ['responder', 'oncall'], slack: 'U0ANN' },
]

const anybody = () => ['responder', 'oncall']
const set = (count = 1) => ({
  action: 'toy.set',
  with: { lamp: 'b', value: 'off' },
  approve: { from: 'oncall', count, within: '3h' },
})
const burn = { action: 'toy.burn', with: { lamp: 'a', value: 'ashes' } }
const texts = [
  playbook('mild', { set: set() }),
  playbook('both', { set: set(2) }),
  playbook('slow', { burn, set: { ...set(), after: ['burn'] } }),
]

beforeEach(async () => {
  ahead = 0
  toy = createToy({ a: 'on', b: 'on' })
  const clock = () => new Date(Date.now() + ahead)
  pagerduty = await startedPagerDuty(clock(), clock)
  opsgenie = await startedOpsgenie(clock(), clock)
  bot = await startBot({
    actions: toyActions(toy),
    playbooks: texts,
    config: {
      people,
      onCall: {
        pagerduty: { token: { env: 'PD' }, url: pagerduty.url },
        opsgenie: { key: { env: 'OG' }, url: opsgenie.url },
      },
      roles: { oncall: { schedules: [`pagerduty/${SCHEDULE}`, `opsgenie/${TEAM_SCHEDULE}`] } },
      permissions: { plan: anybody(), run: anybody(), cancel: ['oncall'], freeze: ['oncall'] },
    },
    env: { PD: pagerduty.token, OG: opsgenie.key },
  })
})
afterEach(() => Promise.all([bot.close(), pagerduty.close(), opsgenie.close()]))

function forward(ms: number): void {
  ahead += ms
  bot.forward(ms)
}

/** Nobody can say any more who is on call by PagerDuty. */
function breakPagerDuty(): void {
  pagerduty.faults.add({ kind: 'error', status: 503 })
}

async function refused(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'it was allowed',
    (error: unknown) => error,
  )
}

const missingRole = { code: 'authority.missing-role' }
const unknown = {
  code: 'authority.group-unknown',
  message: expect.stringMatching(
    /PagerDuty cannot be asked who is on call in PI7DH85 of oncall \(it answers 503\)/,
  ),
}
const freeze = (by: Account) => bot.firebreak.freeze(by, 'something is wrong')

describe('who is on call', () => {
  it('approves, by whichever system they are on call, and nobody else does', async () => {
    const run = await bot.start('both')
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.eligible.map(({ id }) => id).toSorted()).toEqual(['ann', 'olga', 'pat'])
    const other = await bot.decide(run, lee)
    expect(other).toMatchObject({ kind: 'refused', code: 'approval.missing-role' })
    expect(await bot.decide(run, pat)).toMatchObject({ kind: 'counted' })
    expect(applied(toy)).toEqual([])
    expect(await bot.decide(run, olga)).toMatchObject({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('counts once, by whichever of their accounts', async () => {
    const run = await bot.start('both')
    await bot.waiting(run)
    await bot.decide(run, pat)
    const { message } = await bot.firebreak.challenge({ kind: 'approve', run })
    const signed = await bot.firebreak.signed({ message, signature: keys.ann.sign(message) })
    expect(signed).toMatchObject({ kind: 'refused', code: 'approval.twice' })
    // Nor does anybody approve what they asked for.
    const own = await bot.start('mild', {}, ssh(keys.ann))
    await bot.waiting(own)
    expect(await bot.decide(own, pat)).toMatchObject({ kind: 'refused', code: 'approval.own-request' })
    expect(applied(toy)).toEqual([])
  })

  it('freezes; when the shift is over the next one does, and who went off call does not', async () => {
    expect(await refused(freeze(lee))).toMatchObject(missingRole)
    await freeze(pat)
    forward(HOUR_MS)
    expect(await refused(freeze(pat))).toMatchObject(missingRole)
    await freeze(lee)
    const set = (await bot.all()).filter(({ type }) => type === 'freeze.set')
    expect(set.map(({ actor }) => actor)).toMatchObject([{ person: 'pat' }, { person: 'lee' }])
  })

  it('is known to the moment at which a shift ends, though that was asked seconds before', async () => {
    forward(HOUR_MS - 20_000)
    await bot.plan('mild', {}, pat)
    const asked = pagerduty.requests.length
    await bot.plan('mild', {}, pat)
    expect(pagerduty.requests).toHaveLength(asked)
    forward(30_000)
    expect(await refused(bot.start('mild', {}, pat))).toMatchObject(missingRole)
    await bot.start('mild', {}, lee)
  })

  it('at the moment of effect: an approver who has gone off call has approved nothing of what comes', async () => {
    const over = Promise.withResolvers<void>()
    const acting = Promise.withResolvers<void>()
    toy.apply = async (lamp, value) => {
      if (lamp === 'a') {
        acting.resolve()
        await over.promise
      }
      toy.lamps.set(lamp, value)
    }
    const run = await bot.start('slow')
    const { waitingFor } = await bot.waiting(run)
    await bot.decide(run, pat)
    await acting.promise
    forward(HOUR_MS)
    over.resolve()
    await bot.waiting(run, waitingFor.request)
    expect(toy.lamps.get('b')).toBe('on')
    expect(await bot.decide(run, pat)).toMatchObject({ kind: 'refused', code: 'approval.missing-role' })
    expect(await bot.decide(run, lee)).toMatchObject({ kind: 'counted' })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('and is bound to no person has no role by that', async () => {
    const shift = { user: 'PAM4FGS', start: new Date(0) }
    pagerduty.state.schedules.set(SCHEDULE, { name: 'Max alone', shifts: [shift] })
    forward(61_000)
    expect(await refused(freeze(slack('max')))).toMatchObject({ code: 'authority.unknown-account' })
    expect(await refused(freeze(pat))).toMatchObject(missingRole)
  })
})

describe('an on-call system that is down', () => {
  it('leaves to who was on call what makes nothing worse, and nothing that is risky', async () => {
    const waits = await bot.start('mild')
    await bot.waiting(waits)
    breakPagerDuty()
    forward(5 * 60_000)
    expect(await refused(bot.start('mild', {}, pat))).toMatchObject(unknown)
    expect(await bot.decide(waits, pat)).toMatchObject({ kind: 'refused', ...unknown })
    expect((await bot.plan('mild', {}, pat)).state.status).toBe('planned')
    await freeze(pat)
    await bot.firebreak.cancel(waits, pat, 'stop')
    // What was known is no longer worth anything.
    forward(6 * 60_000)
    expect(await refused(freeze(pat))).toMatchObject(unknown)
    expect(applied(toy)).toEqual([])
  })

  it('does not stand in the way of those who have the role by the other one, or by name', async () => {
    breakPagerDuty()
    forward(5 * 60_000)
    const run = await bot.start('both')
    await bot.waiting(run)
    expect(await bot.decide(run, olga)).toMatchObject({ kind: 'counted' })
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'counted', still: [] })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('when a shift ends: who was on call still freezes for a while, and no longer runs anything', async () => {
    forward(HOUR_MS - 30_000)
    await bot.plan('mild', {}, pat)
    breakPagerDuty()
    forward(40_000)
    expect(await refused(bot.start('mild', {}, pat))).toMatchObject(unknown)
    expect(await refused(bot.start('mild', {}, lee))).toMatchObject(unknown)
    await freeze(pat)
  })

  it('is asked again as soon as it wants to be', async () => {
    pagerduty.faults.add({ kind: 'throttle', seconds: 30 }, 1)
    forward(61_000)
    const limited = { code: 'authority.group-unknown', message: expect.stringContaining('fewer requests') }
    expect(await refused(bot.start('mild', {}, pat))).toMatchObject(limited)
    const asked = pagerduty.requests.length
    forward(20_000)
    expect(await refused(bot.start('mild', {}, pat))).toMatchObject(limited)
    expect(pagerduty.requests).toHaveLength(asked)
    forward(10_000)
    await bot.waiting(await bot.start('mild', {}, pat))
  })

  it.each([
    ['that is no JSON', 'PXPGF42 is on call'],
    ['of another shape', '{"oncalls":["PXPGF42"],"more":false}'],
    ['without its end', '{"oncalls":[{"user":{"id":"PXPGF42"},"schedule":{"id":"PI7DH85"}}'],
  ])('gives nobody a role by an answer %s', async (_, text) => {
    pagerduty.faults.add({ kind: 'answer', status: 200, text })
    forward(61_000)
    expect(await refused(bot.start('mild', {}, pat))).toMatchObject({ code: 'authority.group-unknown' })
  })

  it('is told of without its credentials', async () => {
    pagerduty.faults.add({ kind: 'answer', status: 401, text: pagerduty.token })
    forward(61_000)
    await refused(bot.start('mild', {}, pat))
    await refused(bot.start('mild', {}, rita))
    const all = JSON.stringify([await bot.all(), bot.logged, pagerduty.requests])
    expect(all).toContain('it refuses the credentials')
    expect(all).not.toContain(pagerduty.token)
    expect(await refused(bot.start('mild', {}, ann))).toBe('it was allowed')
  })
})
