import { hash } from 'node:crypto'
import { canonicalJson } from '../core/canonical.ts'
import type { Json } from '../core/json.ts'
import { FirebreakError } from '../core/errors.ts'

/** Most bytes of canonical JSON that one entry may carry; larger evidence is stored apart and named by its hash. */
export const MAX_DATA_BYTES = 60 * 1024
/** An entry bundle of c2sp.org/tlog-tiles gives each leaf a 16-bit length. */
const MAX_LEAF_BYTES = 0xffff
export const SALT_BYTES = 16

/** What is known of an entry when it is appended. `seq` is its index in the tree: the first entry has 0. */
export type EntryInput = {
  readonly seq: number
  readonly time: string
  readonly type: string
  readonly run?: string | undefined
  /** The entry's number within its run. */
  readonly n?: number | undefined
  readonly step?: string | undefined
  readonly actor: Json
  readonly data: Json
}

export type SealedEntry = {
  /** The canonical text that is hashed into the tree. */
  readonly leaf: string
  /** Hex SHA-256(salt ‖ data), as it stands in the leaf. */
  readonly body: string
  /** The canonical text of the data: store exactly this, with the salt, beside the leaf. */
  readonly data: string
}

// Unrolled: an alternation per character takes twice as long, and this runs for every entry of a verification.
const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`
const LEAF_START = '{"actor":'
const BODY_KEY = ',"body":"'
const NUMBER = '(?:0|[1-9][0-9]*)'
// Canonical key order: actor, body, n, run, seq, step, time, type, v. All after `body` are scalars.
const AFTER_BODY =
  `(?:,"n":${NUMBER})?(?:,"run":${STRING})?,"seq":(${NUMBER})` +
  `(?:,"step":${STRING})?,"time":${STRING},"type":${STRING},"v":1\\}$`
const LEAF_TAIL = new RegExp(`^,"body":"([0-9a-f]{64})"${AFTER_BODY}`)
const LEAF_REST = new RegExp(AFTER_BODY, 'y')

/** Makes the leaf of an entry. The salt keeps a short or guessable body from being guessed from its hash. */
export function sealEntry(entry: EntryInput, salt: Uint8Array): SealedEntry {
  const data = canonicalJson(entry.data)
  const size = Buffer.byteLength(data)
  if (size > MAX_DATA_BYTES) tooLarge(`the data of the entry has ${size} bytes`, MAX_DATA_BYTES)
  if (salt.length !== SALT_BYTES) badNumber(`a salt has ${SALT_BYTES} bytes, not ${salt.length}`)
  const { seq, time, type, run, n, step, actor } = entry
  if (!isCount(seq) || !(n === undefined || isCount(n))) badNumber('seq and n are whole numbers from 0')
  const body = bodyHash(Buffer.from(salt).toString('hex'), data)
  const leaf = canonicalJson({
    v: 1,
    seq,
    time,
    type,
    ...(run === undefined ? {} : { run }),
    ...(n === undefined ? {} : { n }),
    ...(step === undefined ? {} : { step }),
    actor,
    body,
  })
  const leafSize = Buffer.byteLength(leaf)
  if (leafSize > MAX_LEAF_BYTES) tooLarge(`the leaf of the entry has ${leafSize} bytes`, MAX_LEAF_BYTES)
  return { leaf, body, data }
}

/** A text, or its UTF-8 bytes. Bytes are hashed as they are: a decoder would make different bytes one text. */
export type Text = string | Uint8Array

// One buffer for all hashing: a fresh one for each entry would halve the speed of verification.
const scratch = Buffer.alloc(1 + MAX_LEAF_BYTES)
// Its beginnings, made once for each length up to this one: making a view costs a quarter of a hash.
const KEPT_VIEWS = 4096
const views: Buffer[] = []

function hashScratch(length: number): string {
  const bytes =
    length < KEPT_VIEWS ? (views[length] ??= scratch.subarray(0, length)) : scratch.subarray(0, length)
  // The one-shot `hash` is three times faster than createHash for short input.
  return hash('sha256', bytes, 'hex')
}

/** Writes a text into the buffer for hashing and says how many bytes it has; nothing where it does not fit. */
function writeText(text: Text, at: number, limit: number): number | undefined {
  if (exceeds(text, limit)) return undefined
  if (typeof text === 'string') return scratch.write(text, at, 'utf8')
  scratch.set(text, at)
  return text.length
}

/** Hex SHA-256(0x00 ‖ leaf): the hash of a leaf in RFC 6962. What is too long for a leaf has the hash ''. */
export function leafHash(leaf: Text): string {
  scratch[0] = 0
  const length = writeText(leaf, 1, MAX_LEAF_BYTES)
  return length === undefined ? '' : hashScratch(1 + length)
}

/**
 * Hex SHA-256(salt ‖ data) of a hex salt and a canonical text. Anything that cannot be a body (a salt of another
 * form, too much data) has the hash '', which equals no hash.
 */
export function bodyHash(salt: string, data: Text): string {
  if (!writeSalt(salt)) return ''
  const length = writeText(data, SALT_BYTES, MAX_DATA_BYTES)
  return length === undefined ? '' : hashScratch(SALT_BYTES + length)
}

const NO_DIGIT = 16
const digitValues = new Uint8Array(128).fill(NO_DIGIT)
for (let value = 0; value < NO_DIGIT; value++) digitValues[value.toString(16).charCodeAt(0)] = value

/** Only lower case is a salt, or it would have two spellings. Checked while it is decoded: once for every entry. */
function writeSalt(salt: string): boolean {
  if (salt.length !== 2 * SALT_BYTES) return false
  for (let i = 0; i < SALT_BYTES; i++) {
    const high = digitValues[salt.charCodeAt(2 * i)] ?? NO_DIGIT
    const low = digitValues[salt.charCodeAt(2 * i + 1)] ?? NO_DIGIT
    if (high === NO_DIGIT || low === NO_DIGIT) return false
    scratch[i] = 16 * high + low
  }
  return true
}

/**
 * Reads `seq` and `body` out of a leaf without parsing it. That is safe: a quote within a JSON string is escaped, so
 * `,"body":"` occurs only as a key; the last one is the leaf's own, since only scalars follow, and the whole rest must match.
 */
export function readLeaf(leaf: Text): { readonly seq: number; readonly body: string } | undefined {
  const text = asLatin1(leaf)
  if (!text.startsWith(LEAF_START)) return undefined
  const match = LEAF_TAIL.exec(text.slice(text.lastIndexOf(BODY_KEY)))
  const [, body, seq] = match ?? []
  return body === undefined ? undefined : { seq: Number(seq), body }
}

/**
 * Whether `readLeaf` would give these two, found out in half the time. The first occurrence will do: if it were within the
 * actor, the rest could not match to the end, and a false `false` is put right by `readLeaf`.
 */
export function leafHolds(leaf: Text, seq: number, body: string): boolean {
  const text = asLatin1(leaf)
  const found = `${BODY_KEY}${body}"`
  const at = text.indexOf(found)
  if (at === -1 || body === '' || !text.startsWith(LEAF_START)) return false
  LEAF_REST.lastIndex = at + found.length
  return LEAF_REST.exec(text)?.[1] === String(seq)
}

/** Latin-1 is enough for bytes: the parts that are looked at are ASCII, and no byte of another character is. */
function asLatin1(leaf: Text): string {
  return typeof leaf === 'string'
    ? leaf
    : Buffer.from(leaf.buffer, leaf.byteOffset, leaf.length).toString('latin1')
}

function exceeds(text: Text, limit: number): boolean {
  // A UTF-16 unit has at most 3 bytes: short texts fit without being measured.
  if (typeof text === 'string') return text.length > limit / 3 && Buffer.byteLength(text) > limit
  return text.length > limit
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function tooLarge(what: string, limit: number): never {
  throw new FirebreakError('audit.entry-too-large', `${what}; the limit is ${limit}`, {
    remedy: 'Store large evidence as a file of its own and log its hash.',
  })
}

function badNumber(what: string): never {
  throw new FirebreakError('audit.bad-tree', what, { remedy: 'This is a fault of the caller; report it.' })
}
