import { RE2JS } from 're2js'

const MAX_LENGTH = 512
/** Matching takes time in proportion to text × program. A few thousand instructions keep 64 KiB of text under a second. */
const MAX_PROGRAM = 2000

type Pattern = {
  /** True when the pattern is found anywhere in the text (anchor it with ^ and $). */
  readonly matches: (text: string) => boolean
}

export type PatternResult =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly why: string }

const known = new Map<string, PatternResult>()
/** Only so that a process that checks texts for ever does not keep every pattern it has seen. */
const MAX_KNOWN = 1000

/**
 * A regular expression that cannot hang: RE2 syntax, linear time, no backtracking, no look-around, no back-references.
 * Matching with it never throws.
 */
export function compilePattern(source: string): PatternResult {
  const found = known.get(source)
  if (found) return found
  const result = compile(source)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(source, result)
  return result
}

function compile(source: string): PatternResult {
  if (source.length > MAX_LENGTH) return { ok: false, why: `it is longer than ${MAX_LENGTH} characters` }
  try {
    const re = RE2JS.compile(source)
    if (re.programSize() > MAX_PROGRAM)
      return { ok: false, why: 'it is too large once its repetitions are written out' }
    return { ok: true, pattern: { matches: (text) => re.matcher(text).find() } }
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) }
  }
}
