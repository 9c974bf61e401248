import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { Firebreak } from '../../core/app.ts'
import {
  ChallengeCall,
  type DoctorPart,
  ExportCall,
  SignedCall,
  type StartCall as StartCallBody,
  StartCall,
} from '../../core/wire.ts'
import { answerError, notFound } from './answer.ts'
import { parseAs, readJson } from './body.ts'
import type { Log } from './log.ts'
import { streamRun } from './watch.ts'
import { why } from './why.ts'

type Parts = {
  readonly app: Firebreak
  readonly version: string
  readonly doctor: () => Promise<readonly DoctorPart[]>
  readonly log: Log
  readonly stop: AbortSignal
}

const limit = z.coerce.number().int().min(1).max(1000)
const RunsQuery = z.object({ open: z.stringbool().exactOptional(), limit: limit.exactOptional() })
const LogQuery = z.object({ from: z.coerce.number().int().min(0).default(0), limit: limit.default(100) })
const WatchQuery = z.object({ after: z.coerce.number().int().min(-1).default(-1) })

/** The routes of the control API, without a socket. */
export function controlApp(parts: Parts): Hono {
  const routes = new Hono()
  addReads(routes, parts)
  addAuditRoutes(routes, parts.app)
  addCommands(routes, parts.app)
  addWatch(routes, parts)
  routes.notFound((context) => answerError(notFound(context.req.path), context, parts.log))
  routes.onError((error, context) => answerError(error, context, parts.log))
  return routes
}

function addReads(routes: Hono, { app, version, doctor }: Parts): void {
  routes.get('/v1/playbooks', (context) => context.json(app.playbooks()))
  routes.get('/v1/playbooks/:name', (context) => context.json(app.playbook(context.req.param('name'))))
  routes.get('/v1/runs', (context) =>
    context.json(app.runs(parseAs(RunsQuery, context.req.query(), 'the query'))),
  )
  routes.get('/v1/runs/:id', (context) => context.json(app.run(context.req.param('id'))))
  routes.get('/v1/runs/:id/facts', (context) => {
    const { id } = app.run(context.req.param('id')).state
    return context.json(app.facts(id))
  })
  routes.get('/v1/log', (context) =>
    context.json(app.log(parseAs(LogQuery, context.req.query(), 'the query'))),
  )
  routes.get('/v1/why/:id', async (context) => context.json(await why(app, context.req.param('id'))))
  routes.get('/v1/frozen', (context) => context.json({ frozen: app.frozen() ?? null }))
  routes.get('/v1/doctor', async (context) => context.json({ version, parts: await doctor() }))
}

function addAuditRoutes(routes: Hono, { audit }: Firebreak): void {
  routes.get('/v1/audit/verify', async (context) => context.json(await audit.verify()))
  routes.post('/v1/audit/export', async (context) => {
    const { folder } = await readJson(context.req.raw, ExportCall)
    return context.json(await audit.export(folder))
  })
  routes.post('/v1/audit/checkpoint', async (context) =>
    context.json({ checkpoint: await audit.checkpoint() }),
  )
}

function addCommands(routes: Hono, app: Firebreak): void {
  routes.post('/v1/start', async (context) => {
    const { user, ...request }: StartCallBody = await readJson(context.req.raw, StartCall)
    return context.json(await app.start({ ...request, by: { via: 'os', user } }))
  })
  routes.post('/v1/challenge', async (context) =>
    context.json(app.challenge(await readJson(context.req.raw, ChallengeCall))),
  )
  routes.post('/v1/signed', async (context) =>
    context.json(await app.signed(await readJson(context.req.raw, SignedCall))),
  )
}

function addWatch(routes: Hono, { app, stop, log }: Parts): void {
  routes.get('/v1/runs/:id/watch', (context) => {
    const { after } = parseAs(WatchQuery, context.req.query(), 'the query')
    // Asked before the stream begins, so that an unknown run is a plain error.
    const run = app.run(context.req.param('id')).state.id
    return streamSSE(context, async (stream) => {
      try {
        await streamRun(app, { run, after, stop }, stream)
      } catch (err) {
        // The answer has begun: all that can be said is that it ends. The client sees that the run was not over.
        log.error({ err, run }, 'watching a run failed')
      }
    })
  })
}
