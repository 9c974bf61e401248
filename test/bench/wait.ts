import { setTimeout as sleep } from 'node:timers/promises'

/** Looks until there is something to return, for ten seconds at most. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const until = performance.now() + 10_000
  while (performance.now() < until) {
    // oxlint-disable no-await-in-loop -- one look after the other
    const found = await look()
    if (found !== undefined) return found
    await sleep(3)
    // oxlint-enable no-await-in-loop
  }
  throw new Error(`waited ten seconds for ${what}`)
}
