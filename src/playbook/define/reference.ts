import { bool, computed, int, listOf, optional, type ObjectShape, type Shape } from '../../expr/index.ts'
import { own } from '../own.ts'
import { definitionFault } from './fault.ts'
import type { Maybe, Ref, Typed } from './ref.ts'
import { LEVEL, operand, primary, quote, TERM, termOf, under, type HasTerm, type Term } from './term.ts'

// What references are when the program runs: objects that know the text of their expression. Which fields and methods
// they have comes from the same shapes that the checker uses.

/** The reference of an expression. The type is the caller's word; the checker looks at the text all the same. */
export function refTo<T>(term: Term): Typed<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- erasure point: types of references exist for tsc only
  return makeRef(term) as Typed<T>
}

/** As `refTo`, where no more than the text is known. */
export function exprOf<T>(term: Term): Ref<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- erasure point: types of references exist for tsc only
  return makeRef(term) as Ref<T>
}

/** As `refTo`, for what may be absent. */
function maybeTo<T>(term: Term): Maybe<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- erasure point: types of references exist for tsc only
  return makeRef(term) as Maybe<T>
}

function makeRef(term: Term): HasTerm {
  const reference = { [TERM]: term, [Symbol.toPrimitive]: refuseToPrint }
  const { shape } = term
  if (term.maybe) return guard(reference, { term, base: peeled(shape), guarded: term.maybe.guarded })
  switch (shape.kind) {
    case 'string':
      return Object.assign(reference, textMethods(term))
    case 'list':
      return Object.assign(reference, listMethods(term, shape.item))
    case 'record':
      return Object.assign(reference, sizeAndAt(term, shape.value))
    case 'object':
      return withFields(reference, shape, (name, field) => ownField(term, name, field))
    default:
      return reference
  }
}

function refuseToPrint(): never {
  const remedy =
    'Put the tag before the template: text`Key ${…} is off`. For a condition use eq, and, or, not.'
  throw definitionFault('A reference is no text: it has no value yet', remedy)
}

/** Fields are made when they are read: schemas may be deep. One that is not declared is refused then, as `tsc` would. */
function withFields(
  reference: HasTerm,
  { fields }: ObjectShape,
  make: (name: string, field: Shape) => Term,
): HasTerm {
  return new Proxy(reference, {
    get: (target, name) => {
      if (typeof name === 'symbol') return Reflect.get(target, name)
      const field = own(fields, name)
      if (field) return makeRef(make(name, field))
      const known = Object.keys(fields).join(', ') || 'none'
      throw definitionFault(`${target[TERM].text} has no ${name}`, `There are: ${known}.`)
    },
  })
}

/** A field of an owner that is surely there. */
function ownField(owner: Term, name: string, shape: Shape): Term {
  const text = `${owner.text}.${name}`
  const term = primary(text, shape)
  if (shape.kind !== 'optional' && shape.kind !== 'nullable') return term
  return { ...term, maybe: { guarded: `${owner.text}.?${name}`, asked: `has(${text})` } }
}

type Guarded = { readonly term: Term; readonly base: Shape; readonly guarded: string }

function guard(reference: HasTerm, { base, guarded }: Guarded): HasTerm {
  if (base.kind === 'object') {
    return withFields(reference, base, (name, field) => mayBeAbsent(`${guarded}.?${name}`, field))
  }
  const orValue = (fallback: unknown) =>
    refTo(primary(`${guarded}.orValue(${operand(fallback, base).text})`, base))
  return Object.assign(reference, { orValue })
}

/** What is reached through something that may be absent. */
function mayBeAbsent(text: string, shape: Shape): Term {
  const maybe = { guarded: text, asked: `${text}.hasValue()` }
  return { ...primary(text, optional(peeled(shape))), maybe }
}

function peeled(shape: Shape): Shape {
  return shape.kind === 'optional' || shape.kind === 'nullable' ? peeled(shape.of) : shape
}

const string: Shape = { kind: 'string' }

function textMethods(term: Term) {
  const owner = under(LEVEL.primary, term)
  const test = (name: string) => (text: unknown) =>
    refTo<boolean>(primary(`${owner}.${name}(${operand(text, string).text})`, bool))
  return {
    size: () => refTo<number>(primary(`${owner}.size()`, int())),
    startsWith: test('startsWith'),
    endsWith: test('endsWith'),
    contains: test('contains'),
    trim: () => refTo<string>(primary(`${owner}.trim()`, computed)),
    split: (separator: string) =>
      refTo<readonly string[]>(primary(`${owner}.split(${quote(separator)})`, listOf(computed))),
  }
}

function sizeAndAt(term: Term, item: Shape) {
  const owner = under(LEVEL.primary, term)
  return {
    size: () => refTo<number>(primary(`${owner}.size()`, int())),
    at: (key: unknown) => maybeTo(mayBeAbsent(`${owner}[?${operand(key, int()).text}]`, item)),
  }
}

type Lambda = (item: HasTerm) => unknown

function listMethods(term: Term, item: Shape) {
  const owner = under(LEVEL.primary, term)
  const body = (name: string, make: Lambda) => termOf(make(makeRef(variable(name, item))))
  const macro = (of: string, shape: Shape) => (name: string, make: Lambda) =>
    refTo(primary(`${owner}.${of}(${name}, ${body(name, make).text})`, shape))
  return {
    ...sizeAndAt(term, item),
    filter: macro('filter', listOf(item)),
    exists: macro('exists', bool),
    all: macro('all', bool),
    map: (name: string, make: Lambda) => {
      const made = body(name, make)
      return refTo(primary(`${owner}.map(${name}, ${made.text})`, listOf(made.shape)))
    },
    join: (separator: unknown) =>
      refTo<string>(primary(`${owner}.join(${operand(separator, string).text})`, computed)),
  }
}

/** A name that stands for an item. */
export function variable(name: string, shape: Shape): Term {
  const term = primary(name, shape)
  if (shape.kind !== 'optional' && shape.kind !== 'nullable') return term
  return { ...term, maybe: { guarded: name, asked: `${name}.hasValue()` } }
}
