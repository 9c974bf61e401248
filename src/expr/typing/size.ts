import type { ASTNode } from '@marcbachmann/cel-js'
import { refuse } from '../problem.ts'
import type { Shape } from '../shape.ts'
import { sourceOf } from './context.ts'
import type { Context } from './context.ts'

/** A list this short may be gone through again for every item of another one. */
const MAX_INNER_ITEMS = 100

/**
 * Inside a macro, what is gone through for every item must be part of that item (then all of it together is no larger than
 * the data) or short by its schema. Otherwise two long lists of a hostile alert would block the process for many seconds:
 * 15,000 × 15,000 items took 20 s.
 */
export function refuseRepeatedWork(node: ASTNode, shape: Shape, context: Context): void {
  if (context.depth === 0 || isPartOfItem(node, context)) return
  if (shape.kind === 'list' && (shape.maxItems ?? Infinity) <= MAX_INNER_ITEMS) return
  refuse(node, {
    code: 'expr.too-large',
    message: `${sourceOf(node)} would be gone through again for every item of a list.`,
    remedy: `Declare maxItems: ${MAX_INNER_ITEMS} or less for it, ask \`item in list\`, or compute it in a step of its own.`,
  })
}

function isPartOfItem(node: ASTNode, context: Context): boolean {
  if (node.op === 'id') return context.locals.has(node.args)
  if (node.op === '.' || node.op === '.?' || node.op === '[?]') return isPartOfItem(node.args[0], context)
  return node.op === 'rcall' && !bringsAnother(node) && isPartOfItem(node.args[1], context)
}

/** A default may be another list, unless it is written out. */
function bringsAnother(node: Extract<ASTNode, { op: 'rcall' }>): boolean {
  const [name, , [fallback]] = node.args
  return name === 'orValue' && fallback?.op !== 'list' && fallback?.op !== 'value'
}
