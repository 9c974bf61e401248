import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { FirebreakError } from '../core/errors.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import { checkEntry } from './entry.ts'
import { damaged, readExportFile } from './export-files.ts'
import { readExportEntry } from './export-read.ts'
import { parseVerifierKey } from './key.ts'
import type { VerifierKey } from './key.ts'

/** Where a state folder and an export keep the checkpoints by which one key handed over to the next. */
export const HANDOVERS = 'handovers'

/** A checkpoint that the old and the new key have signed. It covers entry `seq`, which names the new key. */
export type Handover = { readonly seq: number; readonly checkpoint: string }

const Rotated = z.object({ key: z.string(), previous: z.string() })

/** In the order of the log. */
export function readHandovers(folder: string): Handover[] {
  return namesIn(join(folder, HANDOVERS))
    .filter((name) => /^[0-9]{1,15}$/.test(name))
    .map((name) => ({
      seq: Number(name),
      checkpoint: readExportFile(folder, join(HANDOVERS, name)).toString(),
    }))
    .toSorted((a, b) => a.seq - b.seq)
}

function namesIn(dir: string): string[] {
  if (!existsSync(dir)) return []
  try {
    return readdirSync(dir)
  } catch (cause) {
    damaged(`${HANDOVERS} cannot be read`, cause)
  }
}

/** Keys that may be trusted because others are, what they signed on the way, and how far each of them vouches. */
export type Chain = {
  readonly keys: readonly VerifierKey[]
  readonly earlier: readonly string[]
  readonly covers: readonly { readonly key: string; readonly covers: number }[]
}

/**
 * Follows the handovers of an export from the keys that are trusted. Each step holds by itself: a trusted key has signed a
 * log in which an entry names its successor. The caller must still verify that log up to each of these checkpoints.
 */
export function followHandovers(dir: string, size: number, trusted: readonly VerifierKey[]): Chain {
  const keys = [...trusted]
  const earlier: string[] = []
  const covers: { key: string; covers: number }[] = []
  for (const { seq, checkpoint } of readHandovers(dir)) {
    const named =
      seq < size ? namedIn(dir, seq, size) : damaged(`there is no entry ${seq} for ${HANDOVERS}/${seq}`)
    const signer = keys.find(({ text }) => text === named.previous)
    if (signer === undefined) continue
    const head = verifyCheckpoint(checkpoint, [signer])
    const next = parseVerifierKey(named.key)
    if (head.size <= seq || next.name !== signer.name) {
      damaged(`${HANDOVERS}/${seq} does not cover the entry that names the new key`)
    }
    keys.push(next)
    earlier.push(checkpoint)
    covers.push({ key: signer.text, covers: head.size })
  }
  return { keys, earlier, covers }
}

function namedIn(dir: string, seq: number, size: number): z.infer<typeof Rotated> {
  const entry = readExportEntry(dir, seq, size)
  const wrong = checkEntry(entry, seq)
  const isRotation = Buffer.from(entry.leaf).toString().endsWith(',"type":"log.key-rotated","v":1}')
  if (typeof wrong === 'object' || !isRotation || entry.data === null) {
    damaged(`entry ${seq} is not the one by which a key was handed over`)
  }
  try {
    return Rotated.parse(JSON.parse(Buffer.from(entry.data).toString()))
  } catch (cause) {
    throw new FirebreakError('audit.bad-export', `entry ${seq} does not name a key`, {
      remedy: 'Give the key that signs now, as it was handed out.',
      cause,
    })
  }
}
