import type { Text } from './leaf.ts'

const START = Buffer.from('{"data":')
const TAIL = /^,"salt":"([0-9a-f]{32})","seq":(0|[1-9][0-9]*)\}$/
const SALT_START = ',"salt":"'
const SALT_DIGITS = 32
/** The length of what stands behind the data, without the digits of seq. */
const TAIL_LENGTH = SALT_START.length + SALT_DIGITS + '","seq":}'.length

/** A body beside the tiles of an export. */
export type Body = { readonly seq: number; readonly salt: string; readonly data: Uint8Array }

/** One line of `bodies.jsonl`: the canonical JSON of {data, salt, seq}, so that it has one spelling only. */
export function bodyLine(seq: number, salt: string, data: Text): Buffer {
  const tail = `,"salt":"${salt}","seq":${seq}}\n`
  return Buffer.concat([START, Buffer.from(data), Buffer.from(tail)])
}

/**
 * Reads a line without its newline, leaving the data as the bytes they are. Nearly always it is the line of the expected
 * seq, whose digits say where the data ends; only otherwise that is searched.
 */
export function parseBodyLine(line: Buffer, expected: number): Body | undefined {
  if (!startsRight(line)) return undefined
  const digits = String(expected)
  const split = line.length - TAIL_LENGTH - digits.length
  const tail = split > START.length ? line.toString('latin1', split) : ''
  const salt = tail.slice(SALT_START.length, SALT_START.length + SALT_DIGITS)
  if (tail !== `${SALT_START}${salt}","seq":${digits}}`) return searchTail(line)
  return { seq: expected, salt, data: line.subarray(START.length, split) }
}

function searchTail(line: Buffer): Body | undefined {
  // The salt's key may occur in the data too; the last one is the line's own.
  const split = line.lastIndexOf(SALT_START)
  const [, salt, seq] = split > START.length ? (TAIL.exec(line.toString('latin1', split)) ?? []) : []
  return salt === undefined ? undefined : { seq: Number(seq), salt, data: line.subarray(START.length, split) }
}

/** A loop, because Buffer.compare costs as much as a hash. */
function startsRight(line: Buffer): boolean {
  for (let i = 0; i < START.length; i++) if (line[i] !== START[i]) return false
  return true
}
