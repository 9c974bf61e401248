import { hostname } from 'node:os'
import type { SyslogSinkSettings } from '../../core/sink-settings.ts'
import { asciiJson } from './entry.ts'
import type { SinkEntry } from './sink.ts'

/** Of RFC 5424, section 6.2.1: what went wrong is a warning, everything else a notice. */
const WARNING = 4
const NOTICE = 5
const WRONG = /failed|refused|rejected|in-doubt|parked|denied/

/**
 * The element's id needs the number of an enterprise; this is the one that RFC 5612 sets aside for examples, because the
 * project has none of its own.
 */
const ELEMENT = 'firebreak@32473'
/** Longest value of a parameter: a step's name may hold an item, and what was cut is in the message whole. */
const MAX_VALUE = 200

/** One entry as a message of RFC 5424: what a receiver filters by as structured data, the entry itself as JSON. */
export function syslogMessage(entry: SinkEntry, settings: SyslogSinkSettings): string {
  const severity = WRONG.test(entry.type) ? WARNING : NOTICE
  const header = [
    `<${settings.facility * 8 + severity}>1`,
    entry.time,
    printable(hostname(), 255),
    printable(settings.appName, 48),
    '-',
    printable(entry.type, 32),
  ]
  const start = `${header.join(' ')} ${structured(entry)}`
  return (
    [entry, withoutData(entry)]
      .map((value) => `${start} ${asciiJson(value)}`)
      // All of it is ASCII but the structured data.
      .find((text) => Buffer.byteLength(text) <= settings.maxMessage) ?? start
  )
}

/** Too long for the receiver: a JSON text that is cut off is worth nothing, one that says what is missing is. */
function withoutData(entry: SinkEntry): object {
  const { data, ...rest } = entry
  return { ...rest, data: null, leftOut: { bytes: Buffer.byteLength(JSON.stringify(data)) } }
}

function structured({ seq, hash, origin, run, step }: SinkEntry): string {
  const values = Object.entries({ seq, hash, origin, run, step })
  const parts = values.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escaped(String(value))}"`],
  )
  return `[${ELEMENT} ${parts.join(' ')}]`
}

/** RFC 5424, section 6.3.3. Control characters are allowed there, and break the lines of whoever shows them. */
function escaped(value: string): string {
  return value
    .slice(0, MAX_VALUE)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
    .replaceAll(/["\\\]]/g, String.raw`\$&`)
}

function printable(text: string, length: number): string {
  return text.replaceAll(/[^\u0021-\u007e]/g, '_').slice(0, length) || '-'
}
