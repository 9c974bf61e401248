import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createApp, type App } from '../../src/app.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { ActionRegistry } from '../../src/core/action.ts'
import type { Decision, DecisionOutcome, Firebreak, RunView } from '../../src/core/app.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import type { Fact } from '../../src/core/fact.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Account } from '../../src/core/person.ts'
import { isOver } from '../../src/core/run.ts'
import { reloadPlaybook } from '../../src/playbook/load.ts'
import { eventually } from './eventually.ts'
import { people, rita } from './people.ts'

export type BotOptions = {
  readonly actions: ActionRegistry
  /** Texts of playbooks. */
  readonly playbooks: readonly string[]
  /** More of firebreak.yaml, over the default of people and one provider instance. */
  readonly config?: object
  readonly env?: { readonly [name: string]: string }
  /** An existing state folder: a restart. */
  readonly state?: string
  readonly localOwner?: boolean
  /** How far ahead of real time its clock is. */
  readonly aheadMs?: number
}

export type Bot = {
  readonly app: App
  readonly firebreak: Firebreak
  readonly state: string
  /** Moves the bot's clock; timers are not moved. */
  readonly forward: (ms: number) => void
  /** Every line that was logged, as text. */
  readonly logged: string[]
  readonly start: (playbook: string, inputs?: JsonObject, by?: Account) => Promise<string>
  readonly plan: (playbook: string, inputs?: JsonObject, by?: Account) => Promise<RunView>
  /** The run once it waits for people, for a request other than `not`. */
  readonly waiting: (run: string, not?: string) => Promise<RunView & { waitingFor: Waiting }>
  readonly over: (run: string, ms?: number) => Promise<RunView>
  /** The run once its status is this. */
  readonly until: (run: string, status: string) => Promise<RunView>
  readonly decide: (run: string, by: Account, more?: Partial<Decision>) => Promise<DecisionOutcome>
  readonly types: (run: string) => Promise<string[]>
  readonly all: () => Promise<readonly Fact[]>
  /** Ends this bot and starts another on the same state. */
  readonly restart: (changes?: Partial<BotOptions>) => Promise<Bot>
  readonly close: () => Promise<void>
}

type Waiting = NonNullable<RunView['waitingFor']>

const folders: string[] = []

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-test-'))
  folders.push(folder)
  return folder
}

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A whole bot without surfaces, through the door that every surface uses. */
export async function startBot(options: BotOptions): Promise<Bot> {
  const state = options.state ?? tempFolder()
  const file = join(state, 'firebreak.yaml')
  const text = stringify({ people, providers: { aws: { toy: {} } }, ...options.config })
  const config = parseConfig(text, file, options.env ?? {})
  const playbooks = new Map(
    options.playbooks.map((source, i) => {
      const playbook = reloadPlaybook(source, `playbook-${i}.yaml`, options.actions)
      return [playbook.info.name, playbook] as const
    }),
  )
  let offset = options.aheadMs ?? 0
  const logged: string[] = []
  const log = (data: object, message: string) => void logged.push(`${message} ${describe(data)}`)
  const app = await createApp({
    config,
    actions: options.actions,
    playbooks,
    state,
    clock: { now: () => Date.now() + offset },
    log: { error: log, info: log },
    ...(options.localOwner === undefined ? {} : { localOwner: options.localOwner }),
  })
  app.recover()
  const close = () => app.close()
  return {
    app,
    state,
    logged,
    close,
    firebreak: app.firebreak,
    forward: (ms) => {
      offset += ms
    },
    ...verbs(app.firebreak),
    restart: async (changes = {}) => {
      await close()
      return startBot({ ...options, state, ...changes })
    },
  }
}

/** What a log line would hold: the code and message of our errors, the class of others (as src/log.ts writes them). */
function describe(data: object): string {
  return JSON.stringify(data, (_key, value: unknown) => {
    if (isFirebreakError(value)) return { code: value.code, message: value.message, cause: value.cause }
    return value instanceof Error ? { type: value.constructor.name } : value
  })
}

function verbs(
  firebreak: Firebreak,
): Pick<Bot, 'start' | 'plan' | 'waiting' | 'over' | 'until' | 'decide' | 'types' | 'all'> {
  const start = async (playbook: string, inputs: JsonObject = {}, by: Account = rita) =>
    (await firebreak.start({ playbook, inputs, mode: 'run', by })).state.id
  const over = (run: string, ms = 8_000) =>
    eventually(
      async () => {
        const view = await firebreak.run(run)
        return isOver(view.state.status) ? view : undefined
      },
      { ms, what: `the end of run ${run}` },
    )
  return {
    start,
    over,
    plan: async (playbook, inputs = {}, by = rita) =>
      over((await firebreak.start({ playbook, inputs, mode: 'dry-run', by })).state.id),
    waiting: (run, not) =>
      eventually(
        async () => {
          const view = await firebreak.run(run)
          const { waitingFor } = view
          if (isOver(view.state.status)) throw new Error(`run is ${view.state.status}: ${whyOver(view)}`)
          return waitingFor && waitingFor.request !== not ? { ...view, waitingFor } : undefined
        },
        { what: 'a request for approval' },
      ),
    until: (run, status) =>
      eventually(
        async () => {
          const view = await firebreak.run(run)
          return view.state.status === status ? view : undefined
        },
        { what: `status ${status}` },
      ),
    decide: async (run, by, more = {}) => {
      const shown = (await firebreak.run(run)).waitingFor
      return firebreak.decide({
        run,
        request: shown?.request ?? 'none',
        digest: shown?.digest ?? 'none',
        decision: 'approve',
        by,
        evidence: { kind: 'slack', team: 'T0TEST', user: by.via === 'slack' ? by.user : 'none' },
        ...more,
      })
    },
    types: async (run) =>
      (await firebreak.facts(run)).map(({ type, step }) => (step === undefined ? type : `${type} ${step}`)),
    all: async () => await firebreak.log({ from: 0, limit: 100_000 }),
  }
}

function whyOver({ state }: RunView): string {
  return state.problem?.message ?? state.reason ?? 'no reason'
}

/** A playbook of toy steps. */
export function playbook(name: string, steps: object, more: object = {}): string {
  const head = { name, title: `Playbook ${name}`, severity: 'low', because: 'drill' }
  return stringify({ ...head, ...more, steps }, { aliasDuplicateObjects: false, lineWidth: 0 })
}
