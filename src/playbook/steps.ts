import type { ActionRegistry, AnyAction } from '../core/action.ts'
import { parseDuration } from '../core/duration.ts'
import type { Json, JsonObject } from '../core/json.ts'
import {
  checkCondition,
  checkTemplate,
  describe,
  evaluate,
  evaluateTemplate,
  shapeOf,
  UNKNOWN,
  type Reference,
  type Shape,
  type Values as ExpressionValues,
} from '../expr/index.ts'
import type { Document, StepText } from './document.ts'
import type { Faults } from './faults.ts'
import { own } from './own.ts'
import type { Known, Step, Values } from './playbook.ts'
import { isClosing, scopesOf, type StepScopes } from './scope.ts'
import { checkWith, type With } from './with.ts'

type Checking = {
  readonly document: Document
  readonly actions: ActionRegistry
  readonly faults: Faults
  readonly id: string
}

/** One checked step, or nothing where its faults leave nothing to go on with. */
export function checkStep(checking: Checking): Step | undefined {
  const { document, actions, faults, id } = checking
  const text = document.steps[id]
  const action = text && own(actions, text.action)
  if (text === undefined) return undefined
  if (action === undefined) {
    faults.at(['steps', id, 'action'], {
      code: 'playbook.unknown-action',
      message: `there is no action ${text.action}`,
      remedy: `Did you mean ${nearest(text.action, Object.keys(actions))}? See \`firebreak actions\`.`,
    })
    return undefined
  }
  refuseUnaskedHarm(checking, text, action)
  const scopes = scopesOf(document, id, actions)
  const condition = checkWhen(checking, text, scopes)
  const list = checkForEach(checking, text, scopes)
  const input = checkInput(checking, text, {
    action,
    scope: list ? scopes.withItem(list.item) : scopes.plain,
  })
  const references = [...(condition?.references ?? []), ...(list?.references ?? []), ...input.references]
  return makeStep({ id, text, action, needs: needsOf(checking, text, references), condition, list, input })
}

type Condition = {
  readonly references: readonly Reference[]
  readonly evaluate: (values: Values) => Known<boolean>
}
type List = {
  readonly references: readonly Reference[]
  readonly item: Shape
  readonly evaluate: (values: Values) => Known<readonly Json[]>
}
type Parts = {
  readonly id: string
  readonly text: StepText
  readonly action: AnyAction
  readonly needs: readonly string[]
  readonly condition: Condition | undefined
  readonly list: List | undefined
  readonly input: With
}

function makeStep({ id, text, action, needs, condition, list, input }: Parts): Step {
  const { using, concurrency, onError, approve } = text
  const timeoutMs = text.timeout === undefined ? undefined : parseDuration(text.timeout)
  return {
    id,
    action,
    needs,
    closing: isClosing(text),
    concurrency,
    onError,
    maxFailures: failures(text.maxFailures),
    input: (values) => known(input.evaluate(forExpressions(values)), needs),
    ...(using === undefined ? {} : { using }),
    ...(condition ? { when: condition.evaluate } : {}),
    ...(list ? { items: list.evaluate } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(approve
      ? {
          approve: { from: approve.from, count: approve.count, withinMs: parseDuration(approve.within) ?? 0 },
        }
      : {}),
  }
}

function refuseUnaskedHarm({ faults, id }: Checking, text: StepText, action: AnyAction): void {
  if (action.effect !== 'irreversible' || text.approve !== undefined) return
  faults.at(['steps', id], {
    code: 'playbook.approval',
    message: `${action.name} cannot be undone, and nobody is asked`,
    remedy: 'Add approve: { from: approver, count: 2 }.',
  })
}

function checkWhen({ faults, id }: Checking, { when }: StepText, scopes: StepScopes): Condition | undefined {
  if (when === undefined) return undefined
  const checked = checkCondition(when, scopes.condition)
  if (!checked.ok) {
    for (const { start, ...fault } of checked.problems) faults.at(['steps', id, 'when'], fault, start)
    return undefined
  }
  const { expression } = checked
  const waitsFor = stepsIn(expression.references)
  return {
    references: expression.references,
    evaluate: (values) => {
      const status = { succeeded: values.failed !== true, failed: values.failed === true }
      const value = evaluate(expression, forExpressions(values), status)
      return value === UNKNOWN ? { known: false, waitsFor } : { known: true, value: value === true }
    },
  }
}

function checkForEach({ faults, id }: Checking, { forEach }: StepText, scopes: StepScopes): List | undefined {
  if (forEach === undefined) return undefined
  const path = ['steps', id, 'forEach']
  const checked = checkTemplate(forEach, scopes.plain)
  if (!checked.ok) {
    for (const { start, ...fault } of checked.problems) faults.at(path, fault, start)
    return undefined
  }
  const { template } = checked
  const { shape } = template
  if (shape.kind !== 'list') {
    faults.at(path, {
      code: 'playbook.wrong-type',
      message: `forEach takes a list, but this is ${describe(shape)}`,
      remedy: 'Name a list: "${{ inputs.names }}".',
    })
    return undefined
  }
  const waitsFor = stepsIn(template.references)
  return {
    references: template.references,
    item: shape.item,
    evaluate: (values) => {
      const value = evaluateTemplate(template, forExpressions(values))
      return Array.isArray(value) ? { known: true, value } : { known: false, waitsFor }
    },
  }
}

function checkInput(
  { faults, id }: Checking,
  text: StepText,
  { action, scope }: { action: AnyAction; scope: StepScopes['plain'] },
): With {
  const target = shapeOf(action.input, 'input')
  if (target.kind !== 'object') throw new Error(`${action.name} takes no object`)
  return checkWith(text.with, target, { faults, scope, references: [], path: ['steps', id, 'with'] })
}

/** Edges of the graph: by reference, or by `after`. */
function needsOf(
  { document, faults, id }: Checking,
  text: StepText,
  references: readonly Reference[],
): string[] {
  text.after.forEach((other, i) => {
    const path = ['steps', id, 'after', i]
    const found = own(document.steps, other)
    if (found === undefined || other === id) {
      faults.at(path, {
        code: 'playbook.unknown-step',
        message: `there is no other step ${other}`,
        remedy: `Did you mean ${nearest(other, Object.keys(document.steps))}?`,
      })
    } else if (isClosing(found) && !isClosing(text)) {
      faults.at(path, {
        code: 'playbook.closing',
        message: `${other} runs at the end of the run, so ${id} cannot come after it`,
        remedy: `Remove ${other} from after.`,
      })
    }
  })
  return [...new Set([...stepsIn(references), ...text.after])].filter((other) =>
    Object.hasOwn(document.steps, other),
  )
}

function stepsIn(references: readonly Reference[]): string[] {
  const names = references.flatMap(({ path: [root, step] }) =>
    root === 'steps' && step !== undefined ? [step] : [],
  )
  return [...new Set(names)]
}

/** What the engine knows, in the form of the expression language. */
function forExpressions({ inputs, steps, item }: Values): ExpressionValues {
  const known = Object.entries(steps).flatMap(([id, value]) => {
    if (value.kind === 'absent') return []
    return [[id, value.kind === 'output' ? value.output : UNKNOWN] as const]
  })
  return { inputs, steps: Object.fromEntries(known), ...(item === undefined ? {} : { item }) }
}

function known(value: JsonObject | typeof UNKNOWN, waitsFor: readonly string[]): Known<JsonObject> {
  return value === UNKNOWN ? { known: false, waitsFor } : { known: true, value }
}

function failures(text: StepText['maxFailures']): Step['maxFailures'] {
  return typeof text === 'number'
    ? { kind: 'count', value: text }
    : { kind: 'percent', value: Number(text.slice(0, -1)) }
}

/** The candidate with the longest common beginning: enough for a hint. */
function nearest(word: string, candidates: readonly string[]): string {
  const score = (candidate: string) => {
    let same = 0
    while (same < word.length && word[same] === candidate[same]) same++
    return same
  }
  return candidates.toSorted((a, b) => score(b) - score(a))[0] ?? 'nothing'
}
