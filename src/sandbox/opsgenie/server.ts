import { randomUUID } from 'node:crypto'
import { serve, type Reply, type Request, type Sandbox, type Service } from '../on-call/server.ts'
import { isOn, type Shift } from '../on-call/shift.ts'

// Sources: docs.opsgenie.com, "Who is on Call API", "Response" and "Rate Limiting"; the OpenAPI files of
// github.com/opsgenie/opsgenie-oas. The words of 403 and 404 are ours: only their codes are written there. What nobody
// here asks for is refused with 501 in plain words.

type Schedule = {
  readonly name: string
  enabled: boolean
  /** User names, which are mail addresses. */
  shifts: readonly Shift[]
  /** The API key is of a team that may not see it. */
  readonly hidden?: boolean
}

type OpsgenieState = { readonly schedules: Map<string, Schedule> }

export type OpsgenieSandbox = Sandbox & { readonly key: string; readonly state: OpsgenieState }

type Options = {
  readonly state: OpsgenieState
  readonly key?: string
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly clock?: () => Date
}

/** The example of "Who is on Call API". */
const EXAMPLE_KEY = 'eb24alp-faa2-4ba2-a551q-1alpf565c889'

/** A stand-in of the Opsgenie REST API on 127.0.0.1: who is on call, for unmodified clients. */
export async function startOpsgenie({
  state,
  key = EXAMPLE_KEY,
  port = 0,
  ...more
}: Options): Promise<OpsgenieSandbox> {
  const { clock = () => new Date() } = more
  const answer = (request: Request) => withIds(answerTo(request, { state, key, now: clock() }))
  return { ...(await serve({ answer, refuse: (fault) => withIds(refuse(fault)) }, port)), key, state }
}

type Account = { readonly state: OpsgenieState; readonly key: string; readonly now: Date }

function answerTo({ method, path, query, headers }: Request, { state, key, now }: Account): Reply {
  if (headers.authorization !== `GenieKey ${key}`) return failure(401, 'Could not authenticate')
  const [, wanted] = /^\/v2\/schedules\/([^/]+)\/on-calls$/.exec(path) ?? []
  if (method !== 'GET' || wanted === undefined) return failure(404, 'No handler found')
  const odd = oddIn(query)
  if (odd !== undefined) return failure(501, `the Opsgenie stand-in does not model ${odd}`)
  const byName = query.get('scheduleIdentifierType') === 'name'
  const [id, schedule] =
    [...state.schedules].find(([id, { name }]) => (byName ? name : id) === decodeURIComponent(wanted)) ?? []
  if (id === undefined || schedule === undefined) return failure(404, 'Schedule is not found')
  if (schedule.hidden === true)
    return { status: 403, body: { code: 40301, message: 'You are not authorized' } }
  const { name, enabled, shifts } = schedule
  const onCallRecipients = shifts.filter((shift) => isOn(shift, now)).map(({ user }) => user)
  return { status: 200, body: { data: { _parent: { id, name, enabled }, onCallRecipients } } }
}

const modelled = new Set(['scheduleIdentifierType', 'flat'])

function oddIn(query: URLSearchParams): string | undefined {
  if (query.get('flat') !== 'true') return 'the tree of participants (flat=false)'
  const type = query.get('scheduleIdentifierType') ?? 'id'
  if (type !== 'id' && type !== 'name') return `the identifier type ${type}`
  return [...query.keys()].find((key) => !modelled.has(key))
}

function failure(status: number, message: string): Reply {
  return { status, body: { message } }
}

/** Every answer is named, in its body and in a header. */
function withIds({ status, body, headers }: Reply): Reply {
  const requestId = randomUUID()
  const ids = { 'X-Request-ID': requestId, 'X-Response-Time': '0.003' }
  const whole = body === undefined ? {} : { body: { ...body, took: 0.003, requestId } }
  return { status, ...whole, headers: { ...ids, ...headers } }
}

const refuse: Service['refuse'] = (fault) => {
  if (fault.kind === 'error') return failure(fault.status, 'Internal Server Error')
  if (fault.bare === true) return { status: 429 }
  const headers = {
    'X-RateLimit-State': 'THROTTLED',
    'X-RateLimit-Reason': 'ACCOUNT',
    'X-RateLimit-Period-In-Sec': String(fault.seconds),
  }
  return { ...failure(429, 'You are making too many requests!'), headers }
}
