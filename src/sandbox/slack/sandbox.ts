import type { Faults } from './faults.ts'
import type { Given } from './inputs.ts'
import type { Outcome } from './person/desk.ts'
import type { FormValues, Submission } from './person/dialog.ts'
import type { Rec } from './record.ts'
import type { Clock } from './clock.ts'
import type { Timing } from './socket-mode.ts'
import type { Call, Crossing } from './traffic.ts'
import type { Message, View } from './world.ts'
import type { Workspace } from './workspace.ts'

/** A button of the page that makes something happen outside Slack. `fire` returns a sentence to show. */
type DemoEvent = { id: string; label: string; hint: string; fire: () => Promise<string> }

/** A read-only panel of the page: an array of flat objects is shown as a table, anything else as JSON. */
type DemoPanel = { id: string; title: string; read: () => Promise<unknown> }

export type Demo = { title: string; events: DemoEvent[]; panels: DemoPanel[] }

export type SlackOptions = {
  /** 0, the default, takes a free port. Always on 127.0.0.1. */
  port?: number
  workspace?: Workspace
  demo?: Demo
  /** Shorter waits for tests. */
  timing?: Partial<Timing>
}

/** A place on a message, and the element there. `blockId` is needed only when an action_id is used twice. */
type ElementOnMessage = { channel: string; ts: string; actionId: string; blockId?: string }
type ElementInView = { viewId: string; actionId: string; blockId?: string }

/**
 * A Slack of one workspace and one app. The app connects by `apiUrl` (Bolt's `clientOptions.slackApiUrl`) and the two
 * tokens; people are driven by the functions below, which offer what a Slack client offers and refuse the rest with
 * `sandbox.slack-impossible`. Channels are named by id or `#name`.
 */
export type SlackSandbox = {
  /** The page. */
  readonly url: string
  /** `http://127.0.0.1:port/api/` */
  readonly apiUrl: string
  readonly botToken: string
  readonly appToken: string
  readonly workspace: Workspace
  /** Web API calls in order of arrival. */
  readonly calls: readonly Call[]
  /** Everything that crossed the wire, both ways (the newest 400). */
  readonly crossings: readonly Crossing[]
  readonly faults: Faults
  readonly clock: Clock
  /** Live Socket Mode connections. */
  readonly connections: number

  /** Sends `/command text` from a channel; with `threadTs` from a thread, where Slack refuses it. */
  command(userId: string, channel: string, text: string, threadTs?: string): Promise<Outcome>
  /** Posts a message that names the app: `app_mention`. */
  mention(userId: string, channel: string, text: string, threadTs?: string): Message
  /** Posts a plain message. */
  say(userId: string, channel: string, text: string, threadTs?: string): Message
  press(userId: string, at: ElementOnMessage | ElementInView): Promise<Outcome>
  /** Chooses in a select, overflow menu, radio group, checkbox list or picker: option values, ids, dates. */
  selectOption(userId: string, at: ElementOnMessage | ElementInView, value: Given): Promise<Outcome>
  /** Options the app offers for an external select; they can be chosen afterwards. */
  suggest(userId: string, at: ElementOnMessage | ElementInView, query: string): Promise<Rec[]>
  /** Types into the dialog and submits it. Values: block_id → action_id → text, number, option value(s). */
  submitView(userId: string, viewId: string, values?: FormValues): Promise<Submission>
  /** Cancel; with `all` the cross, which closes the whole stack. */
  closeView(userId: string, viewId: string, all?: boolean): Promise<void>

  /** Messages of a channel in order, threads included, ephemerals not. */
  messages(channel: string): Message[]
  /** The replies to a message. */
  thread(channel: string, ts: string): Message[]
  /** What only this person sees. */
  ephemerals(userId: string): Message[]
  /** Open dialogs of a person, the visible one last. */
  views(userId: string): View[]

  /** Sends any event the app subscribes to; the wrapper and redelivery are Slack's. */
  deliverEvent(event: Rec): Promise<'acknowledged' | 'given-up' | 'not-subscribed'>
  /** Sends any envelope as it is: replays, nonsense. */
  deliver(type: 'slash_commands' | 'interactive' | 'events_api', payload: Rec): Promise<Outcome>
  /** Asks connections to reconnect, as Slack does every few hours. */
  refresh(which?: 'all' | 'one', reason?: 'refresh_requested' | 'warning' | 'link_disabled'): void
  /** Resets TCP of every connection. */
  dropSockets(): void
  /** Waits until the predicate holds (checked at every change); fails after `within` ms, default 5000. */
  waitFor<T>(predicate: () => Looked<T> | Promise<Looked<T>>, within?: number): Promise<T>
  close(): Promise<void>
}

/** What a look at the workspace found, or that it is not there yet. */
export type Looked<T> = T | undefined | false | null
