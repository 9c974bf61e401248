import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { onCallParts } from '../../src/app/on-call.ts'
import { createPeople } from '../../src/app/people.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { OpsgenieSandbox } from '../../src/sandbox/opsgenie/server.ts'
import type { PagerDutySandbox } from '../../src/sandbox/pagerduty/server.ts'
import { eventually } from '../support/eventually.ts'
import { HOUR_MS, SCHEDULE, startedOpsgenie, startedPagerDuty, TEAM_SCHEDULE } from '../support/on-call.ts'

const start = new Date('2026-03-06T12:00:00Z').getTime()
let now = start
const clock = { now: () => now }
let pagerduty: PagerDutySandbox
let opsgenie: OpsgenieSandbox
beforeAll(async () => {
  pagerduty = await startedPagerDuty(new Date(start), () => new Date(now))
  opsgenie = await startedOpsgenie(new Date(start), () => new Date(now))
})
afterEach(() => {
  now = start
  pagerduty.faults.clear()
  opsgenie.faults.clear()
})
afterAll(() => Promise.all([pagerduty.close(), opsgenie.close()]))

const bySchedules = `pagerduty/${SCHEDULE}, opsgenie/${TEAM_SCHEDULE}`

function configWith(schedules = bySchedules) {
  const text = `
people:
  - { id: pat, name: Pat, pagerduty: PXPGF42 }
  - { id: olga, name: Olga, opsgenie: olga@example.com }
onCall:
  pagerduty: { token: { env: PD }, url: "${pagerduty.url}" }
  opsgenie: { key: { env: OG }, url: "${opsgenie.url}" }
roles:
  oncall: { people: [pat], schedules: [${schedules}] }
  responder: { people: [pat], schedules: [${schedules}] }
`
  return parseConfig(text, 'firebreak.yaml', { PD: pagerduty.token, OG: opsgenie.key })
}

describe('doctor', () => {
  it('shows each schedule that gives a role, once, and who is on call by it', async () => {
    expect(await onCallParts(configWith(), clock)).toEqual([
      { name: `pagerduty/${SCHEDULE}`, identity: 'on call now: pat', ok: true },
      { name: `opsgenie/${TEAM_SCHEDULE}`, identity: 'on call now: olga', ok: true },
    ])
  })

  it('shows who is on call and bound to nobody, and where nobody is, what that may mean', async () => {
    now += HOUR_MS
    const [one, other] = await onCallParts(configWith(), clock)
    expect(one).toMatchObject({
      ok: false,
      detail: 'bound to no person: PT23IWX',
      remedy: expect.stringMatching(/^Add pagerduty:/),
    })
    expect(other).toMatchObject({ ok: false, detail: 'bound to no person: otto@example.com' })
    const [empty] = await onCallParts(configWith('pagerduty/PIDLE01'), clock)
    expect(empty).toMatchObject({
      identity: 'on call now: nobody who is known',
      ok: true,
      detail: expect.stringContaining('no escalation policy'),
    })
  })

  it('shows why a system does not answer, without its credentials', async () => {
    pagerduty.faults.add({ kind: 'answer', status: 403, text: pagerduty.token }, 1)
    const parts = await onCallParts(configWith(), clock)
    expect(parts).toMatchObject([
      {
        ok: false,
        detail: 'it answers 403: the credentials do not allow it',
        remedy: expect.stringContaining('onCall.pagerduty'),
      },
      { ok: true },
    ])
    expect(JSON.stringify(parts)).not.toContain(pagerduty.token)
  })

  it('shows a system of which no role names a schedule, and asks it nothing', async () => {
    const asked = opsgenie.requests.length
    const parts = await onCallParts(configWith(`pagerduty/${SCHEDULE}`), clock)
    expect(parts[1]).toEqual({ name: 'opsgenie', identity: 'no role names a schedule of it', ok: true })
    expect(opsgenie.requests).toHaveLength(asked)
  })
})

describe('who is on call', () => {
  it('is asked from time to time though nobody wants to know, so that it is known when a system fails', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const stop = new AbortController()
      const given = { config: configWith(), clock, localOwner: false, stopping: stop.signal }
      const { authorities } = createPeople(given)
      const before = pagerduty.requests.length
      const known = () => eventually(() => authorities.now().doubt('oncall') === undefined)
      await known()
      for (let minute = 2; minute <= 8; minute += 2) {
        now += 2 * 60_000
        vi.advanceTimersByTime(2 * 60_000)
        // oxlint-disable-next-line no-await-in-loop -- one time after the other
        await known()
      }
      expect(pagerduty.requests).toHaveLength(before + 5)
      pagerduty.faults.add({ kind: 'error', status: 503 })
      now += 9 * 60_000
      await authorities.refresh()
      const pat = configWith().people.find(({ id }) => id === 'pat')
      expect(pat && authorities.now().remembered(pat)).toContain('oncall')
      stop.abort()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
