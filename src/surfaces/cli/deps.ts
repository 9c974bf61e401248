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
  /**
   * Verifies an exported log, or the evidence of a run. `keys` are verifier keys; without any, what that proves is less, and
   * the report says so.
   */
  readonly auditVerifyDir: (folder: string, keys: readonly string[]) => Promise<AuditReport>
  /** Verifies a tiled log (c2sp.org/tlog-tiles) of whatever program. */
  readonly auditVerifyAny: (folder: string, keys: readonly string[]) => Promise<AuditReport>
  /** A proof file (c2sp.org/tlog-proof) for an entry of an exported log. */
  readonly auditProveEntry: (folder: string, seq: number) => Promise<string>
  /** A proof that an exported log extends an earlier size, or the checkpoint in a file. */
  readonly auditProveGrowth: (folder: string, from: number | { readonly file: string }) => Promise<string>
  /** Checks a proof file of either kind. `entry` and `earlier` are files. */
  readonly auditVerifyProof: (
    file: string,
    against: { readonly keys: readonly string[]; readonly entry?: string; readonly earlier?: string },
  ) => Promise<ProofReport>
}

export type ProofReport =
  | {
      readonly ok: true
      /** What is proved, in words. */
      readonly proves: string
      readonly size: number
      readonly root: string
      /** The entry, where the proof carries it: its leaf and its data, as they were sealed. */
      readonly entry?: { readonly leaf: string; readonly data: string | null }
    }
  | { readonly ok: false; readonly reason: string }

type PolicyOutcome = 'allow' | 'ask' | 'wait' | 'deny'

/** How something is decided, and why. */
type PolicyReason = {
  readonly outcome: PolicyOutcome
  /** What decided: the name of a rule, `permissions.run`, or a guardrail: `window/friday`. */
  readonly rule: string
  /** Where the rule stands in the configuration. */
  readonly line?: number
  readonly why: string
  /** Who must agree, each with the rule that asks. */
  readonly asks: readonly { readonly from: string; readonly count: number; readonly rule: string }[]
  /** Guardrails that are about it too, and what they depend on: nothing was said of that. */
  readonly open: readonly { readonly rule: string; readonly on: string }[]
}

export type PolicyAnswer = PolicyReason & {
  readonly file: string
  readonly points: readonly (PolicyReason & { readonly about: string; readonly lost: readonly string[] })[]
}

/** One expectation of a table. */
export type PolicyResult = {
  readonly file: string
  readonly line: number
  readonly name: string
  readonly passed: boolean
  /** What is not as expected. */
  readonly faults: readonly string[]
  readonly found: PolicyReason
}

/** `playbooks`: where they are, instead of where the configuration says. */
type PolicyPlace = { readonly config?: string; readonly playbooks?: string; readonly cwd: string }

/** Who may do what, by the file alone. */
export type PolicyCommands = {
  readonly test: (files: readonly string[], place: PolicyPlace) => Promise<readonly PolicyResult[]>
  readonly explain: (question: object, place: PolicyPlace) => Promise<PolicyAnswer>
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

export type ServeOptions = {
  readonly config?: string
  readonly state?: string
  readonly signal: AbortSignal
  /** Without PostgreSQL, on a log of its own; `checkpoint` is a file with the last one known of the usual log. */
  readonly breakGlass?: { readonly reason: string; readonly checkpoint?: string }
}

/** Commands that open the store themselves. They throw `store.held` when a bot has it. */
export type OwnerCommands = {
  /** Resolves when the bot has stopped in good order. */
  readonly serve: (options: ServeOptions) => Promise<void>
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
  /** Makes the signing key of the log. Its verifier key, and the file. */
  readonly initAudit: (request: {
    readonly config?: string
    readonly state?: string
  }) => Promise<{ readonly key: string; readonly file: string }>
  /** Tells the usual log of the break-glass logs in a state folder: it is frozen then, and its open runs are parked. */
  readonly endBreakGlass: (request: {
    readonly config?: string
    readonly state?: string
  }) => Promise<{ readonly told: readonly string[] }>
  /** Moves the log. From and to are folders, `postgres://…` without a password, or `env:NAME` of such an address. */
  readonly copyStore: (request: {
    readonly from: string
    readonly to: string
    readonly config?: string
    readonly state?: string
    readonly env: Io['env']
    readonly user: string
  }) => Promise<{
    readonly from: string
    readonly to: string
    readonly size: number
    readonly root: string
    readonly resumed: boolean
  }>
  /** Hands over to a new signing key of the log, or ends the overlap in which both sign. Verifier keys. */
  readonly rotateKey: (request: {
    readonly config?: string
    readonly state?: string
    readonly end: boolean
    readonly user: string
  }) => Promise<{ readonly key: string; readonly previous: string }>
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
  readonly policy: PolicyCommands
  readonly owner: OwnerCommands
}
