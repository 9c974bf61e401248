import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { createAppender } from '../append-lines.ts'
import type { Anchor } from './anchor.ts'

const Line = z.object({ checkpoint: z.string() })

type Options = {
  readonly name: string
  /** A folder that others than the owner of the journal look after: another disk, a share that is append-only. */
  readonly folder: string
  readonly origin: string
}

/** Checkpoints as lines of a file that is only appended to, one file for each log. */
export function fileAnchor({ name, folder, origin }: Options): Anchor {
  const path = join(folder, `${encodeURIComponent(origin)}.checkpoints.jsonl`)
  const append = createAppender(path)
  return {
    name,
    place: path,
    put: async (checkpoint, signal) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const time = new Date().toISOString()
      await append([JSON.stringify({ time, checkpoint })], signal)
    },
    recent: (limit, signal) => readLast(path, limit, signal),
  }
}

async function readLast(path: string, limit: number, signal: AbortSignal): Promise<readonly string[]> {
  const found: string[] = []
  try {
    const lines = createInterface({ input: createReadStream(path, { signal }), crlfDelay: Infinity })
    for await (const line of lines) {
      const checkpoint = parse(line)
      if (checkpoint !== undefined) found.push(checkpoint)
      if (found.length > 2 * limit) found.splice(0, found.length - limit)
    }
  } catch (error) {
    // Nothing was put there yet. A folder that is not mounted looks the same: the comparison says that it is empty.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  return found.slice(-limit).toReversed()
}

/** A line that was cut off by a full disk is passed over: those before it still count. */
function parse(line: string): string | undefined {
  try {
    return Line.parse(JSON.parse(line)).checkpoint
  } catch {
    return undefined
  }
}
