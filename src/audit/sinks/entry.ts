import { z } from 'zod'
import type { Json } from '../../core/json.ts'
import type { StoredEntry } from '../../core/ports.ts'
import type { SinkEntry } from './sink.ts'

const json: z.ZodType<Json> = z.json()

const Envelope = z.object({
  time: z.string(),
  type: z.string(),
  run: z.string().exactOptional(),
  n: z.number().exactOptional(),
  step: z.string().exactOptional(),
  actor: json,
})

/** Of a leaf hash, enough to tell two entries apart that claim the same place. */
const HASH_DIGITS = 16

/**
 * What is sent of a stored entry; undefined when somebody spoilt it. It is parsed and written anew, never passed on as
 * text: a line break smuggled into the journal would be a command of its own in a bulk request.
 */
export function readEntry(stored: StoredEntry, origin: string): SinkEntry | undefined {
  const { seq, hash } = stored
  try {
    const { time, type, actor, ...place } = Envelope.parse(JSON.parse(stored.leaf))
    const data = stored.data ? json.parse(JSON.parse(stored.data)) : null
    const id = `${origin}/${seq}/${hash.slice(0, HASH_DIGITS)}`
    return { id, origin, seq, time, type, ...place, actor, data, hash }
  } catch {
    return undefined
  }
}

/** JSON in ASCII only: nothing in it can steer a terminal or turn the reading direction of a viewer. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
