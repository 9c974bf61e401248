import pino from 'pino'
import { FirebreakError } from './core/errors.ts'
import { scrubJsonText } from './core/scrub/json-text.ts'

type Write = (fields: object, message: string) => void

export type Log = { readonly [level in 'error' | 'warn' | 'info' | 'debug']: Write }

/**
 * JSON lines on standard error. Of an error that is not ours only its class, its code and where it was thrown are
 * written: providers put whole bodies and headers into their messages, and secrets may be in them (P9). Then each line
 * passes the scrubber, whatever it is made of.
 */
export function createLog(level: string): Log {
  return createPino(level)
}

/** The last line of a process that ends for an error that nobody caught. */
export function logCrash(error: unknown): void {
  createPino('fatal').fatal({ err: error }, 'the process ends: nobody caught this error')
}

function createPino(level: string): pino.Logger {
  const serializers = { err: describeError }
  const sink = pino.destination({ fd: 2, sync: true })
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers },
    { write: (line: string) => void sink.write(fit(line)) },
  )
}

/**
 * One record, one line, whoever reads it: what JSON leaves as it is, but a terminal or another reader of lines would
 * obey, is escaped too.
 */
function fit(line: string): string {
  return `${scrubJsonText(line.trimEnd())}\n`.replaceAll(/[\p{Cf}\p{Zl}\p{Zp}\u{7f}-\u{9f}]/gu, escapeUnits)
}

function escapeUnits(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

/** Causes of causes, as far as they tell something. */
const MOST_CAUSES = 8

function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { type: typeof error }
  const own =
    error instanceof FirebreakError ? { code: error.code, message: error.message } : describeForeign(error)
  const { cause } = error
  if (cause === undefined || depth >= MOST_CAUSES) return own
  return { ...own, cause: describeError(cause, depth + 1) }
}

function describeForeign(error: Error): object {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { type: error.constructor.name, ...code, at: framesOf(error) }
}

/** Where it was thrown. A stack begins with the message, and a line of that may look like a place too. */
function framesOf({ stack = '', message }: Error): string[] {
  const said = message === '' ? -1 : stack.indexOf(message)
  return stack
    .slice(said < 0 ? 0 : said + message.length)
    .split('\n')
    .filter((line) => /^ {4}at .*(?::\d+:\d+\)?|\(<anonymous>\)|\(native\))$/.test(line))
    .slice(0, 8)
    .map((line) => line.trim())
}
