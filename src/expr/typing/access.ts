import type { ASTNode } from '@marcbachmann/cel-js'
import { didYouMean } from '../nearest.ts'
import { refuse } from '../problem.ts'
import { describe, fieldOf, optional, peel } from '../shape.ts'
import type { ObjectShape, Shape } from '../shape.ts'
import { notTotal, pathKey, pathOf, sourceOf, typeError } from './context.ts'
import type { Context, TypeOf } from './context.ts'

/** Field names that would be mistaken for JavaScript's own; they can only be passed on with the whole object. */
const UNREADABLE = new Set(['constructor', '__proto__', 'prototype'])

type PlainField = Extract<ASTNode, { op: '.' }>
type OptionalField = Extract<ASTNode, { op: '.?' }>
export type PathNode = Extract<ASTNode, { op: 'id' }> | PlainField | OptionalField

export function isPath(node: ASTNode): node is PathNode {
  return node.op === 'id' || node.op === '.' || node.op === '.?'
}

type Read = {
  readonly shape: Shape
  /** False when it may be absent only because something before it may be. */
  readonly declared: boolean
}

/** The shape of `a`, `a.b`, `a.?b`: read for a computation, so a field that may be absent needs a guard. */
export function typeOfPath(node: PathNode, context: Context, asked: ASTNode = node): Shape {
  const { shape, declared } = read(node, context)
  if (shape.kind === 'secret') {
    return refuse(node, {
      code: 'expr.secret',
      message: `${sourceOf(node)} is a secret, and nothing can be computed with a secret.`,
      remedy: 'Pass it on whole: the expression is the reference and nothing else.',
    })
  }
  const { base, optional: absent, nullable } = peel(shape)
  if (node.op !== '.' || !declared || !(absent || nullable)) return shape
  return isProven(node, context) ? base : refuseUnguarded({ node: asked, owner: node, absent })
}

/** The shape that the schema declares, with its enum, pattern and optionality: what a bare reference gives. */
export function declaredShape(node: PathNode, context: Context): Shape {
  return read(node, context).shape
}

function read(node: PathNode, context: Context): Read {
  if (node.op === 'id') return { shape: variable(node, node.args, context), declared: true }
  if (node.op === '.') return plainField(node, context)
  return { shape: optionalField(node, context), declared: false }
}

/** What owns a field: a path, or any other expression. */
function ownerShape(owner: ASTNode, context: Context, asked: ASTNode): Shape {
  return isPath(owner) ? typeOfPath(owner, context, asked) : typeOfOwner.current(owner, context)
}

/** Set once by the checker: an owner may be any expression, and a cycle of imports is not allowed. */
export const typeOfOwner: { current: TypeOf } = {
  current: () => {
    throw new TypeError('the checker is not ready')
  },
}

function variable(node: ASTNode, name: string, context: Context): Shape {
  const shape =
    context.locals.get(name) ??
    (Object.hasOwn(context.scope.variables, name) ? context.scope.variables[name] : undefined)
  if (shape) return shape
  const known = [...Object.keys(context.scope.variables), ...context.locals.keys()]
  return refuse(node, {
    code: 'expr.unknown-name',
    message: `There is no ${name} here.`,
    remedy:
      known.length > 0
        ? `${didYouMean(name, known)}Known are ${known.join(', ')}.`
        : 'No names are known here: write a constant.',
  })
}

function plainField(node: PlainField, context: Context): Read {
  const [owner, name] = node.args
  const shape = ownerShape(owner, context, node)
  const { base, optional: absent, nullable } = peel(shape)
  const field = declaredField({ node, owner, name }, base)
  if (!absent && !nullable) return { shape: field, declared: true }
  // Only what `.?` or `[?]` gave may be followed by a plain dot; the result may be absent too.
  if (shape.kind !== 'optional' || owner.op === 'id') return refuseUnguarded({ node, owner, absent })
  const inner = peel(field)
  if (inner.optional || inner.nullable) return refuseUnguarded({ node, owner: node, absent: inner.optional })
  return { shape: optional(inner.base), declared: false }
}

function optionalField(node: OptionalField, context: Context): Shape {
  const [owner, name] = node.args
  const { base } = peel(ownerShape(owner, context, node))
  const field = peel(declaredField({ node, owner, name }, base)).base
  return optional(field)
}

type FieldAccess = { readonly node: ASTNode; readonly owner: ASTNode; readonly name: string }

function declaredField({ node, owner, name }: FieldAccess, base: Shape): Shape {
  if (base.kind === 'record') {
    return typeError(
      node,
      `${sourceOf(owner)} is a map: its keys are not declared.`,
      `Write ${sourceOf(owner)}[?"${name}"].orValue(…).`,
    )
  }
  if (base.kind !== 'object') {
    return typeError(node, `${sourceOf(owner)} is ${describe(base)} and has no fields.`, 'Remove the field.')
  }
  return fieldOrRefuse({ node, owner, name }, base)
}

function fieldOrRefuse({ node, owner, name }: FieldAccess, base: ObjectShape): Shape {
  const field = UNREADABLE.has(name) ? undefined : fieldOf(base, name)
  if (field) return field
  const names = Object.keys(base.fields)
  return refuse(node, {
    code: 'expr.unknown-name',
    message: `${sourceOf(owner)} has no field ${name}.`,
    remedy:
      names.length > 0
        ? `${didYouMean(name, names)}Its fields are ${names.slice(0, 20).join(', ')}.`
        : 'It has no fields.',
  })
}

function isProven(node: ASTNode, context: Context): boolean {
  const path = pathOf(node)
  return path !== undefined && context.present.has(pathKey(path))
}

type Unguarded = { readonly node: ASTNode; readonly owner: ASTNode; readonly absent: boolean }

/** `owner` may be missing; `node` is what was to be read. */
function refuseUnguarded({ node, owner, absent }: Unguarded): never {
  const text = sourceOf(node)
  // A field is guarded at its own dot, a variable at the dot that follows.
  const place = owner.op === '.' ? owner : node
  const dot = node.input.lastIndexOf('.', place.pos)
  const guarded = node.input.slice(node.start, dot) + '.?' + node.input.slice(dot + 1, node.end).trimStart()
  const owned = sourceOf(owner)
  const ternary = owner.op === '.' && pathOf(owner) ? `, or has(${owned}) ? ${text} : …` : ''
  return refuse(node, {
    code: 'expr.unguarded',
    message: `${owned} may be ${absent ? 'absent' : 'null'}.`,
    remedy: `Write ${guarded}.orValue(…)${ternary}.`,
  })
}

/** `list[?i]`, `map[?key]` and `object[?"field"]`: always optional. */
export function typeOfLookup(node: Extract<ASTNode, { op: '[?]' }>, context: Context): Shape {
  const [owner, key] = node.args
  const { base } = peel(typeOfOwner.current(owner, context))
  const keyShape = typeOfOwner.current(key, context)
  if (base.kind === 'list') return listLookup(node, base.item, keyShape)
  if (base.kind === 'record') {
    if (keyShape.kind !== 'string')
      return typeError(key, `The key of a map is a text, not ${describe(keyShape)}.`, 'Use a text.')
    return optional(peel(base.value).base)
  }
  if (base.kind === 'object' && key.op === 'value' && typeof key.args === 'string') {
    return optional(peel(fieldOrRefuse({ node: key, owner, name: key.args }, base)).base)
  }
  return typeError(
    node,
    `${describe(base)} cannot be looked into with [?…].`,
    'Use it on a list, a map, or with a constant field name.',
  )
}

function listLookup(node: Extract<ASTNode, { op: '[?]' }>, item: Shape, key: Shape): Shape {
  if (key.kind !== 'int')
    return typeError(node.args[1], 'The index of a list is an integer.', 'Use an integer.')
  if (peel(item).nullable) {
    return typeError(node, 'Items of this list may be null.', 'Use .map(i, i.orValue(…)) before [?…].')
  }
  return optional(item)
}

export function refusePlainIndex(node: Extract<ASTNode, { op: '[]' }>): never {
  const [owner, key] = node.args
  return notTotal(
    node,
    `${sourceOf(node)} fails when there is nothing at that place.`,
    `Write ${sourceOf(owner)}[?${sourceOf(key)}].orValue(…).`,
  )
}
