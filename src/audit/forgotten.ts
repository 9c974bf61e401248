import { factData } from '../core/fact.ts'
import type { Pages, StoredEntry } from './entry.ts'
import type { Text } from './leaf.ts'

/** How a leaf ends that says how much retention has deleted: its keys are in order. */
const END = ',"type":"audit.forgotten","v":1}'
/** The last letter of the type: by it nearly every other leaf is passed without being looked at. */
const LETTER = END.lastIndexOf('n')

const Said = factData['audit.forgotten'].pick({ entries: true }).loose()

/** How many bodies the log itself says to have deleted, as far as it was read. */
export type Forgotten = { entries: number }

/** Hands pages on, and counts on the way. */
export async function* countForgotten(
  pages: Pages,
  forgotten: Forgotten,
): AsyncIterable<readonly StoredEntry[]> {
  for await (const page of pages) {
    for (const { leaf, data } of page) {
      if (data !== null && endsSo(leaf)) forgotten.entries += saidIn(data)
    }
    yield page
  }
}

/** A body that nobody says to have deleted was taken away by somebody who does not want it read. */
export function takenAway(gone: number, { entries: said }: Forgotten): string | undefined {
  if (gone <= said) return undefined
  return `${gone} entries have lost their data, and the log says so of ${said} only: the others were deleted by hand`
}

function endsSo(leaf: Text): boolean {
  const at = leaf.length - END.length
  if (typeof leaf === 'string') return leaf.endsWith(END)
  return leaf[at + LETTER] === 0x6e && Buffer.from(leaf.subarray(Math.max(0, at))).toString('latin1') === END
}

/** What somebody spoilt is named by whoever verifies it. */
function saidIn(data: Text): number {
  try {
    return Said.safeParse(JSON.parse(Buffer.from(data).toString())).data?.entries ?? 0
  } catch {
    return 0
  }
}
