import { compilePattern } from './pattern.ts'
import { describe, fieldOf, holdsSecret, isNumber, peel, quoteAll } from './shape.ts'
import type { ListShape, NumberShape, ObjectShape, RecordShape, Shape, StringShape } from './shape.ts'

type Mode = {
  /** What an expression made is not taken on trust: used where a value is given the narrower of two shapes. */
  readonly strict: boolean
}

/**
 * Why a value of the shape `source` may not go where `target` is wanted, in words; undefined when it may. Texts are
 * compared schema with schema: enums as sets, patterns by equal text, lengths, formats; numbers by their bounds. A text
 * that an expression made is taken where patterns, formats or lengths are wanted: the target's own schema decides when the
 * run is planned, before any effect. It is never taken where an enum is wanted.
 */
export function accepts(target: Shape, source: Shape): string | undefined {
  return compare(target, source, { strict: false })
}

/** Like `accepts`, but with nothing left for later: every value of `source` is a value of `target`. */
export function contains(target: Shape, source: Shape): boolean {
  return compare(target, source, { strict: true }) === undefined
}

function compare(target: Shape, source: Shape, mode: Mode): string | undefined {
  if (source.kind === 'never') return undefined
  const to = peel(target)
  const from = peel(source)
  if (from.optional && !to.optional) return 'it may be absent here, but a value is needed'
  if (from.nullable && !to.nullable && to.base.kind !== 'json')
    return 'it may be null here, but a value is needed'
  // Nothing but null, or the items of an empty list.
  if (from.base.kind === 'never') return undefined
  return compareBase(to.base, from.base, mode)
}

function compareBase(target: Shape, source: Shape, mode: Mode): string | undefined {
  if (target.kind === 'secret' || source.kind === 'secret') return secrets(target, source)
  if (target.kind === 'json') {
    return holdsSecret(source) ? 'it holds a secret, and a secret goes into a secret only' : undefined
  }
  if (target.kind === 'double' && source.kind === 'int') return bounds(target, source)
  if (target.kind === 'record' && source.kind === 'object') return objectAsRecord(target, source, mode)
  if (target.kind !== source.kind) return `${describe(target)} is needed, but it is ${describe(source)}`
  return sameKind(target, source, mode)
}

function sameKind(target: Shape, source: Shape, mode: Mode): string | undefined {
  if (target.kind === 'string' && source.kind === 'string') return texts(target, source, mode)
  if (isNumber(target) && isNumber(source)) return bounds(target, source)
  return holders(target, source, mode)
}

function holders(target: Shape, source: Shape, mode: Mode): string | undefined {
  if (target.kind === 'list' && source.kind === 'list') return lists(target, source, mode)
  if (target.kind === 'object' && source.kind === 'object') return objects(target, source, mode)
  if (target.kind === 'record' && source.kind === 'record') return records(target, source, mode)
  return undefined
}

function records(target: RecordShape, source: RecordShape, mode: Mode): string | undefined {
  const keys = inside('the keys', texts(target.key, source.key, mode))
  return keys ?? inside('the values', compare(target.value, source.value, mode))
}

function inside(where: string, why: string | undefined): string | undefined {
  return why === undefined ? undefined : `${where}: ${why}`
}

function secrets(target: Shape, source: Shape): string | undefined {
  if (target.kind === source.kind) return undefined
  return source.kind === 'secret'
    ? 'a secret goes into a secret only'
    : `a secret is needed, but it is ${describe(source)}`
}

function texts(target: StringShape, source: StringShape, mode: Mode): string | undefined {
  if (source.enum) {
    return source.enum.map((text) => textFits(target, text, mode)).find((why) => why !== undefined)
  }
  if (target.enum) return `one of ${quoteAll(target.enum)} is needed, but it may be another text`
  if (source.computed && !mode.strict) return undefined
  return lengths(target, source) ?? patterns(target, source)
}

function textFits(target: StringShape, text: string, { strict }: Mode): string | undefined {
  const shown = JSON.stringify(text)
  if (target.enum)
    return target.enum.includes(text) ? undefined : `${shown} is none of ${quoteAll(target.enum)}`
  const misfit = target.patterns?.find((pattern) => !mayMatch(pattern, text, strict))
  if (misfit !== undefined) return `${shown} does not match ${misfit}`
  if (strict && isOnlyFormat(target)) return `${shown} may be no ${target.format}`
  return lengths(target, { kind: 'string', minLength: text.length, maxLength: text.length })
}

/** Formats such as `uri` have no pattern: only the schema itself can check them. */
function isOnlyFormat(target: StringShape): boolean {
  return target.format !== undefined && target.patterns === undefined
}

/** A pattern of an action's own schema may use what RE2 lacks; the schema itself decides when the run is planned. */
function mayMatch(pattern: string, text: string, strict: boolean): boolean {
  const compiled = compilePattern(pattern)
  return compiled.ok ? compiled.pattern.matches(text) : !strict
}

function lengths(target: StringShape, source: StringShape): string | undefined {
  if ((source.minLength ?? 0) < (target.minLength ?? 0))
    return `at least ${target.minLength} characters are needed`
  if ((source.maxLength ?? Infinity) > (target.maxLength ?? Infinity))
    return `at most ${target.maxLength} characters are allowed`
  return undefined
}

function patterns(target: StringShape, source: StringShape): string | undefined {
  const missing = target.patterns?.find((pattern) => !source.patterns?.includes(pattern))
  if (missing !== undefined)
    return `a text that matches ${missing} is needed; its schema does not promise that`
  if (isOnlyFormat(target) && target.format !== source.format) {
    return `a text of format ${target.format} is needed; its schema does not promise that`
  }
  return undefined
}

function bounds(target: NumberShape, source: NumberShape): string | undefined {
  if (source.min < target.min) return `at least ${target.min} is needed, but it may be ${source.min}`
  if (source.max > target.max) return `at most ${target.max} is allowed, but it may be ${source.max}`
  return undefined
}

function lists(target: ListShape, source: ListShape, mode: Mode): string | undefined {
  if ((source.minItems ?? 0) < (target.minItems ?? 0)) return `at least ${target.minItems} items are needed`
  if ((source.maxItems ?? Infinity) > (target.maxItems ?? Infinity))
    return `at most ${target.maxItems} items are allowed`
  return inside('its items', compare(target.item, source.item, mode))
}

function objects(target: ObjectShape, source: ObjectShape, mode: Mode): string | undefined {
  for (const [name, wanted] of Object.entries(target.fields)) {
    const given = fieldOf(source, name)
    if (given === undefined) {
      // What is not declared may still be there in an open object, and then it may be anything.
      if (!peel(wanted).optional || !source.closed) return `the field ${name} is missing`
      continue
    }
    const why = inside(`the field ${name}`, compare(wanted, given, mode))
    if (why !== undefined) return why
  }
  if (!target.closed) return undefined
  const extra = Object.keys(source.fields).find((name) => fieldOf(target, name) === undefined)
  if (extra !== undefined) return `the field ${extra} is not allowed`
  return source.closed ? undefined : 'it may have fields that are not allowed'
}

function objectAsRecord(target: RecordShape, source: ObjectShape, mode: Mode): string | undefined {
  if (!source.closed) return 'it may have fields that are not declared'
  for (const [name, given] of Object.entries(source.fields)) {
    const { base, nullable } = peel(given)
    const value: Shape = nullable ? { kind: 'nullable', of: base } : base
    const why = textFits(target.key, name, mode) ?? compare(target.value, value, mode)
    if (why !== undefined) return `the field ${name}: ${why}`
  }
  return undefined
}
