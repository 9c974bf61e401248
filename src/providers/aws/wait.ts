import { setTimeout as sleep } from 'node:timers/promises'
import { calling } from './errors.ts'

const FIRST_MS = 100
const LONGEST_MS = 2000

/** Asks again and again, ever more slowly, until the answer is yes or the signal ends it (`provider.timeout`). */
export async function waitFor(
  what: string,
  isTrue: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  for (let pause = FIRST_MS; !(await isTrue()); pause = Math.min(pause * 1.5, LONGEST_MS)) {
    const rest = pause
    await calling(what, () => sleep(rest, undefined, { signal }))
  }
}
