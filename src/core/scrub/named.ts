import { chars, DIGIT, isIn, runEnd } from './chars.ts'
import type { Finding } from './finding.ts'
import { isAwsId, isPlaceholder, looksRandom } from './random.ts'

// Values that only their name makes a secret: `api_key = "…"`, `"clientSecret": "…"`, `X-Api-Key: …`, `password=…`.

type Kind = 'random' | 'password' | 'pair' | 'header'

const names: readonly (readonly [Kind, RegExp])[] = [
  ['header', /(?:authorization|cookie)$/i],
  ['password', /(?:password|passwd|passphrase|passcode|pwd)\d?$/i],
  [
    'random',
    /(?:token|secret|credentials?|secret[-_]?string|secret[-_]?value|(?:api|access|auth|secret|private|account|shared|signing|encryption|master|license)[-_.]?key|key[-_]data|signature|apikey|\bauth|sumo\w*[._]?access[-_]?id|messagebird[-_]?client[-_]?id|mailchimpe?[-_]key|sourcegraph|sonar[._]login)$/i,
  ],
  ['pair', /contribsys__com$/i],
]

/** Names that end alike and hold nothing secret: places in a list, marks against forgery, ids of requests. */
const harmless =
  /(?:csrf|xsrf|next|page|continue|continuation|request|idempotency|sync|resume|public)[-_.]?(?:token|key)$/i

/** Longest of the names above, and what tells the harmless ones. */
const NAME_LENGTH = 40

/** The last two letters of all names: most words are done with here. */
const endings = 'on ie rd wd se de en et al ls ng ue ey ta re th id ph in om'.split(' ')
const mayEnd = new Uint8Array(128 * 128)
for (const ending of endings) for (const cased of casings(ending)) mayEnd[pairOf(cased, 2)] = 1

function casings(pair: string): string[] {
  const upper = pair.toUpperCase()
  return [pair, upper, `${pair.charAt(0)}${upper.charAt(1)}`, `${upper.charAt(0)}${pair.charAt(1)}`]
}

/** The two characters before a place as a number; 0 for what is no name's end. */
function pairOf(text: string, at: number): number {
  const first = text.charCodeAt(at - 2)
  const second = text.charCodeAt(at - 1)
  return first < 128 && second < 128 ? first * 128 + second : 0
}

const AFTER_NAME = chars('=:,>|?"\'`])\\ \t')
const SPACE = chars(' \t')

/** What stands between a name and its value. Each part is short, so that looking costs little. */
const between =
  /(?:\\{0,3}["'`\])]){0,2}[ \t]{0,8}(?::{0,3}=>?|:|\?=|\|\||,|>)[ \t]{0,8}(?:\\{0,3}["'`]){0,3}/y

const VALUE = chars('0-9', 'A-Z', 'a-z', '_=~@.+/:!$%^*#?{}<>()[]|-')
const CREDENTIALS = chars('0-9', 'A-Z', 'a-z', '_=~@.+/:%$<(*-')
const HEADER_REST = chars('0-9', 'A-Z', 'a-z', '_=~@.+/:!$%^&*#?{}()[]|,; -')

/** How long a password must be: shorter ones are words of a sentence more often. */
const LEAST_PASSWORD = 6

function kindOfName(name: string): Kind | undefined {
  return harmless.test(name) ? undefined : names.find(([, pattern]) => pattern.test(name))?.[0]
}

/** Looks for named values at the places where words end, given in rising order. */
export function namedFinder(text: string, found: (finding: Finding) => void): (at: number) => void {
  let seen = 0
  return (at) => {
    if (at < seen || !mayBeName(text, at)) return
    const kind = kindOfName(text.slice(Math.max(0, at - NAME_LENGTH), at))
    if (kind === undefined) return
    between.lastIndex = at
    if (!between.test(text)) return
    const start = between.lastIndex
    const finding = kind === 'header' ? header(text, at, start) : value(text, { kind, start, at })
    if (finding === undefined) return
    seen = finding.end
    if (finding.what !== '') found(finding)
  }
}

function mayBeName(text: string, at: number): boolean {
  const letters = isIn(DIGIT, text.charCodeAt(at - 1)) ? at - 1 : at
  if (mayEnd[pairOf(text, letters)] !== 1) return false
  const next = at < text.length ? text.charCodeAt(at) : 0
  if (!isIn(AFTER_NAME, next)) return false
  return !isIn(SPACE, next) || !isIn(SPACE, text.charCodeAt(at + 1)) || text.charCodeAt(at + 2) !== 0x20
}

type Place = { readonly kind: Kind; readonly start: number; readonly at: number }

/** What is no secret ends the look at these characters all the same. */
function value(text: string, { kind, start, at }: Place): Finding {
  const end = runEnd(text, start, VALUE)
  const said = text.slice(start, end)
  return { start, end, what: isSecret(kind, said, text.slice(at, start)) ? words[kind] : '' }
}

const words: { readonly [kind in Kind]: string } = {
  random: 'secret value',
  password: 'password',
  pair: 'name and password',
  header: 'credentials of a header',
}

function isSecret(kind: Kind, said: string, separator: string): boolean {
  if (kind === 'password') return isPassword(said, separator)
  return kind === 'pair' ? /^[^$:]{4,}:[^$:]{4,}$/.test(said) : looksRandom(said)
}

/** `password: required` is a sentence; `password=required` and `"password": "required"` are not. */
function isPassword(said: string, separator: string): boolean {
  if (said.length < LEAST_PASSWORD || isPlaceholder(said) || isAwsId(said)) return false
  return /["'`=]/.test(separator) || looksChosen(said)
}

/** Letters mixed with digits or signs, as people choose passwords. */
function looksChosen(said: string): boolean {
  return /[A-Za-z]/.test(said) && /\d/.test(said)
}

const scheme = /(?:bearer|basic|token|api-token|apikey|digest|negotiate|splunk|geniekey|bot)[ \t]{1,4}/iy

/** `Authorization: Bearer …`, with or without a scheme, and cookies to the end of their line. */
function header(text: string, at: number, start: number): Finding {
  if (text.charAt(at - 1).toLowerCase() === 'e') {
    const end = runEnd(text, start, HEADER_REST)
    const said = text.slice(start, end)
    return {
      start,
      end,
      what: said.includes('=') && said.length >= 10 && !isPlaceholder(said) ? 'cookie' : '',
    }
  }
  scheme.lastIndex = start
  const named = scheme.test(text)
  const from = named ? scheme.lastIndex : start
  const end = runEnd(text, from, CREDENTIALS)
  const said = text.slice(from, end)
  const secret = said.length >= 8 && !isPlaceholder(said) && (named || /[^A-Za-z-]/.test(said))
  return { start: from, end, what: secret ? words.header : '' }
}
