import { z } from 'zod'
import { Actor } from '../../core/person.ts'
import type { StoredEntry } from '../entry.ts'

const Leaf = z.looseObject({
  seq: z.int(),
  time: z.string(),
  type: z.string(),
  run: z.string().optional(),
  n: z.int().optional(),
  step: z.string().optional(),
  actor: Actor,
})
const Data = z.record(z.string(), z.unknown())

/** An entry, read: what the report is made from. No `data` where retention has deleted it. */
export type EntryRecord = z.infer<typeof Leaf> & { readonly data: z.infer<typeof Data> | undefined }

/** Reads a proven entry. Undefined when its leaf is not that of a fact. */
export function readRecord({ leaf, data }: StoredEntry): EntryRecord | undefined {
  try {
    const frame = Leaf.parse(JSON.parse(Buffer.from(leaf).toString('utf8')))
    const body = data === null ? undefined : Data.parse(JSON.parse(Buffer.from(data).toString('utf8')))
    return { ...frame, data: body }
  } catch {
    // What it says was proved all the same; there is nothing here that could show it.
    return undefined
  }
}
