import type { Alert } from '../core/alert.ts'
import { sha256Hex } from '../core/canonical.ts'

/** The store's `once` guard: the same alert makes one run, however often it is sent. */
export type Once = { readonly scope: string; readonly key: string; readonly expires: number }

const DAY = 24 * 60 * 60_000

/** Longer than an alert fires unheeded; a firing alert is sent again every `repeat_interval` with the same start. */
const KEEP_MS = 30 * DAY
/** Without a start, nothing but time tells a repeat from the next incident. */
const KEEP_UNDATED_MS = DAY / 24

/**
 * Source, fingerprint, status and start. A start that is the time of arrival was not said by the sender, so it is left
 * out: each retry would bring another.
 */
export function onceFor(alert: Alert, arrivedAt: string): Once {
  const dated = alert.startsAt !== arrivedAt
  const parts = [alert.source, alert.fingerprint, alert.status, dated ? alert.startsAt : '']
  const expires = Date.parse(arrivedAt) + (dated ? KEEP_MS : KEEP_UNDATED_MS)
  return { scope: 'alert', key: sha256Hex(JSON.stringify(parts)), expires }
}
