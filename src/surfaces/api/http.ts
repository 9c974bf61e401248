import { Hono } from 'hono'
import type { Firebreak } from '../../core/app.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import { answerError, notFound, wrongMethod } from './answer.ts'
import { readBody } from './body.ts'
import type { Log } from './log.ts'
import { closeServer, createHttpServer, listen, type Patience } from './server.ts'
import { checkToken } from './token.ts'

/** Whether the bot can do its work now: each part by name, with the reason where it is not ready. */
type Health = {
  readonly ready: boolean
  readonly parts: { readonly [part: string]: string }
}

export type HttpOptions = {
  readonly app: Pick<Firebreak, 'alert'>
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** By name; a source without a token is open, which its configuration must have said (`auth: none`). */
  readonly sources: { readonly [source: string]: { readonly token?: Secret } }
  readonly version: string
  readonly health: () => Health | Promise<Health>
  readonly log: Log
  readonly patience?: Patience
}

export type HttpServer = {
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

/** Opens the HTTP door: alert webhooks and the probes of an orchestrator. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const server = createHttpServer(httpApp(options), options.patience)
  const { host } = options
  try {
    await listen(server, { host, port: options.port })
  } catch (cause) {
    throw cannotListen(host, options.port, cause)
  }
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  options.log.info({ host, port }, 'listening for alerts')
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${port}`, port, close: () => closeServer(server) }
}

function httpApp({ app, sources, version, health, log }: HttpOptions): Hono {
  const routes = new Hono()
  routes.post('/alerts/:source', async (context) => {
    const source = context.req.param('source')
    const configured = Object.hasOwn(sources, source) ? sources[source] : undefined
    if (configured === undefined) throw unknownSource(source)
    checkToken(context.req.header('authorization'), configured.token)
    const body = await readBody(context.req.raw)
    // The answer means: decided, and durable. A sender that gets none sends again, and duplicates are known by key.
    return context.json({ outcomes: await app.alert(source, body) })
  })
  routes.all('/alerts/:source', (context) => {
    throw wrongMethod(context, 'POST')
  })
  routes.get('/healthz', (context) => context.json({ status: 'alive', version }))
  routes.get('/readyz', async (context) => {
    const now = await health()
    return context.json({ ...now, version }, now.ready ? 200 : 503)
  })
  routes.notFound((context) => answerError(notFound(context.req.path), context, log))
  routes.onError((error, context) => answerError(error, context, log))
  return routes
}

function unknownSource(source: string): FirebreakError {
  return new FirebreakError('alert.unknown-source', `no alert source is called "${source.slice(0, 100)}"`, {
    remedy: 'Configure the source in firebreak.yaml, or correct the address that the sender uses.',
  })
}

function cannotListen(host: string, port: number, cause: unknown): FirebreakError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new FirebreakError('api.listen', `cannot listen on ${host} port ${port}: ${why}`, {
    remedy: 'Choose another port or host in firebreak.yaml, or stop the program that has it.',
    cause,
  })
}
