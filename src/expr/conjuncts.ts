import { parse, type ASTNode } from '@marcbachmann/cel-js'
import { LIMITS } from './environment.ts'
import { sourceOf } from './typing/context.ts'

/**
 * The parts of a condition that are joined by `&&`, as they are written, without brackets around them: all of them are
 * true when it is. Nothing for a text that is no expression.
 */
export function conjunctsOf(condition: string): readonly string[] {
  if (condition.length > LIMITS.sourceLength) return []
  try {
    return partsOf(parse(condition).ast)
  } catch {
    return []
  }
}

function partsOf(node: ASTNode): readonly string[] {
  return node.op === '&&' ? node.args.flatMap(partsOf) : [sourceOf(node)]
}
