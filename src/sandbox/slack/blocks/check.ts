import type { Rec } from '../record.ts'
import { isRecord } from '../record.ts'

/**
 * One fault in a Block Kit payload. `pointer` starts at the array or view that was checked (`/0/text/text`);
 * the messages are Slack's own words where they have been seen in the wild (grafana/oncall PR 5121, huggingface/peft PR 1251).
 */
export type Issue = { pointer: string; message: string; constraint: Rec }

/** Finds the faults of a value; none means that Slack would take it. */
export type Check = (value: unknown, pointer: string) => Issue[]

function issue(pointer: string, message: string, constraint: Rec): Issue[] {
  return [{ pointer, message, constraint }]
}

export function text(max: number, min = 0): Check {
  return (value, pointer) => {
    if (typeof value !== 'string')
      return issue(pointer, 'must provide a string', { type: 'type', expected: 'string' })
    if (value.length > max) {
      return issue(pointer, `must be less than ${max + 1} characters`, { type: 'max_length', expected: max })
    }
    if (value.length < min) {
      return issue(pointer, `must be more than ${min - 1} characters`, { type: 'min_length', expected: min })
    }
    return []
  }
}

export function oneOf(...expected: string[]): Check {
  return (value, pointer) =>
    typeof value === 'string' && expected.includes(value)
      ? []
      : issue(pointer, `must be a valid enum value`, { type: 'enum', expected })
}

export const boolean: Check = (value, pointer) =>
  typeof value === 'boolean'
    ? []
    : issue(pointer, 'must provide a boolean', { type: 'type', expected: 'boolean' })

export function integer(min: number, max: number): Check {
  return (value, pointer) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? []
      : issue(pointer, `must be an integer from ${min} to ${max}`, { type: 'range', expected: [min, max] })
}

export const anything: Check = () => []

/** At most `max` and at least `min` items, each of which passes. */
export function list(item: Check, max: number, min = 1): Check {
  return (value, pointer) => {
    if (!Array.isArray(value))
      return issue(pointer, 'must provide an array', { type: 'type', expected: 'array' })
    const values: unknown[] = value
    if (values.length > max) {
      return issue(pointer, `no more than ${max} items allowed`, { type: 'max_items', expected: max })
    }
    if (values.length < min) {
      return issue(pointer, `no less than ${min} items allowed`, { type: 'min_items', expected: min })
    }
    return values.flatMap((entry, index) => item(entry, `${pointer}/${index}`))
  }
}

type Fields = Record<string, Check>

/** An object with exactly these keys. */
export function object(required: Fields, optional: Fields = {}): Check {
  return (value, pointer) => {
    if (!isRecord(value))
      return issue(pointer, 'must provide an object', { type: 'type', expected: 'object' })
    return [
      ...Object.keys(required)
        .filter((key) => value[key] === undefined || value[key] === null)
        .flatMap((key) =>
          issue(pointer, `missing required field: ${key}`, { type: 'required', expected: key }),
        ),
      ...Object.entries(value).flatMap(([key, entry]) => field(key, entry, pointer)),
    ]
  }

  function field(key: string, entry: unknown, pointer: string): Issue[] {
    if (entry === undefined || entry === null) return []
    const check = required[key] ?? optional[key]
    if (check === undefined) {
      return issue(pointer, `invalid additional property: ${key}`, {
        type: 'additional_property',
        expected: key,
      })
    }
    return check(entry, `${pointer}/${key}`)
  }
}

/** Chooses the check by the value's `type`. */
export function byType(kinds: Record<string, Check>): Check {
  return (value, pointer) => {
    if (!isRecord(value))
      return issue(pointer, 'must provide an object', { type: 'type', expected: 'object' })
    const type = value['type']
    if (typeof type !== 'string') {
      return issue(pointer, 'missing required field: type', { type: 'required', expected: 'type' })
    }
    const check = Object.hasOwn(kinds, type) ? kinds[type] : undefined
    if (check === undefined) {
      return issue(`${pointer}/type`, `unsupported type: ${type}`, {
        type: 'enum',
        expected: Object.keys(kinds),
      })
    }
    return check(value, pointer)
  }
}

/** Runs a further check only where the first found nothing. */
export function also(first: Check, second: Check): Check {
  return (value, pointer) => {
    const found = first(value, pointer)
    return found.length > 0 ? found : second(value, pointer)
  }
}

/** At least one of the keys must be there. */
export function needsOneOf(...keys: string[]): Check {
  return (value, pointer) =>
    isRecord(value) && keys.some((key) => value[key] !== undefined)
      ? []
      : issue(pointer, `missing required field: ${keys[0] ?? ''}`, { type: 'required', expected: keys })
}

/** No two entries of the array may have the same value under the key. */
export function unique(key: string): Check {
  return (value, pointer) => {
    const seen = new Set<unknown>()
    if (!Array.isArray(value)) return []
    return value.flatMap((entry: unknown, index) => {
      const id = isRecord(entry) ? entry[key] : undefined
      if (id === undefined) return []
      if (!seen.has(id)) {
        seen.add(id)
        return []
      }
      return issue(`${pointer}/${index}/${key}`, `\`${key}\` already exists: ${JSON.stringify(id)}`, {
        type: 'unique',
        expected: key,
      })
    })
  }
}
