import { randomBytes } from 'node:crypto'
import type { Json } from '../core/json.ts'
import type { GrowingTree, Notary, UnsealedEntry } from '../core/ports.ts'
import { z } from 'zod'
import { signCheckpoint } from './checkpoint.ts'
import type { LogKey } from './key.ts'
import { leafHash, SALT_BYTES, sealEntry } from './leaf.ts'
import { Tree } from './tree.ts'

const State = z.strictObject({ size: z.int(), stack: z.array(z.string()) })

/** What the store needs of the audit log: seal entries, grow the tree, sign its head, with the old key too in an overlap. */
export function createNotary(key: LogKey, previous?: LogKey): Notary {
  const keys = previous === undefined ? [key] : [key, previous]
  return {
    seal: (entry) => seal(entry),
    tree: (state) => growing(state === undefined ? Tree.empty() : Tree.from(State.parse(JSON.parse(state)))),
    sign: (size, root) => signCheckpoint({ origin: key.name, size, root }, ...keys),
  }
}

function seal({ actor, data, ...entry }: UnsealedEntry): ReturnType<Notary['seal']> {
  const salt = randomBytes(SALT_BYTES)
  // Not parsed first: canonical JSON refuses whatever is no JSON.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const sealed = sealEntry({ ...entry, actor: actor as Json, data: data as Json }, salt)
  return { leaf: sealed.leaf, data: sealed.data, salt: salt.toString('hex'), hash: leafHash(sealed.leaf) }
}

function growing(tree: Tree): GrowingTree {
  return {
    append: (hash) => tree.append(hash),
    size: () => tree.size,
    root: () => tree.root(),
    state: () => JSON.stringify(tree.state()),
  }
}
