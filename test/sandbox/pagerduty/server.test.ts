import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PagerDutySandbox } from '../../../src/sandbox/pagerduty/server.ts'
import { HOUR_MS, SCHEDULE, startedPagerDuty } from '../../support/on-call.ts'

// Each behaviour with the page of developer.pagerduty.com that says so.

let pagerduty: PagerDutySandbox
let now: Date
beforeEach(async () => {
  now = new Date('2026-03-06T12:00:00Z')
  pagerduty = await startedPagerDuty(now, () => now)
})
afterEach(() => pagerduty.close())

const accept = 'application/vnd.pagerduty+json;version=2'

async function get(query: string, headers: { [name: string]: string } = {}, path = '/oncalls') {
  const authorization = `Token token=${pagerduty.token}`
  const response = await fetch(`${pagerduty.url}${path}${query}`, {
    headers: { accept, authorization, ...headers },
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

const ofSchedule = `?schedule_ids[]=${SCHEDULE}&time_zone=UTC`

describe('the PagerDuty stand-in', () => {
  it('lists on-calls in the shape of the example ("List all of the on-calls")', async () => {
    const { status, body } = await get(ofSchedule)
    expect(status).toBe(200)
    expect({ ...body, oncalls: body.oncalls.slice(0, 1) }).toEqual({
      oncalls: [
        {
          user: {
            id: 'PXPGF42',
            type: 'user_reference',
            summary: 'Pat',
            self: 'https://api.pagerduty.com/users/PXPGF42',
            html_url: 'https://subdomain.pagerduty.com/users/PXPGF42',
          },
          schedule: {
            id: 'PI7DH85',
            type: 'schedule_reference',
            summary: 'Daily Engineering Rotation',
            self: 'https://api.pagerduty.com/schedules/PI7DH85',
            html_url: 'https://subdomain.pagerduty.com/schedules/PI7DH85',
          },
          escalation_policy: {
            id: 'PT20YPA',
            type: 'escalation_policy_reference',
            summary: 'Engineering',
            self: 'https://api.pagerduty.com/escalation_policies/PT20YPA',
            html_url: 'https://subdomain.pagerduty.com/escalation_policies/PT20YPA',
          },
          escalation_level: 1,
          start: '2026-03-06T11:00:00Z',
          end: '2026-03-06T13:00:00Z',
        },
      ],
      limit: 25,
      offset: 0,
      more: false,
      total: null,
    })
  })

  it('lists a schedule once for each level that names it ("API Concepts", On-Calls)', async () => {
    const { body } = await get(ofSchedule)
    expect(body.oncalls.map((entry: { escalation_level: number }) => entry.escalation_level)).toEqual([1, 2])
  })

  it('lists who is on call now, and without an end who does not go off call', async () => {
    now = new Date(now.getTime() + HOUR_MS)
    const { body } = await get(ofSchedule)
    expect(body.oncalls[0]).toMatchObject({
      user: { id: 'PT23IWX' },
      start: '2026-03-06T13:00:00Z',
      end: null,
    })
  })

  it('has no on-calls for a schedule in no policy, nor for one that is not there: they are computed and filtered', async () => {
    // github.com/sergiitk/pagerbeauty, issue 103
    expect((await get('?schedule_ids[]=PIDLE01&time_zone=UTC')).body.oncalls).toEqual([])
    expect(await get('?schedule_ids[]=PNOSUCH&time_zone=UTC')).toMatchObject({
      status: 200,
      body: { oncalls: [] },
    })
  })

  it('without a filter lists also who is always on call, by no schedule', async () => {
    const { body } = await get('?time_zone=UTC&total=true')
    expect(body).toMatchObject({ total: 4 })
    expect(body.oncalls[1]).toMatchObject({ user: { id: 'PAM4FGS' }, schedule: null, start: null, end: null })
  })

  it('gives pages, and at most 10,000 entries by pages ("Pagination")', async () => {
    expect((await get(`${ofSchedule}&limit=1`)).body).toMatchObject({ limit: 1, offset: 0, more: true })
    const last = await get(`${ofSchedule}&limit=1&offset=1`)
    expect(last.body).toMatchObject({ offset: 1, more: false, oncalls: [{ escalation_level: 2 }] })
    expect(await get(`${ofSchedule}&limit=100&offset=9901`)).toMatchObject({ status: 400 })
  })

  it.each([
    ['no header', { authorization: '' }],
    ['another token', { authorization: 'Token token=other' }],
    ['another form', { authorization: 'Bearer y_NbAkKc66ryYTWUXYEu' }],
  ])('refuses %s with 401 ("Authentication", "Errors" 2006)', async (_, headers) => {
    expect(await get(ofSchedule, headers)).toMatchObject({
      status: 401,
      body: { error: { code: 2006, message: 'Authentication failed' } },
    })
  })

  it('says with 429 in how many seconds to come back, or says nothing ("REST API Rate Limits")', async () => {
    pagerduty.faults.add({ kind: 'throttle', seconds: 20 }, 1)
    pagerduty.faults.add({ kind: 'throttle', seconds: 20, bare: true }, 1)
    const limited = await get(ofSchedule)
    expect(limited).toMatchObject({
      status: 429,
      body: { error: { message: 'Rate Limit Exceeded', code: 2020 } },
    })
    expect(limited.headers.get('ratelimit-reset')).toBe('20')
    const bare = await get(ofSchedule)
    expect(bare).toMatchObject({ status: 429, body: undefined })
    expect(bare.headers.get('ratelimit-reset')).toBeNull()
    expect((await get(ofSchedule)).status).toBe(200)
  })

  it.each<[string, Parameters<typeof get>]>([
    ['another parameter', [`${ofSchedule}&earliest=true`]],
    ['another time zone', [`?schedule_ids[]=${SCHEDULE}`]],
    ['a larger page', [`${ofSchedule}&limit=101`]],
    ['another version', [ofSchedule, { accept: 'application/json' }]],
    ['another path', ['', {}, '/schedules']],
  ])('says that it does not model %s', async (_, request) => {
    expect(await get(...request)).toMatchObject({
      status: 501,
      body: { error: { message: expect.stringContaining('does not model') } },
    })
  })

  it('fails when it is told to, and remembers what it was asked without the token', async () => {
    pagerduty.faults.add({ kind: 'error', status: 503 }, 1)
    pagerduty.faults.add({ kind: 'lost-answer' }, 1)
    pagerduty.faults.add({ kind: 'latency', ms: 1 }, 1)
    expect(await get(ofSchedule)).toMatchObject({ status: 503, body: { error: { code: 2000 } } })
    await expect(get(ofSchedule)).rejects.toThrow('fetch failed')
    expect((await get(ofSchedule)).status).toBe(200)
    expect(pagerduty.requests.map(({ status }) => status)).toEqual([503, 0, 200])
    expect(JSON.stringify(pagerduty.requests)).not.toContain(pagerduty.token)
  })
})
