import type { Firebreak } from '../../core/app.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { Fact } from '../../core/fact.ts'
import type { Directory } from '../../core/ports.ts'
import type { Secret } from '../../core/secret.ts'
import { type AnchorChannel, createAnchorChannel } from './anchor.ts'
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
  }
  readonly log: Log
  /** Shorter waits for tests. */
  readonly pace?: Pace
  /**
   * Calls when this process is to speak in Slack; at once when absent. Several processes may share the journal, and one
   * of them speaks. The others know from Slack who people are, and nothing else.
   */
  readonly elect?: (onElected: () => void) => void
  /** Calls when Slack has said who we are: from then on it can be asked, by whichever process. */
  readonly onConnected?: () => void
}

export type SlackSurface = {
  /** Where checkpoints can be kept. It rejects as long as Slack is not there. */
  readonly anchors: AnchorChannel
  readonly directory: Directory
  /** At least one line to Slack is open; for a process that does not speak, that Slack knows us. */
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

/** What is there once Slack has said who we are, and once this process is the one that speaks. */
type Session = {
  identity: Identity | undefined
  receiver: SocketReceiver | undefined
  speaks: boolean
}

/**
 * Firebreak in Slack. A token that Slack refuses at the first try is a mistake of configuration, and is thrown; a
 * Slack that cannot be reached is not: the surface goes on trying, and the rest of the bot works meanwhile.
 */
export async function startSlackSurface(options: SlackSurfaceOptions): Promise<SlackSurface> {
  const { log } = options
  const stopped = new AbortController()
  const session: Session = {
    identity: undefined,
    receiver: undefined,
    speaks: options.elect === undefined,
  }
  const web = await openWeb({ ...place(options), botToken: options.config.botToken, log })
  const directory = createDirectory({ web, identity: () => session.identity })
  const show = await createShow({ options, web, stopped: stopped.signal })
  const parts: Parts = { options, web, board: show.board, directory, stopped, session }
  const fault = await connect(parts)
  if (fault !== undefined) {
    log.warn({ why: fault }, 'slack cannot be reached, trying on')
    void pause(stopped.signal).then(() => keepConnecting(parts))
  }
  const unsubscribe = speakWhenElected(parts, show)
  return {
    directory,
    anchors: createAnchorChannel({ web, channels: show.channels, identity: () => session.identity }),
    ready: () => (session.speaks ? (session.receiver?.ready() ?? false) : session.identity !== undefined),
    close: async () => {
      unsubscribe()
      await session.receiver?.stop()
      await Promise.race([show.idle(), sleep((options.pace ?? slackPace).flush, undefined, { ref: false })])
      stopped.abort()
      await show.idle()
    },
  }
}

/** Returns the way to fall silent. */
function speakWhenElected(parts: Parts, show: Awaited<ReturnType<typeof createShow>>): () => void {
  const { options, session, stopped } = parts
  let unsubscribe: (() => void) | undefined
  const speak = () => {
    if (stopped.signal.aborted) return
    unsubscribe = options.app.subscribe(show.hear)
    show.start()
  }
  if (options.elect === undefined) speak()
  else
    options.elect(() => {
      session.speaks = true
      options.log.info({}, 'this process speaks in slack')
      speak()
      void keepConnecting(parts)
    })
  return () => unsubscribe?.()
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
  return {
    board,
    channels,
    hear: (facts: readonly Fact[]) => {
      board.hear(facts)
      notices.poke()
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
  introduce(parts, who.value)
  if (!session.speaks || session.receiver !== undefined) return undefined
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

function introduce({ session, options }: Parts, identity: Identity): void {
  const isNew = session.identity === undefined
  session.identity = identity
  if (isNew) options.onConnected?.()
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

/** For ever, because the journal goes on meanwhile. */
async function keepConnecting(parts: Parts): Promise<void> {
  const { options, stopped } = parts
  for (; !stopped.signal.aborted; await pause(stopped.signal)) {
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

async function pause(stopped: AbortSignal): Promise<void> {
  await sleep(RETRY_MS, undefined, { signal: stopped }).catch(() => undefined)
}

function badToken(which: string, error: string): FirebreakError {
  return new FirebreakError('slack.bad-token', `Slack refuses the ${which}: ${error}`, {
    remedy:
      'The bot token begins with xoxb- (OAuth & Permissions), the app token with xapp- and has connections:write (Basic Information). Set both in firebreak.yaml under slack, and reinstall the app if it was removed.',
  })
}
