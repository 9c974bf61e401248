import { DIGIT, isIn, LETTER_OR_DIGIT } from './chars.ts'

/** Longer values are judged by their beginning. */
const ENOUGH = 128

/** Bits a character by the frequencies of the text itself (Shannon). Keys have more than three; `xxxxxxxx` has none. */
export function entropy(text: string): number {
  const counts = new Map<string, number>()
  const judged = text.slice(0, ENOUGH)
  for (const char of judged) counts.set(char, (counts.get(char) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / judged.length) * Math.log2(count / judged.length)
  return bits
}

/** What documents and examples write in place of a key. */
const stands = /x{6}|\*{3}|\.{3}|your|example|placeholder|changeme|change-me|redacted|put_/i

/** A reference to a value, as shells, templates and documents write it. */
const reference = /^[$<{%([]|\$[{(]/

export function isPlaceholder(value: string): boolean {
  const judged = value.slice(0, 2 * ENOUGH)
  return stands.test(judged) || reference.test(judged)
}

/** The id of an AWS access key or principal: names a key and opens nothing. */
const awsId = /^(?:AKIA|ASIA|ABIA|ACCA|AIDA|AROA|A3T[A-Z0-9])[A-Z0-9]{12,17}$/

export function isAwsId(value: string): boolean {
  return awsId.test(value)
}

/**
 * Whether a value looks drawn by lot: letters and digits mixed within eight or more, and enough different ones. Names of
 * things (`prod/api-v2-gateway`) have their digits apart.
 */
export function looksRandom(value: string): boolean {
  return (
    hasMixedRun(value.slice(0, ENOUGH)) && !isPlaceholder(value) && !isAwsId(value) && entropy(value) >= 3
  )
}

function hasMixedRun(value: string): boolean {
  let length = 0
  let digits = 0
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at)
    const inside = isIn(LETTER_OR_DIGIT, code)
    length = inside ? length + 1 : 0
    digits = inside ? digits + (isIn(DIGIT, code) ? 1 : 0) : 0
    if (length >= 8 && digits > 0 && digits < length) return true
  }
  return false
}
