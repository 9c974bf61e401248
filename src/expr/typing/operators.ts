import type { ASTNode, BinaryOperator } from '@marcbachmann/cel-js'
import { join } from '../join.ts'
import { bool, computed, describe, isNumber } from '../shape.ts'
import type { Shape } from '../shape.ts'
import { typeError } from './context.ts'
import { arithmetic } from './numbers.ts'
import type { ArithmeticOperator } from './numbers.ts'

export type BinaryNode = Extract<ASTNode, { op: BinaryOperator }>

type Sides = { readonly left: Shape; readonly right: Shape }

export function typeOfBinary(node: BinaryNode, sides: Sides): Shape {
  if (node.op === '==' || node.op === '!=') return equality(node, sides)
  if (node.op === 'in') return membership(node, sides)
  if (isOrder(node.op)) return order(node, sides)
  if (node.op === '+' && sides.left.kind === 'string') return concatenation(node, sides)
  if (node.op === '+' && sides.left.kind === 'list') return concatenatedLists(node, sides)
  return arithmeticOf(node, node.op, sides)
}

type OrderOperator = '<' | '<=' | '>' | '>='

function isOrder(operator: BinaryOperator): operator is OrderOperator {
  return operator === '<' || operator === '<=' || operator === '>' || operator === '>='
}

function isScalar(shape: Shape): boolean {
  return ['string', 'int', 'double', 'bool'].includes(shape.kind)
}

/** Equality is defined for scalars of one kind and for lists of them; objects have no identity here. */
function comparable(left: Shape, right: Shape): boolean {
  if (left.kind === 'list' && right.kind === 'list') {
    return [left.item, right.item].some(({ kind }) => kind === 'never') || comparable(left.item, right.item)
  }
  return left.kind === right.kind && isScalar(left)
}

function equality(node: BinaryNode, { left, right }: Sides): Shape {
  if (comparable(left, right)) return bool
  return mismatch(
    node,
    { left, right },
    'Compare texts with texts, integers with integers; wrap with double(…) or string(…).',
  )
}

function membership(node: BinaryNode, { left, right }: Sides): Shape {
  if (
    right.kind === 'list' &&
    (right.item.kind === 'never' || (isScalar(left) && left.kind === right.item.kind))
  )
    return bool
  if (right.kind === 'record' && left.kind === 'string') return bool
  return mismatch(node, { left, right }, 'Write item in list, or "key" in map.')
}

function order(node: BinaryNode, { left, right }: Sides): Shape {
  const numbers = isNumber(left) && isNumber(right)
  if (numbers || (left.kind === 'string' && right.kind === 'string')) return bool
  return mismatch(node, { left, right }, 'Compare numbers with numbers, or texts with texts.')
}

function concatenation(node: BinaryNode, { left, right }: Sides): Shape {
  return right.kind === 'string'
    ? computed
    : mismatch(node, { left, right }, 'Wrap the other side with string(…).')
}

function concatenatedLists(node: BinaryNode, { left, right }: Sides): Shape {
  if (left.kind !== 'list' || right.kind !== 'list')
    return mismatch(node, { left, right }, 'Add a list to a list.')
  const item = join(left.item, right.item)
  if (!item) return mismatch(node, { left, right }, 'Add lists with items of one kind.')
  const maxItems = (left.maxItems ?? Infinity) + (right.maxItems ?? Infinity)
  return maxItems < Infinity ? { kind: 'list', item, maxItems } : { kind: 'list', item }
}

function arithmeticOf(node: BinaryNode, operator: ArithmeticOperator, { left, right }: Sides): Shape {
  const ints = left.kind === 'int' && right.kind === 'int'
  const doubles = left.kind === 'double' && right.kind === 'double'
  if (!ints && !(doubles && operator !== '%')) {
    return mismatch(
      node,
      { left, right },
      'Both sides are integers, or both are numbers: wrap one with int(…) or double(…).',
    )
  }
  return arithmetic(operator, { node, left, right })
}

function mismatch(node: BinaryNode, { left, right }: Sides, remedy: string): never {
  return typeError(
    node,
    `${node.op} is not defined between ${describe(left)} and ${describe(right)}.`,
    remedy,
  )
}
