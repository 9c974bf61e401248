// One reader for every form of time that the senders of alerts use. It never throws: a time that cannot be read is
// simply not known, and the time of arrival stands in for it.

type Precision = 'day' | 'second' | 'fraction' | 'none'

export type ReadTime = {
  /** RFC 3339 UTC, with as many digits as the sender gave (at most nine). Absent: never, not said, or unreadable. */
  readonly instant?: string
  readonly precision: Precision
  /** No zone was given; UTC is assumed. */
  readonly assumedUtc: boolean
  /** As it came, cut to a length that can be logged. */
  readonly raw: string
}

/** Longer texts are no time in any form. */
const MAX_RAW = 64

/** Text, a number of seconds, milliseconds, microseconds or nanoseconds since 1970, or anything else. */
export function parseTime(value: unknown): ReadTime {
  const raw = rawText(value)
  const found = raw.length > MAX_RAW ? undefined : (epoch(raw) ?? iso(raw) ?? rfc1123(raw))
  return { precision: 'none', assumedUtc: false, ...found, raw: raw.slice(0, MAX_RAW) }
}

type Found = Pick<ReadTime, 'instant' | 'precision'> & { readonly assumedUtc?: boolean }

function rawText(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : ''
}

/** The unit follows from the size: one number of seconds below 10^11 is a year before 5138. */
function epoch(raw: string): Found | undefined {
  const parts = /^(\d{1,19})(?:\.(\d{1,9})\d*)?$/.exec(raw)
  const [, whole = '', fraction = ''] = parts ?? []
  if (parts === null || whole.length < 9) return undefined
  const digits = whole.length <= 11 ? 0 : whole.length <= 14 ? 3 : whole.length <= 17 ? 6 : 9
  const seconds = Number(whole.slice(0, whole.length - digits))
  const part = digits === 0 ? fraction : whole.slice(-digits)
  return found(seconds * 1000, part)
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(?: ?(Z|UTC|[+-]\d\d:?\d\d)(?: [A-Za-z0-9+-]{1,6})?)?)?$/i

/** ISO 8601 with or without zone, and Go's `2024-01-15 10:30:45 +0000 UTC`. */
function iso(raw: string): Found | undefined {
  const parts = ISO.exec(raw)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone] = parts
  const utc = utcMs(`${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}`)
  // Year 1 is how Go writes "never": an alert that has not ended.
  if (utc === undefined || Number(year) <= 1) return undefined
  const ms = utc - offsetMs(zone)
  if (hour === undefined) return { ...found(ms, ''), precision: 'day', assumedUtc: true }
  return { ...found(ms, fraction), assumedUtc: zone === undefined }
}

/** Milliseconds of `2024-01-15T10:30:45`. Date turns 31 February into March; a time that does not exist is not known. */
function utcMs(text: string): number | undefined {
  const ms = Date.parse(`${text}Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? ms : undefined
}

function offsetMs(zone: string | undefined): number {
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '')
  if (parts === null) return 0
  const minutes = Number(parts[2]) * 60 + Number(parts[3])
  return (parts[1] === '-' ? -minutes : minutes) * 60_000
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** `Sun, 05 Jun 2016 05:01:10 GMT`. The day of the week is not believed: AWS sends wrong ones. */
function rfc1123(raw: string): Found | undefined {
  const parts =
    /^(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|\+0000)$/.exec(raw)
  if (parts === null) return undefined
  const [, day = '', month = '', year, hour, minute, second] = parts
  const number = String(MONTHS.indexOf(month.toLowerCase()) + 1).padStart(2, '0')
  const ms = utcMs(`${year}-${number}-${day.padStart(2, '0')}T${hour}:${minute}:${second}`)
  return ms === undefined ? undefined : found(ms, '')
}

function found(ms: number, fraction: string): Found {
  const date = new Date(ms)
  const year = Number.isNaN(date.getTime()) ? 0 : date.getUTCFullYear()
  if (year < 1000 || year > 9999) return { precision: 'none' }
  const digits = fraction === '' ? '' : `.${fraction}`
  return {
    instant: `${date.toISOString().slice(0, 19)}${digits}Z`,
    precision: fraction === '' ? 'second' : 'fraction',
  }
}
