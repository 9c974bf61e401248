import { chars, isIn, runEnd } from './chars.ts'
import type { Finding } from './finding.ts'
import { entropy, isPlaceholder, looksRandom } from './random.ts'

// Secrets known by their shape as a whole. Each is looked for by a fixed text, and what was walked over is not walked
// over again.

type Find = (text: string, found: (finding: Finding) => void) => void

const BASE64URL = chars('0-9', 'A-Z', 'a-z', '_-/')
const DOT = 0x2e

/** JSON Web Tokens: two objects and a signature, which may be absent, or more parts when encrypted. */
const jwt: Find = (text, found) => {
  let at = text.indexOf('eyJ')
  while (at >= 0) {
    const end = jwtEnd(text, at)
    if (end.whole) found({ start: at, end: end.at, what: 'JSON Web Token' })
    at = text.indexOf('eyJ', end.at)
  }
}

function jwtEnd(text: string, at: number): { readonly whole: boolean; readonly at: number } {
  const head = runEnd(text, at, BASE64URL)
  if (head - at < 12 || text.charCodeAt(head) !== DOT || !text.startsWith('ey', head + 1))
    return { whole: false, at: head }
  let end = runEnd(text, head + 1, BASE64URL)
  if (end - head < 12 || text.charCodeAt(end) !== DOT) return { whole: false, at: end }
  while (text.charCodeAt(end) === DOT) end = runEnd(text, end + 1, BASE64URL)
  return { whole: true, at: end }
}

const BEGIN = '-----BEGIN '
const pemHead = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y
/** Also as JSON writes its line breaks, and with the headers of old keys. */
const PEM = chars('0-9', 'A-Z', 'a-z', '+/= \t\r\n\\:,.()-')
const pemEnd = /-----END [A-Z0-9 ]{0,40}-----/g
/** Less is no key. */
const LEAST_PEM = 40

/** Private keys, also such as were cut off before their end. */
const pem: Find = (text, found) => {
  let run = 0
  for (
    let at = text.indexOf(BEGIN);
    at >= 0;
    at = text.indexOf(BEGIN, Math.max(at + BEGIN.length, pemEnd.lastIndex))
  ) {
    pemEnd.lastIndex = 0
    pemHead.lastIndex = at
    if (!pemHead.test(text)) continue
    const from = pemHead.lastIndex
    if (from > run) run = pemRun(text, from)
    // The line that ends a key is made of the same characters as the key.
    pemEnd.lastIndex = from
    const close = pemEnd.exec(text)
    const whole = close !== null && close.index < run
    if (!whole) pemEnd.lastIndex = run
    if (lettersIn(text, from, whole ? close.index : run) >= LEAST_PEM)
      found({ start: at, end: pemEnd.lastIndex, what: 'private key' })
  }
}

/** A backslash that begins an escape of something else, such as a quote, is not part of the key. */
function pemRun(text: string, from: number): number {
  let end = runEnd(text, from, PEM)
  while (text.charCodeAt(end - 1) === 0x5c) end -= 1
  return end
}

function lettersIn(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to && count < LEAST_PEM; at += 1)
    if (isIn(BASE64URL, text.charCodeAt(at))) count += 1
  return count
}

const USER_INFO = chars('0-9', 'A-Z', 'a-z', '_.~!$&()*+,;=:%@{}<>^|[]-')

/** Addresses with a password in them: `postgres://user:password@host`, or with a token for a user. */
const address: Find = (text, found) => {
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const from = at + 3
    const run = text.slice(from, runEnd(text, from, USER_INFO))
    const mail = run.lastIndexOf('@')
    if (mail < 0) continue
    const colon = run.indexOf(':')
    const secret = colon >= 0 && colon < mail ? colon + 1 : 0
    const said = run.slice(secret, mail)
    const shown = said === '' || isPlaceholder(said) || (secret === 0 && !looksRandom(said))
    if (!shown) found({ start: from + secret, end: from + mail, what: 'password of an address' })
  }
}

const AZURE = chars('0-9', 'A-Z', 'a-z', '_~.-')

/** Client secrets of Azure: three characters, a digit, `Q~`, and 31 to 34 more. */
const azure: Find = (text, found) => {
  for (let mark = text.indexOf('Q~'); mark >= 0; mark = text.indexOf('Q~', mark + 2)) {
    const start = mark - 4
    if (start < 0 || !/^[\w~.]{3}\d$/.test(text.slice(start, mark))) continue
    if (start > 0 && isIn(AZURE, text.charCodeAt(start - 1))) continue
    const end = Math.min(runEnd(text.slice(0, mark + 40), mark + 2, AZURE), text.length)
    const length = end - mark - 2
    const said = text.slice(mark + 2, end)
    if (length >= 31 && length <= 34 && entropy(said) >= 3 && !isPlaceholder(said))
      found({ start, end, what: 'Azure client secret' })
  }
}

const user = /(?:-u|--user)(?:=|[ \t]{1,5})["']?([^\s"':\\]{0,100}):([^\s"'\\]{6,200})/y

/** `curl -u name:password`. */
const curl: Find = (text, found) => {
  const first = text.indexOf('curl')
  if (first < 0) return
  for (let at = text.indexOf(' -', first); at >= 0; at = text.indexOf(' -', at + 2)) {
    user.lastIndex = at + 1
    const password = user.exec(text)?.[2]
    if (password === undefined || isPlaceholder(password) || !isMixed(password)) continue
    found({ start: user.lastIndex - password.length, end: user.lastIndex, what: 'password' })
  }
}

function isMixed(said: string): boolean {
  return /\d/.test(said) || (/[a-z]/.test(said) && /[A-Z]/.test(said))
}

const TOKEN = chars('0-9', 'A-Z', 'a-z', '_=~.+/-')
const bearerWord = /\bbearer[ \t]{1,4}/gi

/** Bearer tokens that stand without their header. */
const bearer: Find = (text, found) => {
  bearerWord.lastIndex = 0
  while (bearerWord.test(text)) {
    const start = bearerWord.lastIndex
    const end = runEnd(text, start, TOKEN)
    if (looksRandom(text.slice(start, end))) found({ start, end, what: 'bearer token' })
  }
}

export const shapes: readonly Find[] = [jwt, pem, address, azure, curl, bearer]
