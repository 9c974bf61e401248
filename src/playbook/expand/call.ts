import type { JsonObject } from '../../core/json.ts'
import type { InputType } from '../../core/playbook.ts'
import type { Path } from '../../core/yaml.ts'
import { contains, peel, type Shape } from '../../expr/index.ts'
import { isObject } from '../json.ts'
import type { Fault } from '../faults.ts'
import { shapeOfInput } from '../inputs.ts'
import { isPath } from '../outputs.ts'
import { own } from '../own.ts'
import type { Flat } from './flat.ts'
import { bracketed, none, plain, type Piece, type Replace, type Spot } from './piece.ts'
import { Reading, mapTexts, type Text } from './texts.ts'
import { atEnd, defaultValue, descend, expressionOf, pieceOf, type Value } from './values.ts'
import type { Use } from '../checked.ts'

/** A step that runs a playbook, with everything of it in terms of the whole. */
export type Call = {
  readonly id: string
  readonly flat: Flat
  readonly raw: JsonObject
  /** Its condition, over the steps of the whole. */
  readonly when?: Piece
  readonly values: ReadonlyMap<string, Value>
  /** What its inputs read. */
  readonly reads: ReadonlySet<string>
}

export type Report = (path: Path, fault: Fault, index?: number) => void

/** The name that a step of the playbook has in the whole. */
export function nameIn(call: string, step: string): string {
  return `${call}_${step}`
}

type Given = {
  readonly id: string
  readonly flat: Flat
  readonly raw: JsonObject
  readonly uses: readonly Use[]
  readonly replace: Replace
  readonly shapeOf: (text: string) => Shape | undefined
  readonly report: Report
}

/** What the step gives for each input. */
export function valuesOf(given: Given): ReadonlyMap<string, Value> {
  const values = Object.entries(given.flat.document.inputs).flatMap(([name, type]) => {
    const value = valueFor(name, type, given)
    return value === undefined ? [] : [[name, value] as const]
  })
  return new Map(values)
}

function valueFor(name: string, type: InputType, given: Given): Value | undefined {
  const raw = own(inputsOf(given.raw), name)
  if (raw === undefined) return defaultValue(type)
  const path = ['steps', given.id, 'with', 'inputs', name]
  const reading = new Reading()
  const json = mapTexts(raw, { path, uses: given.uses }, (text) => reading.rewrite(text, given.replace))
  const value = { type, json, firm: reading.firm, reads: reading.reads }
  const shape = typeof raw === 'string' && raw.includes('${{') ? given.shapeOf(raw) : undefined
  if (shape === undefined) return value
  const { base, optional } = peel(shape)
  if (!contains(shapeOfInput(type), base)) given.report(path, computed(name))
  return optional ? orDefault(value) : value
}

/** What may be absent has its default then. */
function orDefault(value: Value): Value {
  const other = defaultValue(value.type)
  const [expression, fallback] = [expressionOf(value), other && expressionOf(other)]
  if (expression === undefined || fallback === undefined) return value
  return { ...value, json: `\${{ ${bracketed(expression)}.orValue(${fallback}) }}` }
}

function inputsOf(raw: JsonObject): JsonObject {
  const given = own(raw, 'with')
  const inputs = given !== undefined && isObject(given) ? own(given, 'inputs') : undefined
  return inputs !== undefined && isObject(inputs) ? inputs : {}
}

function computed(name: string): Fault {
  return {
    code: 'playbook.wrong-type',
    message: `this is computed, and ${name} takes only texts of a certain form: nothing promises that it fits`,
    remedy: 'Give a value that is declared with the same pattern, format and lengths.',
  }
}

type Inside = { readonly closing: boolean; readonly report: Report }

/** What stands in the whole for what a step of the playbook refers to. */
export function inside(call: Call, how: Inside): Replace {
  return (spot) => {
    const [root, name] = spot.path
    if (root === 'steps' && name !== undefined) return stepPiece(call, spot, name)
    return root === 'inputs' ? inputPiece(call, spot, how) : plain(spot.source)
  }
}

function inputPiece(call: Call, spot: Spot, { closing, report }: Inside): Piece {
  const part = partOf(call, spot.path, spot.source)
  if (part === undefined) {
    report(['steps', call.id, 'with', 'playbook'], cannotFollow(call, spot))
    return plain(spot.source)
  }
  const expression = expressionIn(part, closing)
  if (expression !== undefined) {
    const piece = pieceOf(part.optional ? `[${expression}][?0]` : expression, part.field, part.rest)
    return isPath(piece.text) ? piece : { ...piece, has: askedFor(piece.text, part.rest) }
  }
  const [, name = ''] = spot.path
  report(['steps', call.id, 'with', 'inputs', name], closing ? notAtEnd(name) : asOne(name))
  return plain(spot.source)
}

/** An input is always there; a field of what an expression gives may not be. */
function askedFor(text: string, rest: string): string {
  return rest === '' ? 'true' : `${text.replace(/\.\s*\??\s*(\w+)$/, '.?$1')}.hasValue()`
}

function expressionIn({ field }: Part, closing: boolean): string | undefined {
  const expression = expressionOf(field)
  return expression !== undefined && closing ? atEnd({ expression, value: field }) : expression
}

type Part = { readonly field: Value; readonly rest: string; readonly optional: boolean }

/** The value that `inputs.a.b` names, and what of it is left to be read. */
function partOf(call: Call, [root, name = '']: Spot['path'], source: string): Part | undefined {
  const value = root === 'inputs' ? call.values.get(name) : undefined
  const [whole, optional] = new RegExp(`^inputs\\s*\\.\\s*(\\??)\\s*${name}`).exec(source) ?? []
  if (value === undefined || whole === undefined) return undefined
  const { value: field, rest } = descend(value, source.slice(whole.length))
  return { field, rest, optional: optional === '?' }
}

function stepPiece(call: Call, { source }: Spot, name: string): Piece {
  const step = nameIn(call.id, name)
  const text = source.replace(/^(steps\s*\.\s*\??\s*)\w+/, (_, before: string) => `${before}${step}`)
  return { text, firm: isGuarded(source) ? none : new Set([step]), reads: new Set([step]) }
}

/** `steps.?a`: it may be absent, and whoever wrote it says what then. */
export function isGuarded(source: string): boolean {
  return /^steps\s*\.\s*\?/.test(source)
}

/** The value itself, for a text that is nothing but an input: constants stay what they are, maps can be given. */
export function wholeValue(call: Call, { text, references }: Text): Value | undefined {
  const [reference, ...others] = references
  if (reference === undefined || others.length > 0) return undefined
  const source = text.slice(reference.start, reference.end)
  if (!new RegExp(`^\\$\\{\\{\\s*.{${source.length}}\\s*\\}\\}$`, 's').test(text)) return undefined
  const part = partOf(call, reference.path, source)
  return part === undefined || part.optional || part.rest !== '' ? undefined : part.field
}

function cannotFollow({ flat }: Call, { source }: Spot): Fault {
  return {
    code: 'playbook.run',
    message: `${flat.document.name} uses ${source.slice(0, 80)}, which cannot be put in place`,
    remedy: 'Let it name its inputs one by one, as inputs.name.',
  }
}

function asOne(name: string): Fault {
  return {
    code: 'playbook.run',
    message: `${name} is used in an expression there, and a map that is written out cannot stand in one`,
    remedy: 'Give it as one expression, such as "${{ inputs.place }}".',
  }
}

function notAtEnd(name: string): Fault {
  return {
    code: 'playbook.run',
    message: `${name} is used at the end of the run, when the steps that it reads may not have run`,
    remedy: 'Give it from an input, or as a constant.',
  }
}
