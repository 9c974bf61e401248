import { serve, type Reply, type Request, type Sandbox, type Service } from '../on-call/server.ts'
import { isOn, type Shift } from '../on-call/shift.ts'

// Sources: developer.pagerduty.com, "List all of the on-calls", and its pages Authentication, Versioning, Pagination,
// Rate Limits and Errors. What is not written there, and what nobody here asks for, is refused with 501 in plain words.

type Schedule = { readonly name: string; shifts: readonly Shift[] }

/** One level of an escalation policy: whom it calls, by schedule or by user. */
type Rule = { readonly schedules?: readonly string[]; readonly users?: readonly string[] }

type Policy = { readonly name: string; readonly rules: readonly Rule[] }

type PagerDutyState = {
  /** Names of users by id. */
  readonly users: Map<string, string>
  readonly schedules: Map<string, Schedule>
  readonly policies: Map<string, Policy>
}

export type PagerDutySandbox = Sandbox & { readonly token: string; readonly state: PagerDutyState }

type Options = {
  readonly state: PagerDutyState
  readonly token?: string
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly clock?: () => Date
}

/** The example of "Authentication". */
const EXAMPLE_TOKEN = 'y_NbAkKc66ryYTWUXYEu'

/** A stand-in of the PagerDuty REST API v2 on 127.0.0.1: who is on call, for unmodified clients. */
export async function startPagerDuty({
  state,
  token = EXAMPLE_TOKEN,
  port = 0,
  ...more
}: Options): Promise<PagerDutySandbox> {
  const { clock = () => new Date() } = more
  const answer = (request: Request) => answerTo(request, { state, token, now: clock() })
  return { ...(await serve({ answer, refuse }, port)), token, state }
}

type Account = { readonly state: PagerDutyState; readonly token: string; readonly now: Date }

function answerTo(request: Request, account: Account): Reply {
  if (request.headers.authorization !== `Token token=${account.token}`)
    return failure(401, 2006, 'Authentication failed')
  if (request.headers.accept !== 'application/vnd.pagerduty+json;version=2')
    return notModelled('another version than 2')
  if (request.method !== 'GET' || request.path !== '/oncalls')
    return notModelled(`${request.method} ${request.path}`)
  return onCalls(request.query, account)
}

const modelled = new Set(['schedule_ids[]', 'time_zone', 'limit', 'offset', 'total'])

function onCalls(query: URLSearchParams, { state, now }: Account): Reply {
  const other = [...query.keys()].find((key) => !modelled.has(key))
  if (other !== undefined) return notModelled(other)
  if (query.get('time_zone') !== 'UTC') return notModelled('another time zone than UTC')
  const [limit, offset] = [Number(query.get('limit') ?? 25), Number(query.get('offset') ?? 0)]
  if (limit > 100) return notModelled('a limit above 100, which "cannot exceed 100"')
  if (offset + limit > 10_000) return failure(400, 2001, 'Invalid Input Provided')
  const all = entriesOf(state, now).filter(isWanted(query.getAll('schedule_ids[]')))
  const oncalls = all.slice(offset, offset + limit)
  const total = query.get('total') === 'true' ? all.length : null
  return { status: 200, body: { oncalls, limit, offset, more: offset + limit < all.length, total } }
}

type Entry = ReturnType<typeof entryOf>

/** A filter shows what fits it: of an id that is not there, nothing. */
function isWanted(ids: readonly string[]): (entry: Entry) => boolean {
  return ({ schedule }) => ids.length === 0 || (schedule !== null && ids.includes(schedule.id))
}

/** On-calls are computed from the levels of escalation policies: a schedule that is in none has no on-calls. */
function entriesOf(state: PagerDutyState, now: Date): Entry[] {
  return [...state.policies].flatMap(([id, { name, rules }]) =>
    rules.flatMap(({ schedules = [], users = [] }, at) => {
      const level = { policy: reference('escalation_policy', id, name), level: at + 1 }
      const byShift = schedules.flatMap((schedule) => shiftsOf(state, schedule, now))
      const always = users.map((user) => ({ user, schedule: null, start: null, end: null }))
      return [...byShift, ...always].map((on) => entryOf(state, level, on))
    }),
  )
}

type On = {
  readonly user: string
  readonly schedule: ReturnType<typeof reference> | null
  readonly start: string | null
  readonly end: string | null
}

function shiftsOf({ schedules }: PagerDutyState, id: string, now: Date): On[] {
  const schedule = schedules.get(id)
  if (schedule === undefined) return []
  return schedule.shifts
    .filter((shift) => isOn(shift, now))
    .map(({ user, start, end }) => ({
      user,
      schedule: reference('schedule', id, schedule.name),
      start: timeText(start),
      end: end === undefined ? null : timeText(end),
    }))
}

type Level = { readonly policy: ReturnType<typeof reference>; readonly level: number }

function entryOf({ users }: PagerDutyState, { policy, level }: Level, { user, schedule, start, end }: On) {
  return {
    escalation_policy: policy,
    escalation_level: level,
    schedule,
    user: reference('user', user, users.get(user) ?? user),
    start,
    end,
  }
}

const folders = { user: 'users', schedule: 'schedules', escalation_policy: 'escalation_policies' } as const

function reference(type: keyof typeof folders, id: string, summary: string) {
  const path = `${folders[type]}/${id}`
  return {
    id,
    type: `${type}_reference`,
    summary,
    self: `https://api.pagerduty.com/${path}`,
    html_url: `https://subdomain.pagerduty.com/${path}`,
  }
}

/** Whole seconds, as in the examples. */
function timeText(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}

function failure(status: number, code: number, message: string): Reply {
  return { status, body: { error: { message, code } } }
}

function notModelled(what: string): Reply {
  return {
    status: 501,
    body: { error: { message: `the PagerDuty stand-in does not model ${what}`, code: 0 } },
  }
}

const refuse: Service['refuse'] = (fault) => {
  if (fault.kind === 'error') return failure(fault.status, 2000, 'An internal error has occurred')
  // "There may be exceptional scenarios" without headers and body.
  if (fault.bare === true) return { status: 429 }
  const headers = {
    'ratelimit-limit': '960',
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(fault.seconds),
  }
  return { ...failure(429, 2020, 'Rate Limit Exceeded'), headers }
}
