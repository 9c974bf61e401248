import { FirebreakError } from '../core/errors.ts'
import { fromBase64 } from './key.ts'
import type { Hash } from './tree.ts'

/** A proof that an entry is in the log of this checkpoint (c2sp.org/tlog-proof). */
export type InclusionText = {
  readonly kind: 'inclusion'
  readonly index: number
  /** What belongs to the entry. Nothing of it is to be believed before it was held against the leaf. */
  readonly extra?: Buffer
  readonly proof: readonly Hash[]
  readonly checkpoint: string
}

/** A proof that the log of this checkpoint extends its first `from` entries (the request body of c2sp.org/tlog-witness). */
export type ConsistencyText = {
  readonly kind: 'consistency'
  readonly from: number
  readonly proof: readonly Hash[]
  readonly checkpoint: string
}

const INCLUSION = 'c2sp.org/tlog-proof@v1'
/** A path from a leaf of a tree of 2^63 leaves; c2sp.org/tlog-witness wants no more. */
const MAX_HASHES = 63
/** An entry's leaf and data, in base64, with room to spare. */
const MAX_LENGTH = 512 * 1024
const EXTRA = /^extra (\S+)$/
const INDEX = /^index (0|[1-9][0-9]{0,15})$/
const OLD = /^old (0|[1-9][0-9]{0,15})$/

export function inclusionText({ index, extra, proof, checkpoint }: Omit<InclusionText, 'kind'>): string {
  const more = extra === undefined ? [] : [`extra ${extra.toString('base64')}`]
  return [INCLUSION, ...more, `index ${index}`, ...proof.map(base64), '', checkpoint].join('\n')
}

export function consistencyText({ from, proof, checkpoint }: Omit<ConsistencyText, 'kind'>): string {
  return [`old ${from}`, ...proof.map(base64), '', checkpoint].join('\n')
}

/** Reads a proof of either kind, WITHOUT verifying anything. */
export function parseProof(text: string): InclusionText | ConsistencyText {
  if (text.length > MAX_LENGTH) badProof(`the proof is longer than ${MAX_LENGTH} characters`)
  const split = text.indexOf('\n\n')
  if (split === -1) badProof('the proof has no blank line before its checkpoint')
  const lines = text.slice(0, split).split('\n')
  const checkpoint = text.slice(split + 2)
  return lines[0] === INCLUSION
    ? parseInclusion(lines.slice(1), checkpoint)
    : parseConsistency(lines, checkpoint)
}

function parseInclusion(lines: readonly string[], checkpoint: string): InclusionText {
  const [, base64] = EXTRA.exec(lines[0] ?? '') ?? []
  const extra = base64 === undefined ? undefined : fromBase64(base64)
  if (base64 !== undefined && extra === undefined) badProof('what belongs to the entry is not base64')
  const [place = '', ...hashes] = extra === undefined ? lines : lines.slice(1)
  const index = numberIn(INDEX, place)
  return { kind: 'inclusion', index, ...(extra && { extra }), proof: hashes.map(hashIn), checkpoint }
}

function parseConsistency([old = '', ...hashes]: readonly string[], checkpoint: string): ConsistencyText {
  if (hashes.length > MAX_HASHES) badProof(`the proof has more than ${MAX_HASHES} hashes`)
  return { kind: 'consistency', from: numberIn(OLD, old), proof: hashes.map(hashIn), checkpoint }
}

function numberIn(pattern: RegExp, line: string): number {
  const [, digits] = pattern.exec(line) ?? []
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : badProof('the proof does not say what it proves')
}

function hashIn(line: string): Hash {
  const bytes = fromBase64(line)
  return bytes?.length === 32
    ? bytes.toString('hex')
    : badProof('a line of the proof is not a hash in base64')
}

function base64(hash: Hash): string {
  return Buffer.from(hash, 'hex').toString('base64')
}

function badProof(what: string): never {
  throw new FirebreakError('audit.bad-proof', what, { remedy: 'Take the file itself, not a copied text.' })
}
