import { createHmac } from 'node:crypto'
import type { Clock } from '../../core/ports.ts'
import { Secret } from '../../core/secret.ts'
import type { HttpSinkSettings } from '../../core/sink-settings.ts'
import { openPoster } from './http-post.ts'
import { all, type Parcel, type Sink } from './sink.ts'

const MAX_BYTES = 1 << 20

/** Header of the signature, in the form that many webhooks use: `t=SECONDS,v1=HEX`. */
const SIGNATURE_HEADER = 'firebreak-signature'

/**
 * A POST to any receiver: a JSON array, or a JSON value a line. Only an answer of 2xx moves on; a receiver that does not
 * want an entry says yes and drops it.
 */
export function httpSink(settings: HttpSinkSettings, clock: Clock): Sink {
  const { name, url, format, hmac, batch = 500 } = settings
  const poster = openPoster(url, settings.ca)
  return {
    name,
    place: new URL(url).host,
    limits: { entries: batch, bytes: MAX_BYTES },
    encode: (entry) => JSON.stringify(entry),
    send: async (parcels, signal) => {
      const body = bodyOf(parcels, format)
      const headers = {
        'content-type': format === 'array' ? 'application/json' : 'application/x-ndjson',
        'idempotency-key': keyOf(parcels),
        ...revealed(settings.headers),
        ...(hmac === undefined ? {} : { [SIGNATURE_HEADER]: signatureOf(body, hmac, clock.now()) }),
      }
      const { trouble } = await poster.post({ headers, body }, signal)
      return trouble === undefined ? all(parcels) : { accepted: 0, trouble }
    },
    close: poster.close,
  }
}

function bodyOf(parcels: readonly Parcel[], format: HttpSinkSettings['format']): string {
  const texts = parcels.map(({ text }) => text)
  return format === 'array' ? `[${texts.join(',')}]` : `${texts.join('\n')}\n`
}

/** The same batch has the same key. A batch that grew meanwhile has another: entries are told apart by their id. */
function keyOf(parcels: readonly Parcel[]): string {
  const [first, last] = [parcels[0], parcels.at(-1)].map((parcel) => parcel?.entry)
  return `${first?.id ?? ''}..${last?.seq ?? ''}`
}

function revealed(headers: HttpSinkSettings['headers']): { [name: string]: string } {
  const entries = Object.entries(headers)
  return Object.fromEntries(
    entries.map(([name, value]) => [name.toLowerCase(), value instanceof Secret ? value.reveal() : value]),
  )
}

/** The time is signed too, so that a request that somebody kept cannot be sent again later. */
function signatureOf(body: string, secret: Secret, now: number): string {
  const seconds = Math.floor(now / 1000)
  const mac = createHmac('sha256', secret.reveal()).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${mac}`
}
