import type { Firebreak } from '../../core/app.ts'
import type { Log } from './log.ts'

/** Keeps what changes often: of many changes in a row only the last one is written, and nobody waits for it. */
export type MemoWriter = {
  readonly save: (key: string, value: () => string) => void
  readonly idle: () => Promise<void>
}

export function createMemoWriter(memo: Firebreak['memo'], log: Log): MemoWriter {
  const wanted = new Map<string, () => string>()
  let writing: Promise<void> | undefined
  const writeAll = async () => {
    // One turn later, when those who were called together have all said what they have to.
    await Promise.resolve()
    for (let next = first(wanted); next !== undefined; next = first(wanted)) {
      const [key, value] = next
      wanted.delete(key)
      try {
        await memo.set(key, value())
      } catch (error) {
        log.warn({ key, why: String(error) }, 'slack view not kept')
      }
    }
    writing = undefined
  }
  return {
    save: (key, value) => {
      wanted.set(key, value)
      writing ??= writeAll()
    },
    idle: async () => {
      await writing
    },
  }
}

function first(wanted: ReadonlyMap<string, () => string>): [string, () => string] | undefined {
  const next = wanted.entries().next()
  return next.done === true ? undefined : next.value
}
