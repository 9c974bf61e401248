import type { Alert } from '../core/alert.ts'
import { canonicalJson, sha256Hex } from '../core/canonical.ts'
import { FirebreakError } from '../core/errors.ts'
import { unreadable } from './body.ts'
import { parseTime } from './time.ts'

// Alertmanager's webhook (payload version 4, measured with 0.25, 0.28 and 0.33), and the looser bodies that other
// senders post under its name: only `alerts` and `labels` can be counted on, everything else is derived.

/** Alertmanager groups some tens of alerts; each one costs a durable decision. */
const MAX_ALERTS = 2000

/** What arrived when: for alerts that do not say when they began. */
export type Arrival = {
  readonly source: string
  /** RFC 3339 UTC. */
  readonly at: string
}

type Fields = { readonly [key: string]: unknown }

/** The alerts of a body: an envelope, or a single alert. Throws only `alert.unreadable` and `alert.too-large`. */
export function parseAlertmanager(body: unknown, arrival: Arrival): readonly Alert[] {
  const { envelope, entries } = unpack(body)
  if (entries.length > MAX_ALERTS) {
    throw new FirebreakError('alert.too-large', `the body holds ${entries.length} alerts`, {
      remedy: `Set max_alerts on the receiver to at most ${MAX_ALERTS}.`,
    })
  }
  return entries.map((entry, index) => {
    if (!isFields(entry)) throw unreadable(`alert ${index} is not an object`)
    return alertOf({ entry, envelope, arrival, index })
  })
}

function unpack(body: unknown): { envelope: Fields; entries: readonly unknown[] } {
  // A bare list is an answer of Alertmanager's API, where silenced alerts stand beside firing ones: not a notification.
  if (!isFields(body)) throw unreadable('it is not an object')
  if (Array.isArray(body['alerts'])) return { envelope: body, entries: body['alerts'] }
  if (body['alerts'] !== undefined) throw unreadable('`alerts` is not a list')
  if (isFields(body['labels'])) return { envelope: {}, entries: [body] }
  throw unreadable('it has neither `alerts` nor `labels`')
}

type Entry = { entry: Fields; envelope: Fields; arrival: Arrival; index: number }

function alertOf({ entry, envelope, arrival, index }: Entry): Alert {
  const labels = labelsOf(entry, envelope)
  if (labels === undefined) throw unreadable(`alert ${index} has no labels`)
  const severity = text(labels['severity'])
  return {
    source: arrival.source,
    fingerprint: text(entry['fingerprint']) ?? fingerprintOf(labels),
    status: statusOf(entry, envelope, arrival),
    name: text(labels['alertname']) ?? text(entry['summary']) ?? 'unnamed',
    ...(severity === undefined ? {} : { severity }),
    labels,
    annotations: texts(entry['annotations']) ?? texts(envelope['commonAnnotations']) ?? {},
    startsAt: parseTime(entry['startsAt']).instant ?? arrival.at,
    truncated: count(envelope['truncatedAlerts']),
  }
}

function labelsOf(entry: Fields, envelope: Fields): { [label: string]: string } | undefined {
  return texts(entry['labels']) ?? texts(envelope['commonLabels']) ?? texts(envelope['groupLabels'])
}

/**
 * The alert's own status first: a group that is still firing also lists those of its alerts that are resolved. Without
 * one, an end in the past says resolved only where the group does not say firing (some senders write such ends).
 */
function statusOf(entry: Fields, envelope: Fields, arrival: Arrival): Alert['status'] {
  for (const status of [entry['status'], envelope['status']]) {
    if (status === 'firing' || status === 'resolved') return status
  }
  const end = parseTime(entry['endsAt']).instant
  return end !== undefined && Date.parse(end) <= Date.parse(arrival.at) ? 'resolved' : 'firing'
}

/** As stable as Alertmanager's own: the labels, and nothing that changes from firing to resolved. */
function fingerprintOf(labels: { readonly [label: string]: string }): string {
  return sha256Hex(canonicalJson(labels)).slice(0, 16)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object whose values become texts: numbers and lists in labels happen, though Prometheus has none. */
function texts(value: unknown): { [key: string]: string } | undefined {
  if (!isFields(value)) return undefined
  const entries = Object.entries(value).map(([key, item]) => [
    key.toWellFormed(),
    asText(item).toWellFormed(),
  ])
  return Object.fromEntries(entries)
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === null || value === undefined ? '' : JSON.stringify(value)
}

function text(value: unknown): string | undefined {
  const found = typeof value === 'number' ? String(value) : value
  return typeof found === 'string' && found !== '' ? found.toWellFormed() : undefined
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}
