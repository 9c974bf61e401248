import { leafHash } from '../../../src/audit/leaf.ts'
import { copyStore, type Copied, type CopyOptions } from '../../../src/store/copy/copy.ts'
import type { Destination, Source } from '../../../src/store/copy/port.ts'

type Open = { readonly source: () => Promise<Source> }
type Into = { readonly destination: () => Promise<Destination> }
type Options = Pick<CopyOptions, 'notary'> & Partial<CopyOptions>

export const actor = { kind: 'account', account: { via: 'os', user: 'olga@box' } } as const

/** Moves a log from one place to another, and lets go of both. */
export async function move(from: Open, to: Into, options: Options): Promise<Copied> {
  const source = await from.source()
  try {
    const destination = await to.destination()
    try {
      const ends = { from: source, to: destination }
      return await copyStore({ clock: { now: Date.now }, actor, leafHash, protocol: 1, ...ends, ...options })
    } finally {
      await destination.close()
    }
  } finally {
    await source.close()
  }
}
