// Whether the signing key at hand is the one that signs the log.
import { z } from 'zod'
import { FirebreakError } from '../core/errors.ts'
import type { Store } from '../core/ports.ts'
import type { LogKey } from '../audit/key.ts'

/** Which keys the log names, up to an entry. */
const Seen = z.object({
  size: z.int(),
  key: z.string(),
  /** Signs beside it since a rotation, until it is retired. */
  previous: z.string().optional(),
})
type Seen = z.infer<typeof Seen>

const Opened = z.object({ key: z.string() })
const Rotated = z.object({ key: z.string(), previous: z.string() })

/** A long log is read once: the next start goes on from there. What is lost is read again. */
const MEMO = 'log.keys'

/** Refuses a key of another log, and one that was replaced. In the overlap of a rotation old and new are both good. */
export async function refuseOtherKey(store: Store, key: LogKey): Promise<void> {
  const seen = await keysOf(store)
  if (seen === undefined || key.text === seen.key || key.text === seen.previous) return
  throw new FirebreakError('audit.other-key', `The log is signed by ${seen.key}, not by ${key.text}`, {
    remedy:
      'Bring this process the file log.key of the others. After a rotation that was interrupted, run `firebreak audit rotate-key` again.',
  })
}

async function keysOf(store: Store): Promise<Seen | undefined> {
  const before = remembered(await store.memo.get(MEMO))
  let seen = before
  for await (const page of store.entries(before?.size ?? 0)) {
    for (const { seq, leaf, data } of page) seen = after(seen, { seq, leaf, data: data ?? 'null' })
  }
  if (seen !== undefined && seen.size !== before?.size && store.moved === undefined)
    await store.memo.set(MEMO, JSON.stringify(seen))
  return seen
}

function remembered(text: string | undefined): Seen | undefined {
  if (text === undefined) return undefined
  return Seen.safeParse(JSON.parse(text)).data
}

type Entry = { readonly seq: number; readonly leaf: string; readonly data: string }

/** A leaf is canonical JSON, whose last keys are the type and the version. */
function after(seen: Seen | undefined, { seq, leaf, data }: Entry): Seen | undefined {
  const size = seq + 1
  if (seq === 0 && isOf(leaf, 'log.opened')) return { size, ...Opened.parse(JSON.parse(data)) }
  if (seen === undefined) return undefined
  if (isOf(leaf, 'log.key-rotated')) return { size, ...Rotated.parse(JSON.parse(data)) }
  if (isOf(leaf, 'log.key-retired')) return { size, key: seen.key }
  return { ...seen, size }
}

function isOf(leaf: string, type: string): boolean {
  return leaf.endsWith(`,"type":"${type}","v":1}`)
}
