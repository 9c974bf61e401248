import type { ASTNode } from '@marcbachmann/cel-js'
import { refuse } from '../problem.ts'
import type { Scope } from '../scope.ts'
import type { Shape } from '../shape.ts'

/** A path of field names that an expression reads, such as `['steps', 'owner', 'userName']`. */
export type Reference = {
  readonly path: readonly string[]
  readonly start: number
  readonly end: number
}

/** What is known at one place of an expression while it is checked. */
export type Context = {
  readonly scope: Scope
  /** Variables of macros around this place. */
  readonly locals: ReadonlyMap<string, Shape>
  /** Paths that a `has()` around this place has proven to be there. */
  readonly present: ReadonlySet<string>
  /** Macros around this place. */
  readonly depth: number
  /** What the whole expression reads; filled on the way. */
  readonly found: { readonly references: Reference[]; status: boolean }
}

export type TypeOf = (node: ASTNode, context: Context) => Shape

export function typeError(node: ASTNode, message: string, remedy: string): never {
  return refuse(node, { code: 'expr.type', message, remedy })
}

export function notTotal(node: ASTNode, message: string, remedy: string): never {
  return refuse(node, { code: 'expr.not-total', message, remedy })
}

/** The text of a node as written. */
export function sourceOf(node: ASTNode): string {
  return node.input.slice(node.start, node.end)
}

/** `a.b.c` as a path, when the node is nothing but names. */
export function pathOf(node: ASTNode): readonly string[] | undefined {
  if (node.op === 'id') return [node.args]
  if (node.op !== '.' && node.op !== '.?') return undefined
  const owner = pathOf(node.args[0])
  return owner && [...owner, node.args[1]]
}

/** Names cannot hold dots, so a joined path is unambiguous. */
export function pathKey(path: readonly string[]): string {
  return path.join('.')
}
