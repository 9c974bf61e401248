import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { readRequest, writeError, writeResult, type Asked, type Reply } from './dispatch.ts'
import { AwsError, notModelled } from './errors.ts'
import { createFaults, type Fault, type FaultBook, type Faults } from './faults.ts'
import { newAccessKey } from './iam.ts'
import { listen } from './listen.ts'
import { redact, type LoggedRequest } from './request-log.ts'
import { addKey, addUser, stateFrom, type AwsSeed } from './seed.ts'
import { authenticate, type SignedRequest } from './signature.ts'
import { snapshotOf, type AwsSnapshot } from './snapshot.ts'
import type { AccessKey, AwsState, World } from './state.ts'
import type { WireObject } from './wire.ts'

export type AwsOptions = {
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly seed?: AwsSeed
  readonly clock?: () => Date
}

/** A stand-in AWS account on 127.0.0.1: IAM, STS, Secrets Manager and CloudTrail for unmodified SDK clients. */
export type AwsSandbox = {
  readonly url: string
  /** Credentials of the user `firebreak`, made at start. */
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  /** The live account, values of secrets included: for tests. Pages show `snapshot()`. */
  readonly state: AwsState
  readonly snapshot: () => AwsSnapshot
  readonly requests: readonly LoggedRequest[]
  readonly faults: Faults
  /** Somebody else changes the account. */
  readonly mutate: (change: (state: AwsState) => void) => void
  readonly close: () => Promise<void>
}

type Running = {
  readonly world: World
  readonly faults: FaultBook
  readonly log: LoggedRequest[]
}

/** Requests beyond this are refused: Secrets Manager's largest value is 64 KiB. */
const MAX_BODY = 1_048_576

export async function startAws(options: AwsOptions = {}): Promise<AwsSandbox> {
  const now = options.clock ?? (() => new Date())
  const state = stateFrom(options.seed ?? {}, now())
  const own = newAccessKey('firebreak', now())
  addUser(state, { userName: own.userName, path: '/', tags: [] }, now())
  addKey(state, own)
  const timers = new Set<NodeJS.Timeout>()
  const running = { world: { state, now, later: laterIn(timers) }, faults: createFaults(), log: [] }
  const server = createServer((request, response) => void handle(running, { request, response }))
  const port = await listen(server, options.port ?? 0)
  return {
    url: `http://127.0.0.1:${port}`,
    accessKeyId: own.accessKeyId,
    secretAccessKey: own.secretAccessKey,
    region: state.region,
    state,
    snapshot: () => snapshotOf(state),
    requests: running.log,
    faults: running.faults,
    mutate: (change) => change(state),
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function laterIn(timers: Set<NodeJS.Timeout>): World['later'] {
  return (ms, run) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, ms)
    timers.add(timer)
  }
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse }

async function handle(running: Running, { request, response }: Exchange): Promise<void> {
  try {
    const reply = await answer(running, await readSigned(request))
    if (reply === undefined) response.destroy()
    else response.writeHead(reply.status, reply.headers).end(reply.body)
  } catch (error) {
    // Too large a body, or the client went away while sending it.
    if (error instanceof AwsError) response.writeHead(error.status).end()
    else response.destroy()
  }
}

async function readSigned(request: IncomingMessage): Promise<SignedRequest> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MAX_BODY) throw new AwsError('RequestEntityTooLarge', 'Request body over 1 MiB', 413)
    chunks.push(bytes)
  }
  const { method = '', url = '', headers } = request
  return { method, url, headers, body: Buffer.concat(chunks).toString() }
}

/** The reply, or undefined when the connection is to be broken. */
async function answer(running: Running, request: SignedRequest): Promise<Reply | undefined> {
  const heard: Heard = {}
  try {
    heard.asked = readRequest(request)
    const { dialect, name: service } = heard.asked.service
    heard.caller = authenticate(request, { dialect, service, keys: running.world.state.keys })
    const reply = await serve(running, heard.asked, heard.caller)
    record(running, heard, { status: reply?.status ?? 0 })
    return reply
  } catch (error) {
    const known = error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), 500)
    record(running, heard, { status: known.status, errorCode: known.code })
    return writeError(heard.asked?.service, known)
  }
}

async function serve(running: Running, asked: Asked, caller: AccessKey): Promise<Reply | undefined> {
  const { world, faults } = running
  const { service, operation, handler, params } = asked
  if (handler === undefined) throw notModelled(`${service.name}:${operation}`)
  const fault = faults.take(operation)
  if (await breaksBefore(fault, asked)) return undefined
  const result = handler.run(params, { caller, world: worldFor(world, fault) })
  applyLate(world, fault, () => handler.run(params, { caller, world }))
  caller.lastUsed = { date: world.now(), serviceName: service.name, region: world.state.region }
  if (fault?.kind === 'lost-answer') return undefined
  return writeResult(asked, result)
}

/** True when the connection breaks before anything happens; throws what the service would refuse with. */
async function breaksBefore(fault: Fault | undefined, { service }: Asked): Promise<boolean> {
  if (fault?.kind === 'latency') await sleep(fault.ms)
  if (fault?.kind === 'throttle') {
    throw new AwsError(service.dialect === 'json' ? 'ThrottlingException' : 'Throttling', 'Rate exceeded')
  }
  if (fault?.kind === 'error')
    throw new AwsError('InternalFailure', 'The sandbox was told to fail.', fault.status)
  return fault?.kind === 'lost-request'
}

/** A call without effect, or with a late one, works on a copy: its answer is true to form. */
function worldFor(world: World, fault: Fault | undefined): World {
  if (fault?.kind !== 'no-effect' && fault?.kind !== 'late-effect') return world
  return { state: structuredClone(world.state), now: world.now, later: () => undefined }
}

function applyLate(world: World, fault: Fault | undefined, run: () => WireObject | undefined): void {
  if (fault?.kind !== 'late-effect') return
  world.later(fault.ms, () => {
    try {
      run()
    } catch (error) {
      // By then the account may have changed so that the call is refused; nobody is left to hear it.
      if (!(error instanceof AwsError)) throw error
    }
  })
}

/** How far a request was understood. */
type Heard = { asked?: Asked; caller?: AccessKey }
type Outcome = Pick<LoggedRequest, 'status' | 'errorCode'>

function record({ log, world }: Running, { asked, caller }: Heard, outcome: Outcome): void {
  const unknown = { service: { name: 'unknown' }, operation: 'unknown', params: {}, handler: undefined }
  const { service, operation, params, handler } = asked ?? unknown
  log.push({
    at: world.now(),
    service: service.name,
    operation,
    params: redact(params),
    mutates: handler?.mutates ?? false,
    ...outcome,
    ...(caller === undefined ? {} : { accessKeyId: caller.accessKeyId }),
  })
}
