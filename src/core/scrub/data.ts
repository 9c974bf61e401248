import { knownEdition } from './known.ts'
import { scrubField } from './scrub.ts'

/** Long texts come again and again, such as a playbook's in every run of it: so many are remembered as clean. */
const REMEMBERED = 64
const LONG = 512
const clean = new Set<string>()
let cleanEdition = 0

function scrubRemembered(text: string): string {
  if (text.length < LONG) return scrubField(text)
  if (cleanEdition !== knownEdition() || clean.size >= REMEMBERED) clean.clear()
  cleanEdition = knownEdition()
  if (clean.has(text)) return text
  const scrubbed = scrubField(text)
  if (scrubbed === text) clean.add(text)
  return scrubbed
}

/**
 * Plain data with every text in it scrubbed, names of fields too. What holds nothing is returned as it is, not copied.
 * A field named `secret` may well hold a secret's name, so names do not count here unless `text` is `scrub`.
 */
export function scrubData<T>(value: T, text: (text: string) => string = scrubRemembered): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the words of texts change, not the shape
  return scrubbed(value, text) as T
}

function scrubbed(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) {
    const items = value.map((item) => scrubbed(item, text))
    return items.some((item, i) => item !== value[i]) ? items : value
  }
  if (!isPlain(value)) return value
  let changed = false
  const fields = Object.entries(value).map(([key, item]) => {
    const field = [scrubField(key), scrubbed(item, text)] as const
    if (field[0] !== key || field[1] !== item) changed = true
    return field
  })
  return changed ? Object.fromEntries(fields) : value
}

function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
