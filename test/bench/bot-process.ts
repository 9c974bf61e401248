import { setTimeout as sleep } from 'node:timers/promises'
import { startBot, type Bot } from '../../src/commands/bot.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { Fact } from '../../src/core/fact.ts'
import { createLog } from '../../src/log.ts'
import { alertBody } from './config.ts'
import { now, serveRemote } from './remote.ts'
import { ends } from './runs.ts'

// The whole bot as `firebreak serve` starts it, with an ear on its commits.

type Mark = { readonly at: number; readonly type: string; readonly run?: string }
type BotOptions = {
  readonly config: string
  readonly state: string
  readonly env: { readonly [name: string]: string }
}

/** Between the starts of the runs that are kept active. */
const STAGGER_MS = 30

let bot: Bot | undefined
let heard = new Set<string>()
let marks: Mark[] = []
let ended = Promise.withResolvers<void>()

function running(): Bot {
  if (bot === undefined) throw new Error('the bot has not been started')
  return bot
}

function listen(facts: readonly Fact[]): void {
  for (const { type, run } of facts) {
    if (heard.has(type)) marks.push({ at: now(), type, ...(run === undefined ? {} : { run }) })
    if (!ends.has(type) || run === undefined) continue
    ended.resolve()
    const key = active.get(run)
    active.delete(run)
    if (key !== undefined) void keep(key)
  }
}

/** Runs that are to be followed by another on the same key, so that as many are always active. */
const active = new Map<string, string>()
let keeping: string | undefined
let kept = 0

async function keep(key: string): Promise<void> {
  if (keeping === undefined) return
  kept++
  const body = Buffer.from(alertBody(keeping, key))
  const [outcome] = await running().app.firebreak.alert('alertmanager', body)
  if (outcome?.run !== undefined) active.set(outcome.run, key)
}

const methods = {
  start: async ({ config, state, env }: BotOptions) => {
    bot = await startBot(parseConfig(config, `${state}/firebreak.yaml`, env), state, createLog('fatal'))
    bot.app.firebreak.subscribe(listen)
    return bot.url
  },
  /** From now on, when facts of these types are durable is noted. */
  hear: (types: string[]) => {
    heard = new Set(types)
    marks = []
    ended = Promise.withResolvers<void>()
  },
  /** What was heard by the end of the run. */
  ended: async () => {
    await ended.promise
    return marks
  },
  /** The request for approval that the run waits with, as a person would see it. */
  waiting: async () => {
    const run = marks.find(({ type }) => type === 'approval.requested')?.run
    const open = run === undefined ? undefined : (await running().app.firebreak.run(run)).waitingFor
    return run !== undefined && open ? { run, request: open.request, digest: open.digest } : undefined
  },
  keepActive: async ({ name, keys }: { name: string; keys: string[] }) => {
    keeping = name
    for (const key of keys) {
      // oxlint-disable no-await-in-loop -- not in step, or a hundred answers would arrive in the same moment
      await keep(key)
      await sleep(STAGGER_MS)
      // oxlint-enable no-await-in-loop
    }
    kept = 0
  },
  /** How many runs have ended since. */
  stopActive: () => {
    keeping = undefined
    return kept
  },
  approve: async ({ run, request, digest, user }: { [name: string]: string }) => {
    const slack = { team: 'T0BENCH', user: user ?? '' }
    const began = now()
    const outcome = await running().app.firebreak.decide({
      run: run ?? '',
      request: request ?? '',
      digest: digest ?? '',
      decision: 'approve',
      by: { via: 'slack', ...slack, standing: 'member' },
      evidence: { kind: 'slack', ...slack },
    })
    return { began, kind: outcome.kind }
  },
  /** How many alerts of this name the journal holds a decision about. */
  decided: async (name: string) => {
    let count = 0
    for (let from = 0; ; from += 1000) {
      // oxlint-disable-next-line no-await-in-loop -- page by page
      const facts = await running().app.firebreak.log({ from, limit: 1000 })
      count += facts.filter((fact) => fact.type === 'alert.decided' && fact.data.name === name).length
      if (facts.length < 1000) return count
    }
  },
  verify: async () => {
    const began = performance.now()
    const report = await running().app.firebreak.audit.verify()
    return { ms: performance.now() - began, size: report.ok ? report.size : NaN }
  },
}
export type BotProcess = typeof methods

serveRemote(methods, async () => bot?.close())
