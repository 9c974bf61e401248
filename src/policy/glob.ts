/**
 * Whether a text matches a pattern in which `*` stands for any characters and `?` for one. Letters match in either case,
 * because a guardrail that is dodged by a capital letter guards nothing. Total, and at most pattern × text steps: only
 * the last star is ever tried again.
 */
export function globMatches(pattern: string, text: string): boolean {
  return compileGlob(pattern)(text.toLowerCase())
}

/** The same for a text in lower case, when one pattern is tried again and again. */
export function compileGlob(pattern: string): (lower: string) => boolean {
  const wanted = Array.from(pattern.toLowerCase())
  // A text without surrogates is its own list of characters: making one costs more than matching it.
  return (lower) => matches(wanted, surrogate.test(lower) ? Array.from(lower) : lower)
}

const surrogate = /[\uD800-\uDFFF]/

function matches(wanted: readonly string[], given: string | readonly string[]): boolean {
  let at = 0
  let star = -1
  let retry = 0
  for (let i = 0; i < given.length;) {
    if (wanted[at] === '*') {
      star = at
      retry = i
      at += 1
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[i])) {
      at += 1
      i += 1
    } else if (star === -1) {
      return false
    } else {
      at = star + 1
      retry += 1
      i = retry
    }
  }
  return wanted.slice(at).every((character) => character === '*')
}
