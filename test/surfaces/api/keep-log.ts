import type { Log } from '../../../src/surfaces/api/log.ts'

type Entry = { level: 'info' | 'warn' | 'error'; fields: object; message: string }

/** A logger that keeps what it is told. */
export function keepLog(): Log & { readonly entries: Entry[] } {
  const entries: Entry[] = []
  const at =
    (level: Entry['level']) =>
    (fields: object, message: string): void => {
      entries.push({ level, fields, message })
    }
  return { entries, info: at('info'), warn: at('warn'), error: at('error') }
}
