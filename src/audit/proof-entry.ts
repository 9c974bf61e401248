import { z } from 'zod'
import { canonicalJson } from '../core/canonical.ts'
import type { StoredEntry } from './entry.ts'
import type { Text } from './leaf.ts'

/** What a proof file carries of the entry, as the canonical JSON of texts: each byte counts, so none is parsed away. */
const Carried = z.strictObject({ data: z.string().nullable(), leaf: z.string(), salt: z.string().nullable() })

/** An entry for the `extra` line of a proof. A proof without it proves as much, to whoever has the entry. */
export function entryExtra({ leaf, salt, data }: StoredEntry): Buffer {
  const carried = { data: data === null ? null : text(data), leaf: text(leaf), salt }
  return Buffer.from(canonicalJson(carried satisfies z.infer<typeof Carried>))
}

function text(value: Text): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString('utf8')
}

/** Reads it back; nothing where it is something else. The caller holds it against the proof. */
export function entryOfExtra(seq: number, extra: Buffer): StoredEntry | undefined {
  try {
    return { seq, ...Carried.parse(JSON.parse(extra.toString('utf8'))) }
  } catch {
    // The line is free for other logs to use as they like.
    return undefined
  }
}
