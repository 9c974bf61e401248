import pino from 'pino'
import { FirebreakError } from './core/errors.ts'

type Write = (fields: object, message: string) => void

export type Log = { readonly [level in 'error' | 'warn' | 'info' | 'debug']: Write }

/**
 * JSON lines on standard error. Of an error that is not ours only its class, its code and where it was thrown are
 * written: providers put whole bodies and headers into their messages, and secrets may be in them (P9).
 */
export function createLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } },
    pino.destination({ fd: 2, sync: true }),
  )
}

function describeError(error: unknown): object {
  if (error instanceof FirebreakError) {
    const { code, message, cause } = error
    return cause === undefined ? { code, message } : { code, message, cause: describeError(cause) }
  }
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const at = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 8)
  return { type: error.constructor.name, ...code, at: at.map((line) => line.trim()) }
}
