import { checkTemplate, peel, splitTemplate, type Scope, type Shape } from '../expr/index.ts'
import type { Use } from './checked.ts'
import type { Document } from './document.ts'
import type { Faults } from './faults.ts'
import type { Taint } from './taint.ts'

/** What a playbook gives to one that runs it. */
export type Output = {
  /** One expression and nothing else, in its braces. */
  readonly text: string
  readonly shape: Shape
  readonly uses: readonly Use[]
}

type Around = { readonly faults: Faults; readonly taint: Taint; readonly scope: () => Scope }

/** The outputs of a playbook, each with its type; those with a fault are left out. */
export function checkOutputs({ outputs }: Document, around: Around): ReadonlyMap<string, Output> {
  const checked = Object.entries(outputs).flatMap(([name, text]) => {
    if (around.taint.touches(text)) return []
    const output = checkOutput(name, text, around)
    return output === undefined ? [] : [[name, output] as const]
  })
  return new Map(checked)
}

function checkOutput(name: string, text: string, { faults, scope }: Around): Output | undefined {
  const path = ['outputs', name]
  const checked = checkTemplate(text, scope())
  if (!checked.ok) {
    for (const { code, message, remedy, start } of checked.problems)
      faults.at(path, { code, message, remedy }, start)
    return undefined
  }
  const { shape, references } = checked.template
  const source = soleExpression(text)
  if (source === undefined) {
    faults.at(path, oneExpression)
    return undefined
  }
  const { optional, nullable } = peel(shape)
  if ((optional || nullable) && !isPath(source)) {
    faults.at(path, mayBeAbsent)
    return undefined
  }
  return { text, shape, uses: references.map((reference) => ({ path, reference })) }
}

/** The expression that a text is, when it is nothing else. */
export function soleExpression(text: string): string | undefined {
  const split = splitTemplate(text)
  const [only, ...more] = split.ok ? split.parts : []
  return only?.kind === 'expression' && more.length === 0 ? only.source.trim() : undefined
}

/** Nothing but names with dots between them. */
export function isPath(source: string): boolean {
  return /^[a-z]\w*(\s*\.\s*\??\s*\w+)*$/.test(source)
}

const oneExpression = {
  code: 'playbook.bad-value',
  message: 'an output is one expression',
  remedy: 'Write it as one: "${{ \'key \' + steps.owner.userName }}".',
} as const

const mayBeAbsent = {
  code: 'expr.unguarded',
  message: 'this output is computed, and it may be absent',
  remedy: 'Say what holds then with .orValue(…), or give a field itself.',
} as const
