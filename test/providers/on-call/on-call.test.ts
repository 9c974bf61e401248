import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Members, OnCall } from '../../../src/core/ports.ts'
import { Secret } from '../../../src/core/secret.ts'
import { connectOpsgenie } from '../../../src/providers/on-call/opsgenie.ts'
import { connectPagerDuty } from '../../../src/providers/on-call/pagerduty.ts'
import type { Sandbox } from '../../../src/sandbox/on-call/server.ts'
import type { OpsgenieSandbox } from '../../../src/sandbox/opsgenie/server.ts'
import type { PagerDutySandbox } from '../../../src/sandbox/pagerduty/server.ts'
import { HOUR_MS, SCHEDULE, startedOpsgenie, startedPagerDuty, TEAM_SCHEDULE } from '../../support/on-call.ts'

const start = new Date('2026-03-06T12:00:00Z').getTime()
let now = start
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

const clock = { now: () => now }
const asPagerDuty = (more: { url?: string; token?: string } = {}): OnCall =>
  connectPagerDuty(
    { token: new Secret(more.token ?? pagerduty.token), url: more.url ?? pagerduty.url },
    clock,
  )
const asOpsgenie = (more: { url?: string; token?: string } = {}): OnCall =>
  connectOpsgenie({ key: new Secret(more.token ?? opsgenie.key), url: more.url ?? opsgenie.url })

type System = {
  readonly name: string
  readonly sandbox: () => Sandbox & { readonly token?: string; readonly key?: string }
  readonly connect: (more?: { url?: string; token?: string }) => OnCall
  readonly schedule: string
  readonly members: readonly string[]
  readonly next: readonly string[]
}

const systems: readonly System[] = [
  {
    name: 'PagerDuty',
    sandbox: () => pagerduty,
    connect: asPagerDuty,
    schedule: SCHEDULE,
    members: ['PXPGF42'],
    next: ['PT23IWX'],
  },
  {
    name: 'Opsgenie',
    sandbox: () => opsgenie,
    connect: asOpsgenie,
    schedule: TEAM_SCHEDULE,
    members: ['olga@example.com'],
    next: ['otto@example.com'],
  },
]

/** Serves one answer for whatever is asked, and asks. */
async function answeredWith(
  { connect, schedule }: System,
  reply: { status?: number; headers?: { [name: string]: string }; text: string },
): Promise<Members> {
  const server = createServer((_, response) => {
    response.writeHead(reply.status ?? 200, reply.headers).end(reply.text)
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  try {
    return await connect({ url }).members(schedule)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe.each(systems)('$name tells', (system) => {
  const { sandbox, connect, schedule, members, next } = system

  it('who is on call now, and after the shift who is then', async () => {
    expect(await connect().members(schedule)).toMatchObject({ members })
    now += HOUR_MS
    expect(await connect().members(schedule)).toMatchObject({ members: next })
  })

  it.each<[string, string, Parameters<Sandbox['faults']['add']>[0]]>([
    ['that it fails', 'it answers 503', { kind: 'error', status: 503 }],
    ['of a lost answer', 'it cannot be reached (UND_ERR_SOCKET)', { kind: 'lost-answer' }],
    [
      'of an answer without JSON',
      'what it answers is not JSON',
      { kind: 'answer', status: 200, text: '<html>' },
    ],
    [
      'of an answer about something else',
      'it answers something else than who is on call',
      { kind: 'answer', status: 200, text: '{"data":[],"oncalls":{}}' },
    ],
    [
      'of a redirect, which it does not follow',
      'it answers 302, and redirects are not followed',
      { kind: 'answer', status: 302, text: '', headers: { location: 'http://127.0.0.1:1/' } },
    ],
  ])('nothing, and %s', async (_, unknown, fault) => {
    sandbox().faults.add(fault, 1)
    expect(await connect().members(schedule)).toEqual({ unknown })
    expect(await connect().members(schedule)).toMatchObject({ members })
  })

  it('nothing to other credentials, which stand in no answer and no request that is kept', async () => {
    const answer = await connect({ token: 'canary-7f3a' }).members(schedule)
    expect(answer).toEqual({ unknown: 'it answers 401: it refuses the credentials' })
    expect(JSON.stringify([answer, sandbox().requests])).not.toContain('canary-7f3a')
  })

  it('for how long it wants to be left alone, in its own header or the usual one', async () => {
    const unknown = 'it answers 429: it wants fewer requests'
    sandbox().faults.add({ kind: 'throttle', seconds: 20 }, 1)
    expect(await connect().members(schedule)).toEqual({ unknown, retryAfterMs: 20_000 })
    sandbox().faults.add({ kind: 'throttle', seconds: 20, bare: true }, 1)
    expect(await connect().members(schedule)).toEqual({ unknown })
    const usual = await answeredWith(system, { status: 429, headers: { 'retry-after': '7' }, text: '' })
    expect(usual).toEqual({ unknown, retryAfterMs: 7000 })
  })

  it('nothing by an answer that is too large to be one', async () => {
    const text = `{"oncalls":[],"more":false,"x":"${'x'.repeat(2 << 20)}"}`
    expect(await answeredWith(system, { text })).toEqual({ unknown: 'its answer is too large' })
  })

  it('nothing where nobody listens, and where nothing may be sent', async () => {
    const { url } = sandbox()
    const nobody = await connect({ url: url.replace(/\d+$/, '1') }).members(schedule)
    expect(nobody).toEqual({ unknown: expect.stringMatching(/^it cannot be reached \(ECONN/) })
    const metadata = await connect({ url: 'http://169.254.169.254' }).members(schedule)
    expect(metadata).toEqual({ unknown: '169.254.169.254 is a link-local or metadata address' })
  })
})

describe('a system that never answers', () => {
  it('has said nothing in time', { timeout: 8000 }, async () => {
    const asked = systems.map(({ sandbox, connect, schedule }) => {
      sandbox().faults.add({ kind: 'hang' }, 1)
      return connect().members(schedule)
    })
    const silent = { unknown: 'it does not answer in time' }
    expect(await Promise.all(asked)).toEqual([silent, silent])
  })
})

const entry = (more: object) => ({
  user: { id: 'PXPGF42' },
  schedule: { id: SCHEDULE },
  start: null,
  end: null,
  ...more,
})

describe('PagerDuty', () => {
  it('is certain until the shift ends', async () => {
    expect(await asPagerDuty().members(SCHEDULE)).toEqual({ members: ['PXPGF42'], until: start + HOUR_MS })
    now += HOUR_MS
    expect(await asPagerDuty().members(SCHEDULE)).toEqual({ members: ['PT23IWX'] })
  })

  it('tells nobody for a schedule that is not there or in no policy, nor those who are always on call', async () => {
    expect(await asPagerDuty().members('PNOSUCH')).toEqual({ members: [] })
    expect(await asPagerDuty().members('PIDLE01')).toEqual({ members: [] })
  })

  it('is read to the last page', async () => {
    const { shifts } = pagerduty.state.schedules.get(SCHEDULE) ?? { shifts: [] }
    const crowd = Array.from({ length: 120 }, (_, n) => ({ user: `PUSER${n}`, start: new Date(0) }))
    pagerduty.state.schedules.set(SCHEDULE, { name: 'crowd', shifts: crowd })
    const before = pagerduty.requests.length
    const answer = await asPagerDuty().members(SCHEDULE)
    expect('members' in answer && answer.members).toHaveLength(120)
    expect(
      pagerduty.requests.slice(before).map(({ query }) => new URLSearchParams(query).get('offset')),
    ).toEqual(['0', '100', '200'])
    const many = Array.from({ length: 501 }, (_, n) => ({ user: `PUSER${n}`, start: new Date(0) }))
    pagerduty.state.schedules.set(SCHEDULE, { name: 'crowd', shifts: many })
    expect(await asPagerDuty().members(SCHEDULE)).toEqual({
      unknown: 'it lists more than 1000 entries of this schedule',
    })
    pagerduty.state.schedules.set(SCHEDULE, { name: 'as before', shifts })
  })

  const at = (ms: number) => new Date(start + ms).toISOString().replace('Z', '+00:00')
  it.each<[string, object, Members]>([
    ['an entry of another schedule', entry({ schedule: { id: 'POTHER' } }), { members: [] }],
    ['an entry by no schedule', entry({ schedule: null }), { members: [] }],
    [
      'a shift that begins later',
      entry({ start: at(9000), end: at(99_000) }),
      { members: [], until: start + 9000 },
    ],
    ['a shift that has ended by our clock', entry({ end: at(-1) }), { members: [], until: start + 5000 }],
    ['a shift that ends this moment', entry({ end: at(0) }), { members: [], until: start + 5000 }],
    ['a shift that begins this moment', entry({ start: at(0) }), { members: ['PXPGF42'] }],
  ])('does not count %s for longer than it is so', async (_, given, expected) => {
    const text = JSON.stringify({ oncalls: [given], more: false })
    const [system] = systems
    expect(await answeredWith(system!, { text })).toEqual(expected)
  })

  it.each([
    ['no word about more pages', { oncalls: [] }],
    ['a time that is none', { oncalls: [entry({ end: 'tomorrow' })], more: false }],
    ['a user without an id', { oncalls: [entry({ user: {} })], more: false }],
  ])('has said nothing where its answer has %s', async (_, body) => {
    const [system] = systems
    expect(await answeredWith(system!, { text: JSON.stringify(body) })).toHaveProperty('unknown')
  })
})

describe('Opsgenie', () => {
  it('knows no such schedule', async () => {
    expect(await asOpsgenie().members('d8750000-9b4e')).toEqual({
      unknown: 'it answers 404: it has no such schedule, or the address is wrong',
    })
  })

  it('calls nobody by a schedule that is switched off', async () => {
    const schedule = opsgenie.state.schedules.get(TEAM_SCHEDULE)
    if (schedule !== undefined) schedule.enabled = false
    expect(await asOpsgenie().members(TEAM_SCHEDULE)).toEqual({ members: [] })
    if (schedule !== undefined) schedule.enabled = true
  })

  it('has said nothing where its answer is about another schedule', async () => {
    const data = { _parent: { id: 'another', enabled: true }, onCallRecipients: ['olga@example.com'] }
    const system = systems[1]
    expect(await answeredWith(system!, { text: JSON.stringify({ data }) })).toHaveProperty('unknown')
  })
})
