import type { Firebreak } from '../../../src/core/app.ts'
import { Secret } from '../../../src/core/secret.ts'
import { startSlack } from '../../../src/sandbox/slack/server.ts'
import type { SlackOptions, SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import type { Pace } from '../../../src/surfaces/slack/pace.ts'
import type { SlackSurface } from '../../../src/surfaces/slack/surface.ts'
import { startSlackSurface } from '../../../src/surfaces/slack/surface.ts'
import type { FakeApp } from './fake-app.ts'
import { createFakeApp } from './fake-app.ts'

export const ROSA = 'U0ROSA0001'
export const AMIR = 'U0AMIR0002'
export const CHEN = 'U0CHEN0003'
export const GUS = 'U0GUS00004'
export const EVE = 'U0EVE00005'
export const HOME = 'C0INCIDENT'
export const GENERAL = 'C0GENERAL1'
export const KEY = 'AKIAIOSFODNN7EXAMPLE'

type LogLine = { level: string; data: Record<string, unknown>; message: string }

/** A Slack stand-in, a fake app, and the surface between them. */
export type Bench = AsyncDisposable & {
  readonly slack: SlackSandbox
  readonly app: FakeApp
  readonly surface: SlackSurface
  readonly log: LogLine[]
}

type Options = {
  readonly slack?: SlackOptions
  readonly app?: FakeApp
  readonly pace?: Partial<Pace>
}

const fastPace = {
  burst: 5,
  edit: 20,
  threadEdit: 30,
  stormEdit: 40,
  stormReply: 2,
  firstRetry: 30,
  lastRetry: 200,
  flush: 100,
}

export async function openBench(options: Options = {}): Promise<Bench> {
  const slack = await startSlack(options.slack)
  const app = options.app ?? createFakeApp()
  const log: LogLine[] = []
  const surface = await openSurface({
    slack,
    app,
    log,
    pace: options.pace,
  })
  return {
    slack,
    app,
    surface,
    log,
    [Symbol.asyncDispose]: async () => {
      await surface.close()
      await slack.close()
    },
  }
}

type Parts = {
  readonly slack: SlackSandbox
  readonly app: Firebreak
  readonly log?: LogLine[]
  readonly pace?: Partial<Pace> | undefined
}

export async function openSurface({ slack, app, log = [], pace }: Parts): Promise<SlackSurface> {
  const at = (level: string) => (data: object, message: string) => {
    log.push({ level, data: { ...data }, message })
  }
  return await startSlackSurface({
    app,
    config: {
      botToken: new Secret(slack.botToken),
      appToken: new Secret(slack.appToken),
      apiUrl: slack.apiUrl,
      channel: HOME,
    },
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    pace: { ...fastPace, ...pace },
  })
}

/** The newest ephemeral text of a person that contains the words. */
export async function told(slack: SlackSandbox, user: string, words: string): Promise<string> {
  return await slack.waitFor(() => slack.ephemerals(user).findLast(({ text }) => text.includes(words))?.text)
}

/** The live message of a run, once it says the words: the first message of the channel that names the run. */
export async function runMessageOf(slack: SlackSandbox, run: string, words = '') {
  return await slack.waitFor(() => {
    const message = slack.messages(HOME).find((candidate) => candidate.text.includes(`\`${run}\``))
    return message?.text.includes(words) === true ? message : undefined
  })
}
