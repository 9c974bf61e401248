// argv in, exit code out.
import { homedir, hostname, userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { files } from './commands/files.ts'
import { graph } from './commands/graph.ts'
import { policy } from './commands/policy.ts'
import { version } from './commands/version.ts'
import { guardProcess } from './output.ts'
import type { CliDeps, Io } from './surfaces/cli/deps.ts'
import { runCli } from './surfaces/cli/run-cli.ts'

/** The state folder that client commands look for a bot in. */
const DEFAULT_STATE = '.firebreak'

/** Each command loads only what it runs: a stand-in is no part of a bot's start. */
const owner: CliDeps['owner'] = {
  serve: async (options) => (await import('./commands/serve.ts')).serve(options),
  demo: async (options, say) => (await import('./commands/demo.ts')).demo(options, say),
  runLocal: async (request, watch) => (await import('./commands/local.ts')).runLocal(request, watch),
  initAudit: async (request) => (await import('./commands/init-audit.ts')).initAudit(request),
  endBreakGlass: async (request) => (await import('./commands/end-break-glass.ts')).endBreakGlass(request),
  copyStore: async (request) => (await import('./commands/copy-store.ts')).copyStore(request),
  rotateKey: async (request) => (await import('./commands/rotate-key.ts')).rotateKey(request),
  rehearse: async (request, done) => (await import('./commands/rehearse.ts')).rehearse(request, done),
}

export async function main(argv: readonly string[]): Promise<number> {
  guardProcess()
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort())
  // A reader that has seen enough, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const deps: CliDeps = {
    version,
    io: terminal(interrupted.signal),
    defaultState: DEFAULT_STATE,
    files,
    graph,
    policy,
    owner,
  }
  return runCli(argv, deps)
}

function terminal(signal: AbortSignal): Io {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    interactive: process.stdin.isTTY && process.stdout.isTTY,
    env: process.env,
    user: `${orElse(() => userInfo().username, String(process.getuid?.() ?? 'unknown'))}@${hostname()}`,
    home: orElse(homedir, process.cwd()),
    cwd: process.cwd(),
    confirm: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr })
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim())
      } finally {
        lines.close()
      }
    },
    signal,
  }
}

/** A user without an entry in the password file, as in containers, has neither name nor home. */
function orElse<T>(ask: () => T, otherwise: T): T {
  try {
    return ask()
  } catch {
    return otherwise
  }
}
