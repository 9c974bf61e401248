import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { SOCKET_NAME } from '../../../src/core/wire.ts'
import { type ControlServer, startControl } from '../../../src/surfaces/api/control.ts'
import type {
  CliDeps,
  FileCommands,
  GraphCommands,
  Io,
  OwnerCommands,
  PolicyCommands,
} from '../../../src/surfaces/cli/deps.ts'
import { runCli } from '../../../src/surfaces/cli/run-cli.ts'
import { createFake, type Fake } from '../api/fake-firebreak.ts'
import { keepLog } from '../api/keep-log.ts'

type Result = { readonly code: number; readonly out: string; readonly err: string }

export type Cli = {
  readonly folder: string
  readonly run: (...argv: string[]) => Promise<Result>
  /** Calls the listener with all that has been printed so far, whenever something is. */
  readonly onPrint: (listener: (text: string) => void) => void
  readonly interrupt: () => void
}

type Change = {
  readonly io?: Partial<Io>
  readonly files?: Partial<FileCommands>
  readonly graph?: Partial<GraphCommands>
  readonly policy?: Partial<PolicyCommands>
  readonly owner?: Partial<OwnerCommands>
}

/** The command line with its output captured. Commands that a test does not give are refused. */
export function createCli(change: Change = {}): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'fb-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const listeners = new Set<(text: string) => void>()
  const interruption = new AbortController()
  const run = async (...argv: string[]): Promise<Result> => {
    let out = ''
    let err = ''
    const tell = (): void => {
      for (const listener of listeners) listener(out + err)
    }
    const io: Io = {
      stdout: (text) => {
        out += text
        tell()
      },
      stderr: (text) => {
        err += text
        tell()
      },
      interactive: false,
      env: {},
      user: 'ada',
      home: folder,
      cwd: folder,
      confirm: () => Promise.reject(new Error('no question was expected')),
      signal: interruption.signal,
      ...change.io,
    }
    const code = await runCli(argv, { ...depsOf(change), io })
    return { code, out, err }
  }
  return {
    folder,
    run,
    onPrint: (listener) => listeners.add(listener),
    interrupt: () => interruption.abort(),
  }
}

function depsOf({ files, graph, policy, owner }: Change): Omit<CliDeps, 'io'> {
  return {
    version: '1.2.3',
    defaultState: 'state',
    files: {
      lint: notGiven,
      playbookInfos: notGiven,
      actions: notGiven,
      auditVerifyDir: notGiven,
      auditVerifyAny: notGiven,
      auditProveEntry: notGiven,
      auditProveGrowth: notGiven,
      auditVerifyProof: notGiven,
      ...files,
    },
    graph: { playbook: notGiven, draw: notGiven, ...graph },
    policy: { test: notGiven, explain: notGiven, ...policy },
    owner: {
      serve: notGiven,
      demo: notGiven,
      runLocal: notGiven,
      initAudit: notGiven,
      copyStore: notGiven,
      endBreakGlass: notGiven,
      rotateKey: notGiven,
      rehearse: notGiven,
      ...owner,
    },
  }
}

function notGiven(): Promise<never> {
  return Promise.reject(new Error('the test gave no such command'))
}

/** A command line beside a running bot: the fake behind a real control socket in its state folder. */
export async function createCliWithBot(
  change: Change = {},
): Promise<Cli & { readonly fake: Fake; readonly bot: ControlServer }> {
  const cli = createCli({ ...change, io: { env: { FIREBREAK_STATE: '.' }, ...change.io } })
  const fake = createFake()
  const parts = [
    { name: 'aws main', identity: 'arn:aws:iam::1:user/bot', ok: true },
    { name: 'slack', identity: 'U1 in T1', ok: false, detail: 'no answer', remedy: 'Check the token.' },
  ]
  const bot = await startControl({
    app: fake.app,
    socketPath: join(cli.folder, SOCKET_NAME),
    version: '1.2.3',
    doctor: () => Promise.resolve(parts),
    log: keepLog(),
  })
  onTestFinished(() => bot.close())
  return { ...cli, fake, bot }
}
