import type { ASTNode } from '@marcbachmann/cel-js'
import { pathKey, pathOf } from './context.ts'
import type { Context } from './context.ts'

/** The paths that are surely there when the condition is true (or, with `outcome` false, when it is false). */
export function provenBy(node: ASTNode, outcome: boolean): readonly string[] {
  if (node.op === '!_') return provenBy(node.args, !outcome)
  if (node.op === (outcome ? '&&' : '||')) return node.args.flatMap((part) => provenBy(part, outcome))
  if (!outcome || node.op !== 'call' || node.args[0] !== 'has') return []
  const [subject] = node.args[1]
  const path = subject && pathOf(subject)
  return path ? [pathKey(path)] : []
}

export function assuming(context: Context, paths: readonly string[]): Context {
  return paths.length === 0 ? context : { ...context, present: new Set([...context.present, ...paths]) }
}

/** Inside a macro, a path that starts with its variable means something else. */
export function shadowing(context: Context, name: string): ReadonlySet<string> {
  return new Set([...context.present].filter((path) => path !== name && !path.startsWith(`${name}.`)))
}
