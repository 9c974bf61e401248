import { startBot, type Bot } from '../../src/commands/bot.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { Fact } from '../../src/core/fact.ts'
import { createLog } from '../../src/log.ts'
import { now, serveRemote } from './remote.ts'

// The whole bot as `firebreak serve` starts it, with an ear on its commits.

export type Mark = { readonly at: number; readonly type: string; readonly run?: string }
export type BotOptions = {
  readonly config: string
  readonly state: string
  readonly env: { readonly [name: string]: string }
}

let bot: Bot | undefined
let heard = new Set<string>()
let marks: Mark[] = []

function running(): Bot {
  if (bot === undefined) throw new Error('the bot has not been started')
  return bot
}

function listen(facts: readonly Fact[]): void {
  for (const { type, run } of facts) {
    if (heard.has(type)) marks.push({ at: now(), type, ...(run === undefined ? {} : { run }) })
  }
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
  },
  marks: () => marks,
  /** The request for approval that this run waits with, as a person would see it. */
  waiting: (run: string) => {
    const { waitingFor } = running().app.firebreak.run(run)
    return waitingFor && { request: waitingFor.request, digest: waitingFor.digest }
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
  decided: (name: string) => {
    let count = 0
    for (let from = 0; ; from += 1000) {
      const facts = running().app.firebreak.log({ from, limit: 1000 })
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
