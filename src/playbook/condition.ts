import type { Json } from '../core/json.ts'
import {
  checkCondition,
  checkTemplate,
  describe,
  evaluate,
  evaluateTemplate,
  UNKNOWN,
  type Expression,
  type Reference,
  type Shape,
} from '../expr/index.ts'
import type { StepText } from './document.ts'
import { explain } from './explain.ts'
import type { Known, Values } from './playbook.ts'
import type { StepScopes } from './scope.ts'
import { forExpressions, stepsIn, type Checking } from './step-parts.ts'

export type Condition = {
  readonly expression: Expression
  readonly evaluate: (values: Values) => Known<boolean>
}

/** The `when` of a step; undefined when there is none, or none that can be read. */
export function checkWhen(checking: Checking, text: StepText, scopes: StepScopes): Condition | undefined {
  const { when } = text
  if (when === undefined || checking.taint.touches(when)) return undefined
  const path = ['steps', checking.id, 'when']
  if (when.trimStart().startsWith('${{')) {
    checking.faults.at(path, braces, 0)
    return undefined
  }
  const checked = checkCondition(when, scopes.condition)
  if (!checked.ok) {
    for (const problem of checked.problems)
      checking.faults.at(path, explain(problem, when, checking), problem.start)
    return undefined
  }
  const { expression } = checked
  const waitsFor = stepsIn(expression.references)
  return {
    expression,
    evaluate: (values) => {
      const status = { succeeded: values.failed !== true, failed: values.failed === true }
      const value = evaluate(expression, forExpressions(values), status)
      return value === UNKNOWN ? { known: false, waitsFor } : { known: true, value: value === true }
    },
  }
}

const braces = {
  code: 'expr.syntax',
  message: 'a condition stands without ${{ }}',
  remedy: 'Write the expression alone: when: inputs.count > 3.',
} as const

export type List = {
  readonly references: readonly Reference[]
  readonly item: Shape
  readonly evaluate: (values: Values) => Known<readonly Json[]>
}

/** The `forEach` of a step; undefined when there is none, or none that can be read. */
export function checkForEach(checking: Checking, text: StepText, scopes: StepScopes): List | undefined {
  const { forEach } = text
  if (forEach === undefined || checking.taint.touches(forEach)) return undefined
  const path = ['steps', checking.id, 'forEach']
  const checked = checkTemplate(forEach, scopes.plain)
  if (!checked.ok) {
    for (const problem of checked.problems)
      checking.faults.at(path, explain(problem, forEach, checking), problem.start)
    return undefined
  }
  const { template } = checked
  const { shape } = template
  if (shape.kind !== 'list') {
    const message = `forEach takes a list, but this is ${describe(shape)}`
    const remedy = 'Name a list: "${{ inputs.names }}".'
    const index = template.references[0]?.start
    checking.faults.at(path, { code: 'playbook.not-a-list', message, remedy }, index)
    return undefined
  }
  const waitsFor = stepsIn(template.references)
  return {
    references: template.references,
    item: shape.item,
    evaluate: (values) => {
      const value = evaluateTemplate(template, forExpressions(values, scopes.there))
      return Array.isArray(value) ? { known: true, value } : { known: false, waitsFor }
    },
  }
}
