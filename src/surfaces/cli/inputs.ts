import { InvalidArgumentError } from 'commander'
import type { Json, JsonObject } from '../../core/json.ts'

/**
 * One `-i name=value` more. Values stay text: the bot knows the declared types. A name given twice is a list.
 */
export function addInput(pair: string, inputs: JsonObject = {}): JsonObject {
  const at = pair.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Write it as NAME=VALUE.')
  const name = pair.slice(0, at)
  const value = pair.slice(at + 1)
  const before = Object.hasOwn(inputs, name) ? inputs[name] : undefined
  return Object.fromEntries([...Object.entries(inputs), [name, joined(before, value)]])
}

function joined(before: Json | undefined, value: string): Json {
  if (before === undefined) return value
  return Array.isArray(before) ? [...before, value] : [before, value]
}
