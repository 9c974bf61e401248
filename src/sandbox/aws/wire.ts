/** A value on its way out, before a protocol gives it its form (dates differ between JSON and XML). */
export type Wire = string | number | boolean | Date | readonly Wire[] | WireObject
export type WireObject = { readonly [key: string]: Wire | undefined }

/** JSON 1.1: timestamps are seconds since 1970, as a number. */
export function toJson(value: Wire): unknown {
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object') return value
  return Object.fromEntries(entries(value).map(([key, member]) => [key, toJson(member)]))
}

/** Query protocol: lists are `<member>` elements, timestamps ISO 8601 without milliseconds. */
export function toXml(value: Wire): string {
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, 'Z')
  if (Array.isArray(value)) return value.map((member) => `<member>${toXml(member)}</member>`).join('')
  if (typeof value !== 'object') return escapeXml(String(value))
  return entries(value)
    .map(([key, member]) => `<${key}>${toXml(member)}</${key}>`)
    .join('')
}

function entries(value: Wire & object): [string, Wire][] {
  return Object.entries(value).filter((entry): entry is [string, Wire] => entry[1] !== undefined)
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
