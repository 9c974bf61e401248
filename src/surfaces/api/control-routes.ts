import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { Firebreak } from '../../core/app.ts'
import {
  ChallengeCall,
  type DoctorPart,
  ExportCall,
  LogCall,
  SignedCall,
  type StartCall as StartCallBody,
  StartCall,
} from '../../core/wire.ts'
import { answerError, notFound } from './answer.ts'
import { callerOf } from './caller.ts'
import { parseAs, readJson } from './body.ts'
import type { Log } from './log.ts'
import { streamRun } from './watch.ts'
import { why } from './why/why.ts'

type Parts = {
  readonly app: Firebreak
  readonly version: string
  readonly doctor: () => Promise<readonly DoctorPart[]>
  readonly log: Log
  readonly stop: AbortSignal
}

const limit = z.coerce.number().int().min(1).max(1000)
const RunsQuery = z.object({
  open: z.stringbool().exactOptional(),
  reviewDue: z.stringbool().exactOptional(),
  limit: limit.exactOptional(),
})
const VerifyQuery = z.object({ anchors: z.stringbool().exactOptional() })
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
  routes.get('/v1/runs', async (context) =>
    context.json(await app.runs(parseAs(RunsQuery, context.req.query(), 'the query'))),
  )
  routes.get('/v1/runs/:id', async (context) => context.json(await app.run(context.req.param('id'))))
  routes.get('/v1/runs/:id/facts', async (context) => {
    const { id } = (await app.run(context.req.param('id'))).state
    await app.audit.accessed(`runs show ${id} --facts`, callerOf(context))
    return context.json(await app.facts(id))
  })
  routes.get('/v1/log', async (context) =>
    context.json(await app.audit.list(parseAs(LogCall, context.req.query(), 'the query'), callerOf(context))),
  )
  routes.get('/v1/why/:id', async (context) => {
    const id = context.req.param('id')
    await app.audit.accessed(`why ${id}`, callerOf(context))
    return context.json(await why(app, id))
  })
  routes.get('/v1/containments', async (context) => context.json(await app.containments()))
  routes.get('/v1/guardrails', async (context) => context.json(await app.guardrails()))
  routes.get('/v1/frozen', async (context) => context.json({ frozen: (await app.frozen()) ?? null }))
  routes.get('/v1/doctor', async (context) => context.json({ version, parts: await doctor() }))
}

function addAuditRoutes(routes: Hono, { audit }: Firebreak): void {
  routes.get('/v1/audit/verify', async (context) =>
    context.json(await audit.verify(parseAs(VerifyQuery, context.req.query(), 'the query'))),
  )
  routes.post('/v1/audit/export', async (context) => {
    const { folder, run } = await readJson(context.req.raw, ExportCall)
    return context.json(await audit.export(folder, { by: callerOf(context), run }))
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
    context.json(await app.challenge(await readJson(context.req.raw, ChallengeCall))),
  )
  routes.post('/v1/signed', async (context) =>
    context.json(await app.signed(await readJson(context.req.raw, SignedCall))),
  )
}

function addWatch(routes: Hono, { app, stop, log }: Parts): void {
  routes.get('/v1/runs/:id/watch', async (context) => {
    const { after } = parseAs(WatchQuery, context.req.query(), 'the query')
    // Asked before the stream begins, so that an unknown run is a plain error.
    const run = (await app.run(context.req.param('id'))).state.id
    await app.audit.accessed(`runs watch ${run}`, callerOf(context))
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
