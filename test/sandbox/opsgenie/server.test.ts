import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpsgenieSandbox } from '../../../src/sandbox/opsgenie/server.ts'
import { HOUR_MS, startedOpsgenie, TEAM_SCHEDULE } from '../../support/on-call.ts'

// Each behaviour with the page of docs.opsgenie.com that says so.

let opsgenie: OpsgenieSandbox
let now: Date
beforeEach(async () => {
  now = new Date('2026-03-06T12:00:00Z')
  opsgenie = await startedOpsgenie(now, () => now)
})
afterEach(() => opsgenie.close())

async function get(path: string, authorization = `GenieKey ${opsgenie.key}`) {
  const response = await fetch(`${opsgenie.url}${path}`, { headers: { authorization } })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

const path = `/v2/schedules/${TEAM_SCHEDULE}/on-calls?scheduleIdentifierType=id&flat=true`
const named = { took: expect.any(Number), requestId: expect.any(String) }

describe('the Opsgenie stand-in', () => {
  it('tells the user names in the shape of the example ("Who is on Call API", flat = true)', async () => {
    const { status, headers, body } = await get(path)
    expect(status).toBe(200)
    expect(body).toEqual({
      data: {
        _parent: { id: TEAM_SCHEDULE, name: 'ScheduleName', enabled: true },
        onCallRecipients: ['Olga@example.com'],
      },
      ...named,
    })
    // "Response": each answer is named in a header too.
    expect(headers.get('X-Request-ID')).toBe(body.requestId)
  })

  it('tells who is on call at the moment of the request, also by the name of the schedule', async () => {
    now = new Date(now.getTime() + HOUR_MS)
    const { body } = await get('/v2/schedules/ScheduleName/on-calls?scheduleIdentifierType=name&flat=true')
    expect(body.data.onCallRecipients).toEqual(['otto@example.com'])
  })

  it('refuses another key with 401 ("Response")', async () => {
    for (const wrong of ['GenieKey other', `Bearer ${opsgenie.key}`]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await get(path, wrong)).toMatchObject({
        status: 401,
        body: { message: 'Could not authenticate', ...named },
      })
    }
  })

  it('answers 404 for a schedule that it does not have, and for another path ("Response")', async () => {
    const other = path.replace('d875', 'd876')
    expect(await get(other)).toMatchObject({
      status: 404,
      body: { message: 'Schedule is not found', ...named },
    })
    expect(await get('/v2/teams')).toMatchObject({ status: 404, body: { message: 'No handler found' } })
  })

  it('answers 403 with 40301 where the team of the key may not see the schedule ("Who is on Call API")', async () => {
    opsgenie.state.schedules.set('hidden-one', { name: 'h', enabled: true, shifts: [], hidden: true })
    expect(await get('/v2/schedules/hidden-one/on-calls?flat=true')).toMatchObject({
      status: 403,
      body: { code: 40301 },
    })
  })

  it('says with 429 for how many seconds, or says nothing (opsgenie-go-sdk-v2, client tests)', async () => {
    opsgenie.faults.add({ kind: 'throttle', seconds: 60 }, 1)
    opsgenie.faults.add({ kind: 'throttle', seconds: 60, bare: true }, 1)
    const limited = await get(path)
    expect(limited.status).toBe(429)
    expect(limited.headers.get('X-RateLimit-State')).toBe('THROTTLED')
    expect(limited.headers.get('X-RateLimit-Period-In-Sec')).toBe('60')
    expect((await get(path)).headers.get('X-RateLimit-Period-In-Sec')).toBeNull()
  })

  it.each([
    ['the tree of participants', path.replace('&flat=true', '')],
    ['another moment', `${path}&date=2017-01-15T08:00:00Z`],
    ['another kind of identifier', path.replace('=id', '=alias')],
  ])('says that it does not model %s', async (_, odd) => {
    expect(await get(odd)).toMatchObject({
      status: 501,
      body: { message: expect.stringContaining('does not model') },
    })
  })

  it('fails when it is told to, and remembers what it was asked without the key', async () => {
    opsgenie.faults.add({ kind: 'error', status: 500 }, 1)
    opsgenie.faults.add({ kind: 'lost-answer' }, 1)
    expect((await get(path)).status).toBe(500)
    await expect(get(path)).rejects.toThrow('fetch failed')
    expect(opsgenie.requests.map(({ status }) => status)).toEqual([500, 0])
    expect(JSON.stringify(opsgenie.requests)).not.toContain(opsgenie.key)
  })
})
