import { basename } from 'node:path'
import type { FactData, NewFact } from '../core/fact.ts'
import { digestOf } from '../core/canonical.ts'
import { system } from '../core/person.ts'
import { commit, type BotParts } from './parts.ts'

/** Playbooks in one entry of the log, which holds 60 KiB: more of them make more entries. */
const MOST = 200

const LAST = 'config.loaded'

/** Says in the log which configuration and playbooks this process works by, unless the last one had the same. */
export async function recordLoaded(parts: BotParts): Promise<void> {
  const { store, config, playbooks } = parts
  // A log that was moved to another place is only read here.
  if (store.moved !== undefined) return
  const digests = [...playbooks]
    .map(([name, { info }]) => [name, info.digest] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  const file = basename(config.file)
  const all = digestOf({ config: config.digest, file, playbooks: Object.fromEntries(digests) })
  // Where the memo was lost it is said once more.
  if ((await store.memo.get(LAST)) === all) return
  const facts = Array.from({ length: Math.max(1, Math.ceil(digests.length / MOST)) }, (_, i): NewFact => {
    const some = digests.slice(i * MOST, (i + 1) * MOST)
    const data: FactData<'config.loaded'> = {
      digest: config.digest,
      file,
      playbooks: Object.fromEntries(some),
    }
    return { type: 'config.loaded', actor: system, data }
  })
  await commit(parts, { facts })
  await store.memo.set(LAST, all)
}
