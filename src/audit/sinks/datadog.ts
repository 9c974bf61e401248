import { hostname } from 'node:os'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '../../core/ports.ts'
import type { DatadogSinkSettings } from '../../core/sink-settings.ts'
import { openPoster } from './http-post.ts'
import { all, type Sink, type SinkEntry } from './sink.ts'

/** Limits of the intake (API v2, "Send logs"): 1000 entries and 5 MB uncompressed a request, 1 MB an entry. */
const MAX_ENTRIES = 1000
/** Brackets and commas come on top. */
const MAX_BYTES = 5_000_000 - 2 * MAX_ENTRIES
/** The intake takes timestamps of up to 18 hours ago; an older entry is dated by its arrival. Its own time is in it either way. */
const OLDEST_MS = 17 * 60 * 60_000

const compress = promisify(gzip)

/** Datadog's HTTP intake. It knows no repeats: an entry whose answer was lost is there twice, with one id. */
export function datadogSink(settings: DatadogSinkSettings, clock: Clock): Sink {
  const { name, site, apiKey, batch = MAX_ENTRIES } = settings
  const url = settings.url ?? `https://http-intake.logs.${site}`
  const poster = openPoster(url, settings.ca)
  return {
    name,
    place: new URL(url).host,
    limits: { entries: Math.min(batch, MAX_ENTRIES), bytes: MAX_BYTES },
    encode: (entry) => JSON.stringify(logOf(entry, settings, clock.now())),
    send: async (parcels, signal) => {
      const headers = {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'dd-api-key': apiKey.reveal(),
      }
      const body = await compress(`[${parcels.map(({ text }) => text).join(',')}]`)
      const { trouble } = await poster.post({ path: '/api/v2/logs', headers, body }, signal)
      return trouble === undefined ? all(parcels) : { accepted: 0, trouble }
    },
    close: poster.close,
  }
}

function logOf(entry: SinkEntry, { service, tags }: DatadogSinkSettings, now: number): object {
  const { seq, time, type, run, step } = entry
  const recent = now - Date.parse(time) < OLDEST_MS
  return {
    ddsource: 'firebreak',
    ddtags: tags.join(','),
    hostname: hostname(),
    service,
    message: [type, run, step, `entry ${seq}`].filter((part) => part !== undefined).join(' · '),
    ...(recent ? { timestamp: time } : {}),
    firebreak: entry,
  }
}
