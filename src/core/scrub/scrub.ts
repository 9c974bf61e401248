import { type Finding, replaceFindings } from './finding.ts'
import { formatFinder } from './find-formats.ts'
import { findKnown } from './known.ts'
import { namedFinder } from './named.ts'
import { shapes } from './shapes.ts'
import { walkWords } from './words.ts'

// The second line of defence (P9). The first is that secrets are `Secret`s and that errors of providers are not repeated;
// this one stands at every way out, for what gets past it. It looks at each character a few times, whatever the text.

/** Nothing shorter is a secret that could be recognised. */
const LEAST = 8

/** A text on its way out: known secrets, credentials by their format, and values that are called secret, replaced. */
export function scrub(text: string): string {
  return text.length < LEAST ? text : replaceFindings(text, findAll(text, true))
}

/**
 * The same but for values that only their name makes secret: for data that the program goes on working with, where a
 * `secret: prod/gateway-4f1a2b3c` is the name of a secret more often than one.
 */
export function scrubField(text: string): string {
  return text.length < LEAST ? text : replaceFindings(text, findAll(text, false))
}

/** In any order, and they may overlap. */
export function findAll(text: string, named: boolean): Finding[] {
  const findings: Finding[] = []
  const found = (finding: Finding): void => void findings.push(finding)
  findKnown(text, found)
  for (const find of shapes) find(text, found)
  walkWords(text, {
    begins: formatFinder(text, found),
    ends: named ? namedFinder(text, found) : () => undefined,
  })
  return findings
}
