import { z } from 'zod'
import type { ElasticsearchSinkSettings } from '../../core/sink-settings.ts'
import { openPoster, type Poster } from './http-post.ts'
import type { Parcel, Refusal, Sent, Sink, SinkEntry, Trouble } from './sink.ts'

/** Far below the 100 MB that a cluster takes, and about what its documentation recommends for one request. */
const MAX_BYTES = 5 << 20
/** Only what is judged: an answer repeats the id of every entry otherwise. */
const FILTER = 'filter_path=errors,items.*.status,items.*.error.type'

const BulkAnswer = z.object({
  items: z.array(
    z.object({
      create: z.object({ status: z.int(), error: z.object({ type: z.string() }).optional() }),
    }),
  ),
})
type Item = z.infer<typeof BulkAnswer>['items'][number]['create']
type Bulk = (texts: readonly string[], signal: AbortSignal) => Promise<readonly Item[] | Trouble>

/**
 * Elasticsearch and OpenSearch by `_bulk`. Each entry is created under its own id, so that one sent twice is there once
 * (in a data stream: as long as its backing index is the current one).
 */
export function elasticsearchSink(settings: ElasticsearchSinkSettings): Sink {
  const { name, url, index, batch = 1000 } = settings
  const poster = openPoster(url, settings.ca)
  const bulk = bulkCall(poster, settings)
  return {
    name,
    place: `${new URL(url).host}, index ${index}`,
    limits: { entries: batch, bytes: MAX_BYTES },
    encode: (entry) => lines(entry, { data: entry.data }),
    send: async (parcels, signal) => {
      const items = await bulk(
        parcels.map(({ text }) => text),
        signal,
      )
      if ('why' in items) return { accepted: 0, trouble: items }
      const first = judge(parcels, items)
      return first.refused.length === 0 ? first : secondTry(first, parcels, { bulk, signal })
    },
    close: poster.close,
  }
}

/**
 * Facts of different types give one field different types, and an index takes only the first it met. What is
 * refused for that is sent again with its data as text, which any index takes.
 */
async function secondTry(
  first: Judged,
  parcels: readonly Parcel[],
  { bulk, signal }: { readonly bulk: Bulk; readonly signal: AbortSignal },
): Promise<Sent> {
  const odd = parcels.filter(({ entry }) => first.refused.some(({ seq }) => seq === entry.seq))
  const texts = odd.map(({ entry }) => lines(entry, { data_text: JSON.stringify(entry.data) }))
  const items = await bulk(texts, signal)
  const before = (seq: number) => parcels.findIndex(({ entry }) => entry.seq === seq)
  const [start] = first.refused
  if ('why' in items) return { accepted: start === undefined ? 0 : before(start.seq), trouble: items }
  const second = judge(odd, items)
  const stuck = odd[second.accepted]
  if (stuck === undefined) return { ...first, refused: second.refused }
  const { refused, trouble } = second
  return { accepted: before(stuck.entry.seq), refused, ...(trouble === undefined ? {} : { trouble }) }
}

function lines(entry: SinkEntry, data: object): string {
  const { id, data: _, ...rest } = entry
  const action = JSON.stringify({ create: { _id: id } })
  return `${action}\n${JSON.stringify({ '@timestamp': entry.time, id, ...rest, ...data })}\n`
}

function bulkCall(poster: Poster, settings: ElasticsearchSinkSettings): Bulk {
  const path = `/${encodeURIComponent(settings.index)}/_bulk?${FILTER}`
  return async (texts, signal) => {
    const headers = { 'content-type': 'application/x-ndjson', ...credentials(settings) }
    const answer = await poster.post({ path, headers, body: texts.join('') }, signal)
    if (answer.trouble !== undefined) return answer.trouble
    const items = readItems(answer.text)
    return items?.length === texts.length
      ? items
      : { why: 'it answers something else than a bulk request is answered with' }
  }
}

function credentials({ apiKey, user, password }: ElasticsearchSinkSettings): { authorization?: string } {
  if (apiKey !== undefined) return { authorization: `ApiKey ${apiKey.reveal()}` }
  if (user === undefined || password === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}` }
}

function readItems(text: string): Item[] | undefined {
  try {
    return BulkAnswer.parse(JSON.parse(text)).items.map(({ create }) => create)
  } catch {
    return undefined
  }
}

type Judged = Sent & { readonly refused: readonly Refusal[] }

/** The batch is done up to the first entry that has to be sent again; those behind it that are there do no harm. */
function judge(parcels: readonly Parcel[], items: readonly Item[]): Judged {
  const stuck = items.findIndex((item) => !isThere(item) && item.status !== 400)
  const accepted = stuck === -1 ? items.length : stuck
  const refused = parcels.slice(0, accepted).flatMap(({ entry }, at) => {
    const item = items[at]
    return item?.status === 400 ? [{ seq: entry.seq, why: errorWords(item) }] : []
  })
  const item = items[stuck]
  if (item === undefined) return { accepted, refused }
  return {
    accepted,
    refused,
    trouble: { why: `it answers ${item.status} for an entry: ${errorWords(item)}` },
  }
}

/** 409: an entry of this id is there already, from a request whose answer was lost. */
function isThere({ status }: Item): boolean {
  return (status >= 200 && status < 300) || status === 409
}

/** The type is a word of Elasticsearch; its reason would repeat the entry. */
function errorWords({ error }: Item): string {
  return /^[a-z_]{1,60}$/.test(error?.type ?? '') ? (error?.type ?? '') : 'no reason that can be shown'
}
