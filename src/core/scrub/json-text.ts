import { scrubData } from './data.ts'
import { scrub } from './scrub.ts'

/** A JSON text on its way out. Looked at as a text, where names stand beside their values; it stays JSON. */
export function scrubJsonText(text: string): string {
  const scrubbed = scrub(text)
  // What was found may have begun within an escape, such as the `n` of a line break.
  if (scrubbed === text || isJson(scrubbed) || !isJson(text)) return scrubbed
  return JSON.stringify(scrubData(JSON.parse(text), scrub))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
