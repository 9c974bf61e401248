import type { Finding } from './finding.ts'
import { formsOf } from './forms.ts'
import { createSearch, type Search } from './patterns.ts'
import { isAwsId } from './random.ts'

// The secret values of this process. Every `Secret` makes itself known here, so that no part of the program has to hand
// them around, and none can be forgotten.

/** Shorter values occur by chance. */
const LEAST_KNOWN = 8

type Prepared = { readonly forms: readonly string[]; readonly search: Search }

const known = new Set<string>()
let prepared: Prepared | undefined

/** A value, and the password in it where it is the address of a database. */
export function makeKnown(value: string): void {
  for (const secret of [value, passwordIn(value)]) {
    // The id of an access key is no secret, although somebody may have configured it as one.
    if (secret.trim().length < LEAST_KNOWN || isAwsId(secret) || known.has(secret)) continue
    known.add(secret)
    prepared = undefined
  }
}

function passwordIn(value: string): string {
  if (!value.includes('://') || !URL.canParse(value)) return ''
  const { password } = new URL(value)
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}

/** Rises with every new value: what was found clean before may not be so now. */
export function knownEdition(): number {
  return known.size
}

export function findKnown(text: string, found: (finding: Finding) => void): void {
  if (text.length < LEAST_KNOWN || known.size === 0) return
  prepare().search(text, (start, end) => found({ start, end, what: 'known secret' }))
}

/** Where the end of a text begins that may be the beginning of a known value; the length of the text when none may. */
export function mayGoOn(text: string): number {
  let length = 0
  for (const form of prepare().forms) {
    for (let begun = Math.min(form.length - 1, text.length); begun > length; begun -= 1) {
      if (text.endsWith(form.slice(0, begun))) length = begun
    }
  }
  return text.length - length
}

function prepare(): Prepared {
  if (prepared !== undefined) return prepared
  const forms = [...new Set([...known].flatMap((value) => formsOf(value, LEAST_KNOWN)))]
  prepared = { forms, search: createSearch(forms, LEAST_KNOWN) }
  return prepared
}
