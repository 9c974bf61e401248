// A bot in a process of its own, embedded or one of several, that can be held at a named boundary, so that whoever
// watches it can kill or stop it exactly there. It is told what to do over IPC, and approves by itself what asks for it.
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createApp, type App } from '../../src/app.ts'
import { parseConfig } from '../../src/config/load.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import type { Fact } from '../../src/core/fact.ts'
import { isOver } from '../../src/core/run.ts'
import type { About, Boundary } from '../../src/engine/boundary.ts'
import { reloadPlaybook } from '../../src/playbook/load.ts'
import { serveRemote } from '../bench/remote.ts'
import { ann, people, rita } from '../support/people.ts'
import { chaosActions } from './actions.ts'
import { playbooks } from './playbooks.ts'

export type Settings = {
  /** Folder of the key, and of the journal where it is embedded. */
  readonly state: string
  /** Address of the world. */
  readonly world: string
  /** By this name the world knows this process. */
  readonly sender: string
  /** A PostgreSQL database shared with others. */
  readonly store?: string
  /** Every run is held when it comes here for the first time. */
  readonly hold?: Boundary
  /** Go on although the others take this process for dead: nothing but the journal stops it then. */
  readonly deaf?: boolean
  /** It approves nothing. */
  readonly silent?: boolean
  /** More of firebreak.yaml. */
  readonly config?: object
}

const settings: Settings = JSON.parse(process.argv[2] ?? '{}')

/** A run that is held, and the name of its playbook where this process heard of its request. */
type Held = { readonly run: string; readonly playbook?: string }
const held = new Set<string>()
const playbookOf = new Map<string, string>()
const released = Promise.withResolvers<void>()
let holding = settings.hold !== undefined

function hold(boundary: Boundary, about: About): Promise<void> | undefined {
  if (!holding || boundary !== settings.hold) return undefined
  // Further passes of a run that is held go by, such as other items of its step.
  if (held.has(about.run)) return undefined
  return boundary === 'call-sent' ? holdWhenSeen(about) : holdHere(about)
}

function holdHere({ run }: About): Promise<void> {
  held.add(run)
  return released.promise
}

/** Held once the world says that it has the call. */
async function holdWhenSeen(about: About): Promise<void> {
  const key = encodeURIComponent(`${about.run}/${about.step ?? ''}`)
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one question after the other
    const answer = await fetch(`${settings.world}/seen/${key}`)
    // oxlint-disable-next-line no-await-in-loop
    if ((await answer.text()) === 'true') return holdHere(about)
  }
}

const errors: string[] = []
const log = {
  info: () => undefined,
  error: (data: object, message: string) => {
    const { err } = data as { err?: Error }
    errors.push(`${message}: ${err?.message ?? ''} ${err?.cause instanceof Error ? err.cause.message : ''}`)
    if (errors.length > 200) errors.shift()
  },
}

async function startApp(): Promise<App> {
  const { world, sender, state, store, config: more } = settings
  const text = stringify({
    people,
    providers: { aws: { toy: { url: world, sender } } },
    ...(store === undefined ? {} : { store }),
    ...more,
  })
  const config = parseConfig(text, join(state, 'firebreak.yaml'), {})
  const known = playbooks.map((source) => reloadPlaybook(source, 'chaos.yaml', chaosActions))
  return createApp({
    config,
    actions: chaosActions,
    playbooks: new Map(known.map((playbook) => [playbook.info.name, playbook])),
    state,
    clock: { now: Date.now },
    log,
    boundary: hold,
    ...(settings.deaf ? { lost: () => void errors.push('lost') } : {}),
  })
}

/** sysexits.h: a temporary failure. Whoever supervises the process starts it again. */
const EX_TEMPFAIL = 75

const app = await startApp().catch((error: unknown) => {
  if (!isFirebreakError(error, 'store.unavailable')) console.error(error)
  process.exit(EX_TEMPFAIL)
})
const { firebreak } = app
const asked = new Set<string>()

/** As a person who is patient: tried again until it counts, or nobody asks any more. */
async function approve(run: string): Promise<void> {
  if (asked.has(run)) return
  asked.add(run)
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const done = await tryToApprove(run).catch(() => false)
    if (done) break
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  asked.delete(run)
}

async function tryToApprove(run: string): Promise<boolean> {
  const { state, waitingFor } = await firebreak.run(run)
  if (isOver(state.status) || waitingFor === undefined) return true
  const { request, digest } = waitingFor
  await firebreak.decide({
    run,
    request,
    digest,
    decision: 'approve',
    by: ann,
    evidence: { kind: 'slack', team: 'T0TEST', user: 'U0ANN' },
  })
  return false
}

function hear(facts: readonly Fact[]): void {
  for (const fact of facts) {
    const { type, run = '' } = fact
    if (type === 'run.requested') playbookOf.set(run, fact.data.playbook.name)
    if (type === 'approval.requested' && !settings.silent) void approve(run)
  }
}

firebreak.subscribe(hear)
app.recover()
firebreak
  .runs({ open: true, limit: 10_000 })
  .then((runs) =>
    runs.forEach(({ state, waitingFor }) => !settings.silent && waitingFor && void approve(state.id)),
  )
  .catch(() => undefined)

const methods = {
  /** Starts runs, and does not wait for them. */
  start: (wanted: readonly { playbook: string; thing: string }[]) => {
    for (const { playbook, thing } of wanted)
      firebreak
        .start({ playbook, inputs: { thing }, mode: 'run', by: rita })
        .catch((error: unknown) => void errors.push(String(error)))
  },
  /** Starts a run; gives its id when it is accepted. The caller may never hear of it. */
  accept: async ({ playbook, thing }: { playbook: string; thing: string }) =>
    (await firebreak.start({ playbook, inputs: { thing }, mode: 'run', by: rita })).state.id,
  /** A body of alerts; how many of them have been decided. */
  alert: async (body: string) =>
    (await firebreak.alert('alertmanager', Buffer.from(body))).filter(({ reason }) => reason !== '').length,
  /** As a person who has looked why so many processes ended. */
  resumeAll: async () => {
    const open = await firebreak.runs({ open: true, limit: 10_000 })
    const poisoned = open.filter(({ state }) => state.problem?.code === 'run.poison')
    for (const { state } of poisoned) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await firebreak.resume(state.id, rita, { reason: 'it was the storm' })
    }
    return poisoned.length
  },
  held: () =>
    [...held].map((run): Held => {
      const playbook = playbookOf.get(run)
      return playbook === undefined ? { run } : { run, playbook }
    }),
  release: () => {
    holding = false
    released.resolve()
  },
  errors: () => errors,
  /** Runs that are neither over nor parked. */
  busy: async () =>
    (await firebreak.runs({ open: true, limit: 10_000 }))
      .filter(({ state }) => state.status !== 'parked')
      .map(({ state }) => `${state.id} ${state.requested.playbook.name} ${state.status}`),
  verify: () => firebreak.audit.verify(),
  memory: () => {
    globalThis.gc?.()
    return { rss: process.memoryUsage().rss, cpu: process.cpuUsage() }
  },
}
export type Replica = typeof methods

// Killed, it could not do so at its end.
flushCompileCache()
serveRemote(methods, () => app.close())
