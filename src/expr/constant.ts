import type { ASTNode } from '@marcbachmann/cel-js'
import type { Expression } from './check.ts'
import { evaluate } from './evaluate.ts'
import { sourceOf } from './typing/context.ts'
import type { Context } from './typing/context.ts'
import { isNumber } from './shape.ts'
import type { NumberShape, Shape } from './shape.ts'
import { typeOf } from './typing/type-of.ts'
import type { Scope } from './scope.ts'

/**
 * What a checked condition always gives, or undefined when it depends on something. Folded from constants, and from what
 * the schemas say: enums that share no text, numbers whose bounds do not meet. A run has either succeeded or failed, so
 * `succeeded() && failed()` is never true.
 */
export function constantOf(expression: Expression): boolean | undefined {
  const { program, shape, references, usesStatus } = expression
  if (program.kind !== 'cel' || shape.kind !== 'bool') return undefined
  if (references.length === 0 && !usesStatus) return evaluate(expression, {}) === true
  const { ast } = program.run
  const [failed, succeeded] = [true, false].map((failed) => fold(ast, { scope: program.scope, failed }))
  return failed === succeeded ? failed : undefined
}

type Folding = { readonly scope: Scope; readonly failed: boolean }

function fold(node: ASTNode, folding: Folding): boolean | undefined {
  if (node.op === '!_') return not(fold(node.args, folding))
  if (node.op === '?:') return foldTernary(node, folding)
  return node.op === '&&' || node.op === '||' ? foldLogic(node, folding) : foldLeaf(node, folding)
}

type Logic = Extract<ASTNode, { op: '&&' | '||' }>

function foldLogic(node: Logic, folding: Folding): boolean | undefined {
  const [left, right] = node.args.map((side) => fold(side, folding))
  const deciding = node.op === '||'
  if (left === deciding || right === deciding) return deciding
  return left === undefined || right === undefined ? undefined : !deciding
}

function foldTernary(node: Extract<ASTNode, { op: '?:' }>, folding: Folding): boolean | undefined {
  const [condition, yes, no] = node.args
  const taken = fold(condition, folding)
  if (taken !== undefined) return fold(taken ? yes : no, folding)
  const either = fold(yes, folding)
  return either === fold(no, folding) ? either : undefined
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value
}

function foldLeaf(node: ASTNode, { scope, failed }: Folding): boolean | undefined {
  if (node.op === 'value') return typeof node.args === 'boolean' ? node.args : undefined
  if (node.op === 'call') {
    const status = { succeeded: !failed, failed, always: true }
    const [name] = node.args
    if (name === 'succeeded' || name === 'failed' || name === 'always') return status[name]
  }
  return isComparison(node) ? foldComparison(node, scope) : undefined
}

type Comparison = Extract<ASTNode, { op: '==' | '!=' | '<' | '<=' | '>' | '>=' }>

function isComparison(node: ASTNode): node is Comparison {
  return ['==', '!=', '<', '<=', '>', '>='].includes(node.op)
}

function foldComparison(node: Comparison, scope: Scope): boolean | undefined {
  const [left, right] = node.args
  // Expressions have no effects and no chance in them: the same text has the same value.
  if (sourceOf(left) === sourceOf(right)) return ['==', '<=', '>='].includes(node.op)
  const [a, b] = [shapeIn(left, scope), shapeIn(right, scope)]
  if (a === undefined || b === undefined) return undefined
  if (isNumber(a) && isNumber(b)) return foldNumbers(node.op, a, b)
  if (node.op === '==') return equal(a, b)
  return node.op === '!=' ? not(equal(a, b)) : undefined
}

/** Undefined for what needs more than its own text: a field that something before it has proven to be there. */
function shapeIn(node: ASTNode, scope: Scope): Shape | undefined {
  const context: Context = {
    scope,
    locals: new Map(),
    present: new Set(),
    depth: 0,
    found: { references: [], status: false },
  }
  try {
    return typeOf(node, context)
  } catch {
    return undefined
  }
}

function equal(a: Shape, b: Shape): boolean | undefined {
  if (a.kind !== 'string' || b.kind !== 'string' || !a.enum || !b.enum) return undefined
  if (!a.enum.some((text) => b.enum?.includes(text))) return false
  return a.enum.length === 1 && b.enum.length === 1 ? true : undefined
}

function foldNumbers(op: Comparison['op'], a: NumberShape, b: NumberShape): boolean | undefined {
  switch (op) {
    case '<':
      return ordered(a.max < b.min, a.min >= b.max)
    case '<=':
      return not(foldNumbers('<', b, a))
    case '>':
      return foldNumbers('<', b, a)
    case '>=':
      return not(foldNumbers('<', a, b))
    case '==':
      return ordered(a.min === a.max && b.min === b.max && a.min === b.min, apart(a, b))
    case '!=':
      return not(foldNumbers('==', a, b))
  }
}

function ordered(always: boolean, never: boolean): boolean | undefined {
  if (always) return true
  return never ? false : undefined
}

function apart(a: NumberShape, b: NumberShape): boolean {
  return a.max < b.min || a.min > b.max
}
