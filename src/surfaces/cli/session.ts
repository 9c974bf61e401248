import { join, resolve } from 'node:path'
import { FirebreakError } from '../../core/errors.ts'
import { SOCKET_NAME } from '../../core/wire.ts'
import { type Control, connectControl } from './client.ts'
import type { CliDeps } from './deps.ts'
import type { ExitCode } from './exit-code.ts'
import { toJson } from './text/clean.ts'
import { createPaint, type Paint } from './text/paint.ts'

/** The options that every command has, or every command that speaks to the bot. */
export type CommonOptions = { readonly json?: true; readonly state?: string }

/** One invocation: what it prints and how it ends. */
export type Session = {
  readonly deps: CliDeps
  readonly paint: Paint
  /** Text for people on standard output, or the value as JSON with `--json`. */
  readonly print: (options: CommonOptions, text: string, value: unknown) => void
  /** For people only, on standard error: never part of what a script reads. */
  readonly note: (text: string) => void
  readonly control: (options: CommonOptions) => Control
  readonly endWith: (code: ExitCode) => void
  readonly exitCode: () => ExitCode
}

export function createSession(deps: CliDeps): Session {
  const { io } = deps
  let exitCode: ExitCode = 0
  return {
    deps,
    paint: createPaint(io.interactive, io.env['NO_COLOR']),
    print: ({ json }, text, value) => io.stdout(`${json === true ? toJson(value) : text}\n`),
    note: (text) => io.stderr(`${text}\n`),
    control: (options) => connectControl(join(stateFolder(deps, options), SOCKET_NAME), io),
    endWith: (code) => {
      exitCode = code
    },
    exitCode: () => exitCode,
  }
}

function stateFolder({ io, defaultState }: CliDeps, { state }: CommonOptions): string {
  const named = state ?? io.env['FIREBREAK_STATE'] ?? ''
  return resolve(io.cwd, named === '' ? defaultState : named)
}

export function badUsage(message: string, remedy: string): FirebreakError {
  return new FirebreakError('usage.bad-arguments', message, { remedy })
}
