import type { ASTNode } from '@marcbachmann/cel-js'
import { join } from '../join.ts'
import { refuse } from '../problem.ts'
import { bool, describe, listOf, peel } from '../shape.ts'
import type { ListShape, Shape } from '../shape.ts'
import { declaredShape } from './access.ts'
import { pathOf, sourceOf, typeError } from './context.ts'
import type { Context, TypeOf } from './context.ts'
import { present } from './functions.ts'
import { shadowing } from './present.ts'
import { refuseRepeatedWork } from './size.ts'

/** Two: an expression is at worst quadratic in the length of its lists. */
const MAX_DEPTH = 2

export type Method = {
  readonly node: ASTNode
  readonly name: string
  readonly receiver: ASTNode
  readonly args: readonly ASTNode[]
}

const macroArguments: { readonly [name: string]: readonly number[] } = {
  all: [2],
  exists: [2],
  exists_one: [2],
  filter: [2],
  map: [2, 3],
}

export function isMacro(name: string): boolean {
  return Object.hasOwn(macroArguments, name)
}

/** `list.map(x, …)` and its kin, over the items of a list or the keys of a map. */
export function typeOfMacro(method: Method, context: Context, typeOf: TypeOf): Shape {
  const { node, name, args } = method
  if (!macroArguments[name]?.includes(args.length)) {
    return typeError(node, `${name}() has the wrong number of arguments.`, `Write list.${name}(x, …).`)
  }
  const list = rangeOf(method.receiver, context, typeOf)
  const inner = enter({ method, item: list.item, context })
  const [, first, second] = args
  if (!first) return typeError(node, `${name}() has no body.`, `Write list.${name}(x, …).`)
  const { minItems: _, ...atMost } = list
  if (name === 'map') {
    if (second) requireBool(first, inner, typeOf)
    const item = requireItem(second ?? first, inner, typeOf)
    return { ...(second ? atMost : list), item }
  }
  requireBool(first, inner, typeOf)
  return name === 'filter' ? atMost : bool
}

function rangeOf(receiver: ASTNode, context: Context, typeOf: TypeOf): ListShape {
  const shape = present(receiver, typeOf(receiver, context))
  refuseRepeatedWork(receiver, shape, context)
  if (shape.kind === 'list') return shape
  if (shape.kind === 'record') return listOf(shape.key)
  return typeError(
    receiver,
    `${sourceOf(receiver)} is ${describe(shape)}, not a list or a map.`,
    'Use a list or a map.',
  )
}

function enter({ method, item, context }: { method: Method; item: Shape; context: Context }): Context {
  const [variable] = method.args
  if (variable?.op !== 'id') {
    return typeError(
      method.node,
      `The first argument of ${method.name}() is a new name.`,
      `Write list.${method.name}(x, …).`,
    )
  }
  const name = variable.args
  if (Object.hasOwn(context.scope.variables, name) || context.locals.has(name)) {
    return typeError(variable, `${name} already means something else here.`, 'Choose another name.')
  }
  if (context.depth >= MAX_DEPTH) {
    return refuse(method.node, {
      code: 'expr.too-large',
      message: `More than ${MAX_DEPTH} of map, filter, all and exists are inside each other.`,
      remedy: 'Split it over two steps.',
    })
  }
  return {
    ...context,
    locals: new Map([...context.locals, [name, item]]),
    present: shadowing(context, name),
    depth: context.depth + 1,
  }
}

function requireBool(node: ASTNode, context: Context, typeOf: TypeOf): void {
  const shape = typeOf(node, context)
  if (shape.kind !== 'bool')
    typeError(node, `${sourceOf(node)} is ${describe(shape)}, not true or false.`, 'Write a condition.')
}

/** Items of a list are there: an optional one would leave a hole. */
function requireItem(node: ASTNode, context: Context, typeOf: TypeOf): Shape {
  const shape = typeOf(node, context)
  return shape.kind === 'optional' ? present(node, shape) : shape
}

/** `a.orValue(b)` and `a.hasValue()`. */
export function typeOfOptionalMethod(method: Method, context: Context, typeOf: TypeOf): Shape {
  const { node, name, receiver, args } = method
  const shape = typeOf(receiver, context)
  const { base, optional, nullable } = peel(shape)
  if (!optional && !nullable) {
    return typeError(
      node,
      `${sourceOf(receiver)} is always there: ${name}() has nothing to do.`,
      `Remove .${name}(…).`,
    )
  }
  if (name === 'hasValue' && args.length === 0) return bool
  const [other] = args
  if (!other || args.length !== 1)
    return typeError(node, `${name}() has the wrong number of arguments.`, 'Write .orValue(default).')
  const fallback = present(other, typeOf(other, context))
  const joined = join(base, fallback)
  if (joined) return joined
  return typeError(
    other,
    `The default is ${describe(fallback)}, but ${sourceOf(receiver)} is ${describe(base)}.`,
    'Use a default of the same type.',
  )
}

/** `has(a.b)`: a declared field whose owner is surely there. */
export function typeOfHas(node: ASTNode, args: readonly ASTNode[], context: Context): Shape {
  const [subject] = args
  if (args.length !== 1 || subject?.op !== '.' || !pathOf(subject)) {
    return typeError(node, 'has() takes a field.', 'Write has(inputs.name).')
  }
  declaredShape(subject, context)
  return bool
}
