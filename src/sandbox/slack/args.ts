import { refuse, invalidArguments } from './refusal.ts'
import type { Rec } from './record.ts'
import { parseJson } from './record.ts'

/** The arguments of one Web API call, however they were sent: form values are strings, JSON bodies carry real types. */
export type Args = {
  readonly raw: Rec
  has(name: string): boolean
  /** The value as text; undefined when absent, null or empty. */
  text(name: string): string | undefined
  need(name: string): string
  flag(name: string): boolean
  number(name: string): number | undefined
  /** A JSON value, given as such or as a string of JSON; `error` is Slack's word for one that does not parse. */
  json(name: string, error: string): unknown
}

export function createArgs(raw: Rec): Args {
  const args: Args = {
    raw,
    has: (name) => raw[name] !== undefined && raw[name] !== null && raw[name] !== '',
    text: (name) => {
      const value = raw[name]
      if (typeof value === 'string') return value === '' ? undefined : value
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
    },
    need: (name) => args.text(name) ?? invalidArguments(`missing required field: ${name}`),
    flag: (name) => /^(1|true)$/.test(args.text(name) ?? ''),
    number: (name) => {
      const value = args.text(name)
      if (value === undefined) return undefined
      return /^-?\d+$/.test(value)
        ? Number(value)
        : invalidArguments(`must provide an integer [json-pointer:/${name}]`)
    },
    json: (name, error) => {
      const value = raw[name]
      if (typeof value !== 'string') return value ?? undefined
      if (value === '') return undefined
      const parsed = parseJson(value)
      return parsed === undefined ? refuse(error) : parsed
    },
  }
  return args
}
