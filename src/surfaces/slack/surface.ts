import type { Firebreak } from '../../core/app.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { Fact } from '../../core/fact.ts'
import type { Directory } from '../../core/ports.ts'
import type { Secret } from '../../core/secret.ts'
import { createAnchor } from './anchor.ts'
import type { Board } from './board.ts'
import { createBoard } from './board.ts'
import { createBolt } from './bolt.ts'
import { createChannelIds } from './channels.ts'
import { createDirectory } from './directory.ts'
import { createGates } from './gates.ts'
import type { Log } from './log.ts'
import { createNotices } from './notices.ts'
import type { Pace } from './pace.ts'
import { slackPace } from './pace.ts'
import { createReceiver } from './receiver.ts'
import type { SocketReceiver } from './receiver.ts'
import { createRespond } from './respond.ts'
import { socketOpener } from './socket.ts'
import type { Identity, SlackWeb } from './web.ts'
import { isTokenError, openWeb, settings } from './web.ts'
import { setTimeout as sleep } from 'node:timers/promises'

export type SlackSurfaceOptions = {
  readonly app: Firebreak
  readonly config: {
    readonly botToken: Secret
    readonly appToken: Secret
    /** Another Slack, such as the stand-in; with the slash at the end. */
    readonly apiUrl?: string
    /** Where runs are shown that nobody in Slack asked for: an id, or a name. */
    readonly channel: string
    /** Where checkpoints of the audit log are posted. */
    readonly auditChannel?: string
  }
  readonly log: Log
  /** Shorter waits for tests. */
  readonly pace?: Pace
}

export type SlackSurface = {
  readonly directory: Directory
  /** At least one line to Slack is open. */
  readonly ready: () => boolean
  /** Answers what is being handled, sends the last states, and lets go. */
  readonly close: () => Promise<void>
}

const RETRY_MS = 5000

type Parts = {
  readonly options: SlackSurfaceOptions
  readonly web: SlackWeb
  readonly board: Board
  readonly directory: Directory
  readonly stopped: AbortController
  readonly session: Session
}

/** What is there once Slack has said who we are. */
type Session = { identity: Identity | undefined; receiver: SocketReceiver | undefined }

/**
 * Firebreak in Slack. A token that Slack refuses at the first try is a mistake of configuration, and is thrown; a
 * Slack that cannot be reached is not: the surface goes on trying, and the rest of the bot works meanwhile.
 */
export async function startSlackSurface(options: SlackSurfaceOptions): Promise<SlackSurface> {
  const { app, log } = options
  const stopped = new AbortController()
  const session: Session = { identity: undefined, receiver: undefined }
  const web = await openWeb({ ...place(options), botToken: options.config.botToken, log })
  const directory = createDirectory({ web, identity: () => session.identity })
  const show = await createShow({ options, web, stopped: stopped.signal })
  const parts: Parts = { options, web, board: show.board, directory, stopped, session }
  const fault = await connect(parts)
  if (fault !== undefined) {
    log.warn({ why: fault }, 'slack cannot be reached, trying on')
    void keepConnecting(parts)
  }
  const unsubscribe = app.subscribe(show.hear)
  show.start()
  return {
    directory,
    ready: () => session.receiver?.ready() ?? false,
    close: async () => {
      unsubscribe()
      await session.receiver?.stop()
      await Promise.race([show.idle(), sleep((options.pace ?? slackPace).flush, undefined, { ref: false })])
      stopped.abort()
      await show.idle()
    },
  }
}

function place({ config }: SlackSurfaceOptions): { readonly apiUrl?: string } {
  return config.apiUrl === undefined ? {} : { apiUrl: config.apiUrl }
}

type Showing = {
  readonly options: SlackSurfaceOptions
  readonly web: SlackWeb
  readonly stopped: AbortSignal
}

/** Everything that goes from the journal to Slack. */
async function createShow({ options, web, stopped }: Showing) {
  const { app, log, config } = options
  const pace = options.pace ?? slackPace
  const gates = createGates(stopped)
  const channels = createChannelIds(web)
  const shared = { app, web, gates, log, pace, stopped }
  const board = createBoard({ ...shared, home: await channels.idOf(config.channel) })
  const notices = createNotices({ ...shared, channels })
  const anchor =
    config.auditChannel === undefined
      ? undefined
      : createAnchor({ ...shared, channels, channel: config.auditChannel })
  return {
    board,
    hear: (facts: readonly Fact[]) => {
      board.hear(facts)
      notices.poke()
      anchor?.hear(facts)
    },
    start: () => {
      board.start()
      notices.poke()
    },
    idle: async () => {
      await Promise.all([board.idle(), notices.idle()])
    },
  }
}

/** Undefined when connected, else why not yet. Throws when Slack refuses a token. */
async function connect(parts: Parts): Promise<string | undefined> {
  const { options, web, session } = parts
  const who = await web.identify()
  if (!who.ok) {
    if (who.fault.kind === 'refused' && isTokenError(who.fault.error))
      throw badToken('bot token', who.fault.error)
    return who.fault.kind === 'refused' ? who.fault.error : who.fault.kind
  }
  session.identity = who.value
  const receiver = await listen(parts, who.value)
  session.receiver = receiver
  const refused = /\b(invalid_auth|not_authed|not_allowed_token_type|token_revoked|account_inactive)\b/.exec(
    receiver.fault() ?? '',
  )
  if (!receiver.ready() && refused !== null) {
    session.receiver = undefined
    await receiver.stop()
    throw badToken('app token', refused[0])
  }
  options.log.info({ team: who.value.team, ready: receiver.ready() }, 'slack connected')
  return undefined
}

async function listen(parts: Parts, identity: Identity): Promise<SocketReceiver> {
  const { options, web, board, directory } = parts
  const { app, log, config } = options
  const slack = await import('@slack/web-api')
  const open = await socketOpener({
    appToken: config.appToken,
    log,
    clientOptions: () => socketSettings(settings(slack, { ...place(options), log }, 10_000)),
  })
  const receiver = createReceiver({ open, log })
  const desk = { app, web, board, directory, identity, log }
  const respond = createRespond({ ...place(options), log })
  const bolt = await createBolt({ ...place(options), desk, receiver, respond, botToken: config.botToken })
  await bolt.start()
  return receiver
}

/** The library sets the logger of its client itself. */
function socketSettings({ logger: _logger, ...rest }: ReturnType<typeof settings>) {
  return rest
}

/** After a first start without Slack: for ever, because the journal goes on meanwhile. */
async function keepConnecting(parts: Parts): Promise<void> {
  const { options, stopped } = parts
  while (!stopped.signal.aborted) {
    await sleep(RETRY_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
    if (stopped.signal.aborted) return
    try {
      if ((await connect(parts)) === undefined) return
    } catch (error) {
      options.log.error(
        { why: error instanceof Error ? error.message : String(error) },
        'slack refuses the connection',
      )
    }
  }
}

function badToken(which: string, error: string): FirebreakError {
  return new FirebreakError('slack.bad-token', `Slack refuses the ${which}: ${error}`, {
    remedy:
      'The bot token begins with xoxb- (OAuth & Permissions), the app token with xapp- and has connections:write (Basic Information). Set both in firebreak.yaml under slack, and reinstall the app if it was removed.',
  })
}
