import type { ASTNode } from '@marcbachmann/cel-js'
import { join } from '../join.ts'
import { refuse } from '../problem.ts'
import { bool, describe, double, int, string } from '../shape.ts'
import type { Shape } from '../shape.ts'
import { isPath, refusePlainIndex, typeOfLookup, typeOfOwner, typeOfPath } from './access.ts'
import { pathOf, sourceOf, typeError } from './context.ts'
import type { Context } from './context.ts'
import { present, refuseFunction, typeOfFunction, typeOfMethod } from './functions.ts'
import { isMacro, typeOfHas, typeOfMacro, typeOfOptionalMethod } from './macros.ts'
import { negated } from './numbers.ts'
import { typeOfBinary } from './operators.ts'
import type { BinaryNode } from './operators.ts'
import { assuming, provenBy } from './present.ts'
import { refuseRepeatedWork } from './size.ts'

/**
 * The shape of an expression, or a refusal. What is not named here or in the tables of functions is refused, so a new
 * feature of cel-js never becomes part of the language by itself.
 */
export function typeOf(node: ASTNode, context: Context): Shape {
  if (node.op === 'value') return typeOfLiteral(node, node.args)
  if (isPath(node)) {
    noteReference(node, context)
    return typeOfPath(node, context)
  }
  if (node.op === '[?]') return typeOfLookup(node, context)
  if (node.op === '[]') return refusePlainIndex(node)
  if (node.op === 'call') return typeOfCall(node, context)
  if (node.op === 'rcall') return typeOfMethodCall(node, context)
  if (node.op === 'list') return typeOfList(node, context)
  if (node.op === 'map') {
    return typeError(
      node,
      'Maps cannot be written in an expression.',
      'Write the map in YAML, with an expression for each value.',
    )
  }
  return typeOfOperator(node, context)
}

// Access needs the whole checker for owners such as list[?0], and the checker needs access.
typeOfOwner.current = typeOf

/** The shape of a part that must be there: no optional, no null. */
function typeOfPresent(node: ASTNode, context: Context): Shape {
  return present(node, typeOf(node, context))
}

export function noteReference(node: ASTNode, { locals, found }: Context): void {
  const path = pathOf(node)
  if (path?.[0] === undefined || locals.has(path[0])) return
  found.references.push({ path, start: node.start, end: node.end })
}

function typeOfLiteral(node: ASTNode, value: unknown): Shape {
  if (typeof value === 'string') return { ...string, enum: [value] }
  if (typeof value === 'boolean') return bool
  if (typeof value === 'number') return double(value, value)
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (Number.isSafeInteger(number)) return int(number, number)
    return refuse(node, {
      code: 'expr.may-overflow',
      message: `${sourceOf(node)} is too large: integers end at ±(2^53 − 1).`,
      remedy: 'Use a smaller number, or a text.',
    })
  }
  if (value === null) {
    return typeError(
      node,
      'null cannot be computed with.',
      'Ask with has(field), or take .?field.orValue(…).',
    )
  }
  return typeError(node, `${sourceOf(node)} is of a kind that JSON lacks.`, 'Use a text or an integer.')
}

function typeOfList(node: Extract<ASTNode, { op: 'list' }>, context: Context): Shape {
  let item: Shape = { kind: 'never' }
  for (const element of node.args) {
    const shape = typeOfPresent(element, context)
    const joined = join(item, shape)
    if (!joined) {
      return typeError(
        element,
        `The list holds ${describe(item)} and ${describe(shape)}.`,
        'Use items of one kind.',
      )
    }
    item = joined
  }
  return { kind: 'list', item, minItems: node.args.length, maxItems: node.args.length }
}

const statusFunctions = new Set(['succeeded', 'failed', 'always'])

function typeOfCall(node: Extract<ASTNode, { op: 'call' }>, context: Context): Shape {
  const [name, args] = node.args
  refuseFunction(node, name)
  if (name === 'has') {
    const [subject] = args
    if (subject) noteReference(subject, context)
    return typeOfHas(node, args, context)
  }
  if (statusFunctions.has(name)) return typeOfStatus(node, context)
  return typeOfFunction({ node, name, args, shapes: args.map((arg) => typeOfPresent(arg, context)) })
}

function typeOfStatus(node: Extract<ASTNode, { op: 'call' }>, { scope, found }: Context): Shape {
  const [name, args] = node.args
  if (!scope.status) {
    return refuse(node, {
      code: 'expr.status-outside-when',
      message: `${name}() can be asked in \`when\` only.`,
      remedy: 'Move it to the `when` of the step.',
    })
  }
  if (args.length > 0) return typeError(node, `${name}() takes nothing.`, `Write ${name}().`)
  found.status = true
  return bool
}

function typeOfMethodCall(node: Extract<ASTNode, { op: 'rcall' }>, context: Context): Shape {
  const [name, receiver, args] = node.args
  refuseFunction(node, name)
  const method = { node, name, receiver, args }
  if (isMacro(name)) return typeOfMacro(method, context, typeOf)
  if (name === 'orValue' || name === 'hasValue') return typeOfOptionalMethod(method, context, typeOf)
  const all = [receiver, ...args]
  const shapes = all.map((arg) => typeOfPresent(arg, context))
  const [owner] = shapes
  if (owner && (name === 'split' || name === 'join')) refuseRepeatedWork(receiver, owner, context)
  return typeOfMethod({ node, name, args: all, shapes })
}

function typeOfOperator(node: ASTNode, context: Context): Shape {
  if (node.op === '?:') return typeOfTernary(node, context)
  if (node.op === '&&' || node.op === '||') {
    const [left, right] = node.args
    requireBool(left, context)
    requireBool(right, assuming(context, provenBy(left, node.op === '&&')))
    return bool
  }
  if (node.op === '!_') {
    requireBool(node.args, context)
    return bool
  }
  if (node.op === '-_') return typeOfMinus(node, context)
  if (isBinary(node)) {
    const [left, right] = node.args
    const sides = { left: typeOfPresent(left, context), right: typeOfPresent(right, context) }
    const shape = typeOfBinary(node, sides)
    if (shape.kind === 'list') {
      refuseRepeatedWork(left, sides.left, context)
      refuseRepeatedWork(right, sides.right, context)
    }
    return shape
  }
  return typeError(node, `${sourceOf(node)} is not part of the language.`, 'Write it in another way.')
}

const binaryOperators: ReadonlySet<string> = new Set([
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  '+',
  '-',
  '*',
  '/',
  '%',
])

function isBinary(node: ASTNode): node is BinaryNode {
  return binaryOperators.has(node.op)
}

function requireBool(node: ASTNode, context: Context): void {
  const shape = typeOfPresent(node, context)
  if (shape.kind !== 'bool') {
    typeError(
      node,
      `${sourceOf(node)} is ${describe(shape)}, not true or false.`,
      'Compare it with something.',
    )
  }
}

function typeOfMinus(node: Extract<ASTNode, { op: '-_' }>, context: Context): Shape {
  const shape = typeOfPresent(node.args, context)
  if (shape.kind === 'int' || shape.kind === 'double') return negated(shape)
  return typeError(
    node,
    `There is no minus of ${describe(shape)}.`,
    'Use a number. In names, write an underscore for a hyphen.',
  )
}

function typeOfTernary(node: Extract<ASTNode, { op: '?:' }>, context: Context): Shape {
  const [condition, yes, no] = node.args
  requireBool(condition, context)
  const left = typeOfPresent(yes, assuming(context, provenBy(condition, true)))
  const right = typeOfPresent(no, assuming(context, provenBy(condition, false)))
  return (
    join(left, right) ??
    typeError(
      node,
      `One branch is ${describe(left)}, the other ${describe(right)}.`,
      'Let both give the same kind of value.',
    )
  )
}
