import type { ASTNode } from '@marcbachmann/cel-js'
import { compilePattern } from '../pattern.ts'
import { refuse } from '../problem.ts'
import { bool, computed, describe, double, int, isNumber, peel } from '../shape.ts'
import type { Shape } from '../shape.ts'
import { notTotal, sourceOf, typeError } from './context.ts'
import { withinLimit } from './numbers.ts'

/** A call with the shapes of its arguments; for a method the receiver comes first. */
export type Call = {
  readonly node: ASTNode
  readonly name: string
  readonly args: readonly ASTNode[]
  readonly shapes: readonly Shape[]
}

type Rule = (call: Call) => Shape

const MAX_TEXT = 2 ** 40

/** Every function there is. What is not here is refused. */
const functions: { readonly [name: string]: Rule } = {
  size: sizeOf,
  string: (call) => takes(call, scalarKinds, () => computed),
  double: (call) => takes(call, ['int', 'double'], toDouble),
  int: (call) => takes(call, ['int', 'double'], (shape) => toInt(call.node, shape)),
  lower: (call) => takes(call, ['string'], () => computed),
  upper: (call) => takes(call, ['string'], () => computed),
  re: regularExpression,
  clamp,
}

const methods: { readonly [name: string]: Rule } = {
  size: sizeOf,
  startsWith: (call) => texts(call, 2, bool),
  endsWith: (call) => texts(call, 2, bool),
  contains: (call) => texts(call, 2, bool),
  trim: (call) => texts(call, 1, computed),
  indexOf: (call) => texts(call, 2, int(-1, MAX_TEXT)),
  lastIndexOf: (call) => texts(call, 2, int(-1, MAX_TEXT)),
  split,
  join: joined,
}

const scalarKinds = ['string', 'int', 'double', 'bool']

export function typeOfFunction(call: Call): Shape {
  return ruleFor(functions, call)(call)
}

export function typeOfMethod(call: Call): Shape {
  return ruleFor(methods, call)(call)
}

function ruleFor(rules: { readonly [name: string]: Rule }, call: Call): Rule {
  const rule = Object.hasOwn(rules, call.name) ? rules[call.name] : undefined
  if (rule) return rule
  return refuse(call.node, {
    code: 'expr.unknown-name',
    message: `There is no function ${call.name}() here.`,
    remedy: `There are ${Object.keys(rules).join(', ')}, and has, map, filter, all, exists, exists_one, orValue, hasValue.`,
  })
}

/** Called before the arguments are looked at, so that the reason given is the function itself. */
export function refuseFunction(node: ASTNode, name: string): void {
  const instead = Object.hasOwn(refused, name) ? refused[name] : undefined
  if (instead) notTotal(node, `${name}() is not part of the language.`, instead)
}

/** What cel-js has and we refuse, because it can fail or hang or has no type, with what to write instead. */
const refused: { readonly [name: string]: string } = {
  matches: 'Write re(text, "pattern"): it takes time in proportion to the text.',
  value: 'Write .orValue(…).',
  or: 'Write a.orValue(b.orValue(…)).',
  dyn: 'Leave it out: every value has a type here.',
  type: 'Leave it out: the type of every value is known.',
  timestamp: 'Keep times as texts; they compare in order when they have the same format and zone.',
  duration: 'Use a number of seconds.',
  bool: 'Compare with == "true".',
  uint: 'Use int.',
  bytes: 'Use texts.',
  substring: 'Use split(…), startsWith(…) or re(…).',
  lowerAscii: 'Write lower(text): lowerAscii() also turns letters that only look like ASCII.',
  upperAscii: 'Write upper(text): upperAscii() also turns letters that only look like ASCII.',
}

function takes(call: Call, kinds: readonly string[], result: (shape: Shape) => Shape): Shape {
  const [shape] = call.shapes
  if (call.shapes.length === 1 && shape && kinds.includes(shape.kind)) return result(shape)
  if (call.name in conversions && shape?.kind === 'string') {
    return notTotal(
      call.node,
      `${call.name}() of a text fails when the text is no number.`,
      'Declare the value as a number.',
    )
  }
  return wrongArguments(call, `It takes one value that is ${kinds.join(' or ')}.`)
}

const conversions = { int: true, double: true }

function wrongArguments(call: Call, remedy: string): never {
  const given = call.shapes.map(describe).join(', ')
  return typeError(call.node, `${call.name}() does not take (${given}).`, remedy)
}

function sizeOf(call: Call): Shape {
  const [shape] = call.shapes
  if (call.shapes.length !== 1 || !shape) return wrongArguments(call, 'It takes one text, list or map.')
  if (shape.kind === 'list') return int(shape.minItems ?? 0, shape.maxItems ?? MAX_TEXT)
  if (shape.kind === 'string' || shape.kind === 'record') return int(0, MAX_TEXT)
  return wrongArguments(call, 'It takes a text, a list or a map.')
}

function toDouble(shape: Shape): Shape {
  return shape.kind === 'int' || shape.kind === 'double' ? double(shape.min, shape.max) : double()
}

function toInt(node: ASTNode, shape: Shape): Shape {
  if (shape.kind !== 'int' && shape.kind !== 'double') return int()
  return withinLimit(node, { kind: 'int', min: Math.trunc(shape.min), max: Math.trunc(shape.max) })
}

function texts(call: Call, count: number, result: Shape): Shape {
  if (call.shapes.length === count && call.shapes.every(({ kind }) => kind === 'string')) return result
  const what = count === 1 ? 'is called on a text' : 'is called on a text, with one text'
  return wrongArguments(call, `It ${what}.`)
}

/** The text of a literal argument. */
function constant(node: ASTNode | undefined): string | undefined {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined
}

function regularExpression(call: Call): Shape {
  const pattern = constant(call.args[1])
  if (call.args.length !== 2 || call.shapes[0]?.kind !== 'string' || pattern === undefined) {
    return wrongArguments(call, 'Write re(text, "pattern") with a constant pattern.')
  }
  const compiled = compilePattern(pattern)
  if (compiled.ok) return bool
  return refuse(call.args[1] ?? call.node, {
    code: 'expr.bad-pattern',
    message: `The regular expression cannot be used: ${compiled.why}.`,
    remedy: 'Use RE2 syntax: no look-around and no back-references.',
  })
}

/** Splitting by nothing, or by half of a surrogate pair, would give texts that are no Unicode. */
function split(call: Call): Shape {
  const separator = constant(call.args[1])
  if (call.shapes.length === 2 && call.shapes[0]?.kind === 'string' && separator) {
    return { kind: 'list', item: computed, minItems: 1 }
  }
  return wrongArguments(call, 'Write text.split(",") with a constant separator that is not empty.')
}

function joined(call: Call): Shape {
  const [list, separator] = call.shapes
  const separates = call.shapes.length === 1 || (call.shapes.length === 2 && separator?.kind === 'string')
  if (list?.kind === 'list' && (list.item.kind === 'string' || list.item.kind === 'never') && separates)
    return computed
  return wrongArguments(call, 'It is called on a list of texts, with a text to put between.')
}

function clamp(call: Call): Shape {
  const numbers = call.shapes.filter(isNumber)
  const [value, low, high] = numbers
  if (
    call.shapes.length !== 3 ||
    !value ||
    !low ||
    !high ||
    numbers.some(({ kind }) => kind !== value.kind)
  ) {
    return wrongArguments(
      call,
      'Write clamp(number, lowest, highest): all integers, or all numbers such as 1.0.',
    )
  }
  if (low.max > high.min) {
    return typeError(
      call.node,
      `In ${sourceOf(call.node)} the lowest may be above the highest.`,
      'Swap them.',
    )
  }
  const min = Math.min(Math.max(value.min, low.min), high.min)
  const max = Math.min(Math.max(value.max, low.max), high.max)
  return { kind: value.kind, min, max }
}

/** A value that may be absent is good for `orValue`, `hasValue`, `.?` and `[?…]` only. */
export function present(node: ASTNode, shape: Shape): Shape {
  const { optional, nullable } = peel(shape)
  if (!optional && !nullable) return shape
  return refuse(node, {
    code: 'expr.unguarded',
    message: `${sourceOf(node)} may be ${optional ? 'absent' : 'null'}.`,
    remedy: `Write ${sourceOf(node)}.orValue(…).`,
  })
}
