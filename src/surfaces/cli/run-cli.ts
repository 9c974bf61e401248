import { CommanderError } from 'commander'
import { FirebreakError } from '../../core/errors.ts'
import type { CliDeps } from './deps.ts'
import { type ExitCode, exitCodeOf } from './exit-code.ts'
import { createProgram } from './program.ts'
import { createSession } from './session.ts'
import { clean, toJson } from './text/clean.ts'

/** Runs one command line (without `node` and the script) and says how the process should end. Never throws. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<ExitCode> {
  const session = createSession(deps)
  try {
    await createProgram(deps, session).parseAsync([...argv], { from: 'user' })
    return session.exitCode()
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return report(asFirebreakError(error), argv, deps)
  }
}

/** Two lines for people on standard error; with `--json`, the same as a document on standard output. */
function report(error: FirebreakError, argv: readonly string[], { io }: CliDeps): ExitCode {
  const { code, message, remedy } = error
  io.stderr(`error ${code}: ${clean(message)}\n  → ${clean(remedy)}\n`)
  if (argv.includes('--json')) io.stdout(`${toJson({ error: { code, message, remedy } })}\n`)
  return exitCodeOf(code)
}

function asFirebreakError(error: unknown): FirebreakError {
  if (error instanceof FirebreakError) return error
  if (error instanceof CommanderError) return usageError(error)
  const message = error instanceof Error ? error.message : String(error)
  const remedy = 'Please report it, with the command and this line.'
  return new FirebreakError('internal.unexpected', message, { remedy, cause: error })
}

function usageError(error: CommanderError): FirebreakError {
  // The help was printed because no command was given.
  const message =
    error.code === 'commander.help' ? 'no command was given' : error.message.replace(/^error: /, '')
  const remedy = 'See "firebreak --help", or "firebreak COMMAND --help".'
  return new FirebreakError('usage.bad-arguments', message, { remedy, cause: error })
}
