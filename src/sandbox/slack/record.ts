/** A JSON object whose shape nobody has vouched for yet: what arrives from the app, and what is sent to it. */
export type Rec = Record<string, unknown>

export function isRecord(value: unknown): value is Rec {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function record(value: unknown): Rec {
  return isRecord(value) ? value : {}
}

export function records(value: unknown): Rec[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

export function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function string(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** An object without the keys that are undefined, as JSON would drop them. */
export function compact(value: Rec): Rec {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined))
}

/** The parsed text, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
