import type { ListedAction } from '../../core/action.ts'
import type { AuditReport, RunView } from '../../core/app.ts'
import type { Fact } from '../../core/fact.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Diagnostic, PlaybookInfo } from '../../core/playbook.ts'
import type { RunState } from '../../core/run.ts'

/** The terminal, as a value: commands are functions of it, so that tests need no process. */
export type Io = {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Both standard input and standard output are a terminal: colours and questions make sense. */
  readonly interactive: boolean
  readonly env: { readonly [name: string]: string | undefined }
  /** The local user's name, sent as the requester. A claim, never an authority. */
  readonly user: string
  readonly home: string
  readonly cwd: string
  /** Asks a yes-or-no question on the terminal. Called only when `interactive`. */
  readonly confirm: (question: string) => Promise<boolean>
  /** Aborted when the person interrupts (Ctrl-C). */
  readonly signal: AbortSignal
}

export type LintReport = {
  /** The files that were read, clean ones included. */
  readonly files: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** One playbook run against the sandbox, effects included. */
export type Rehearsal = {
  readonly playbook: string
  /** The run ended as the rehearsal wanted. */
  readonly passed: boolean
  readonly durationMs: number
  readonly view: RunView
  /** Why it did not pass, or what it showed. */
  readonly note?: string
}

/** Commands that open no store. */
export type FileCommands = {
  /** Reads playbooks and `firebreak.yaml` files; without paths, the stock playbooks. */
  readonly lint: (paths: readonly string[]) => Promise<LintReport>
  /** Throws the first fault it meets. Without paths, the stock playbooks. */
  readonly playbookInfos: (paths: readonly string[]) => Promise<readonly PlaybookInfo[]>
  readonly actions: () => Promise<readonly ListedAction[]>
  /** Verifies an exported log. `keys` are verifier keys; without any, what that proves is less, and the report says so. */
  readonly auditVerifyDir: (folder: string, keys: readonly string[]) => Promise<AuditReport>
}

export const graphFormats = ['mermaid', 'svg', 'png'] as const
export type GraphFormat = (typeof graphFormats)[number]

/** Drawings of playbooks. */
export type GraphCommands = {
  /** A playbook by the name of a stock one, or by its file. Throws the first fault it meets. */
  readonly playbook: (playbook: string) => Promise<PlaybookInfo>
  /** With what a run made of it where one is given. Text, or the bytes of a PNG. */
  readonly draw: (drawing: {
    readonly info: PlaybookInfo
    readonly run?: RunState
    readonly format: GraphFormat
    /** How many steps at most stand side by side. */
    readonly columns?: number
  }) => Promise<string | Uint8Array>
}

export type LocalRun = {
  readonly playbook: string
  readonly inputs: JsonObject
  readonly mode: 'run' | 'dry-run'
  readonly user: string
  readonly reason?: string
  readonly config?: string
  readonly state?: string
}

/** Commands that open the store themselves. They throw `store.held` when a bot has it. */
export type OwnerCommands = {
  /** Resolves when the bot has stopped in good order. */
  readonly serve: (options: {
    readonly config?: string
    readonly state?: string
    readonly signal: AbortSignal
  }) => Promise<void>
  /** `say` prints a line for the person, such as the URL of the page. */
  readonly demo: (
    options: { readonly port?: number; readonly signal: AbortSignal },
    say: (line: string) => void,
  ) => Promise<void>
  /** Calls `watch` after every commit of the run; resolves when the run is over, parked, or can only wait. */
  readonly runLocal: (
    request: LocalRun,
    watch: (view: RunView, facts: readonly Fact[]) => void,
  ) => Promise<RunView>
  /** Without playbooks, all of them. `done` is called as each one ends. */
  readonly rehearse: (
    request: {
      readonly playbooks: readonly string[]
      readonly config?: string
      readonly state?: string
    },
    done: (rehearsal: Rehearsal) => void,
  ) => Promise<readonly Rehearsal[]>
}

/** All that the command line is given. `src/main.ts` builds it. */
export type CliDeps = {
  readonly version: string
  readonly io: Io
  /** State folder when neither `--state` nor `FIREBREAK_STATE` names one. */
  readonly defaultState: string
  readonly files: FileCommands
  readonly graph: GraphCommands
  readonly owner: OwnerCommands
}
