import type { AnyAction } from '../core/action.ts'
import type { ApproveRule } from '../core/playbook.ts'
import { parseDuration } from '../core/duration.ts'
import type { JsonObject } from '../core/json.ts'
import { didYouMean, UNKNOWN } from '../expr/index.ts'
import type { CheckedStep, Use } from './checked.ts'
import { checkForEach, checkWhen, type Condition, type List } from './condition.ts'
import { checkConfirm } from './confirm.ts'
import type { Approve, StepText } from './document.ts'
import { needsOf } from './edges.ts'
import { own } from './own.ts'
import type { Confirm, Known, Step } from './playbook.ts'
import { inputOf, isClosing, type StepScopes } from './scope.ts'
import { forExpressions, type Checking } from './step-parts.ts'
import { timingOf } from './timing.ts'
import { checkWith, type With } from './with.ts'

/** One checked step, or nothing where its faults leave nothing to go on with. */
export function checkStep(checking: Checking): CheckedStep | undefined {
  const { document, actions, faults, id } = checking
  const text = own(document.steps, id)
  if (text === undefined) return undefined
  const action = own(actions, text.action)
  if (action === undefined) {
    faults.at(['steps', id, 'action'], {
      code: 'playbook.unknown-action',
      message: `there is no action ${text.action}`,
      remedy: `${didYouMean(text.action, Object.keys(actions))}\`firebreak actions\` lists them.`,
    })
    return undefined
  }
  const before = faults.count
  const scopes = checking.scopes(text)
  const condition = checkWhen(checking, text, scopes)
  const list = checkForEach(checking, text, scopes)
  const input = checkInput(checking, { text, action, scopes, list })
  const confirmed = checkConfirm(checking, { text, action, scopes, list })
  const uses = [...usesOf(id, { condition, list }), ...input.uses, ...confirmed.uses]
  const needs = needsOf(checking, text, uses)
  const step = makeStep({
    id,
    text,
    action,
    needs,
    condition,
    list,
    input,
    confirm: confirmed.confirm,
    there: scopes.there,
  })
  const sound = faults.count === before && isReadable(checking, text)
  const expression = condition === undefined ? {} : { condition: condition.expression }
  return { id, text, action, step, uses, templates: input.templates, ...expression, sound }
}

function usesOf(id: string, parts: { condition: Condition | undefined; list: List | undefined }): Use[] {
  const { condition, list } = parts
  const inWhen = condition?.expression.references ?? []
  const inList = list?.references ?? []
  return [
    ...inWhen.map((reference) => ({ path: ['steps', id, 'when'], reference })),
    ...inList.map((reference) => ({ path: ['steps', id, 'forEach'], reference })),
  ]
}

/** Nothing that it says has been left out because of somebody else's fault. */
function isReadable({ taint, id }: Checking, text: StepText): boolean {
  const { when, forEach, with: input, after, confirm } = text
  if (['with', 'after', 'when', 'forEach', 'using', 'confirm'].some((key) => taint.hasKey(id, key)))
    return false
  const texts = [when ?? '', forEach ?? '', JSON.stringify(input), JSON.stringify(confirm ?? {})]
  return !texts.some((part) => taint.touches(part)) && !after.some((other) => taint.hasStep(other))
}

type Parts = {
  readonly id: string
  readonly text: StepText
  readonly action: AnyAction
  readonly needs: readonly string[]
  readonly condition: Condition | undefined
  readonly list: List | undefined
  readonly input: With
  readonly confirm: Confirm | undefined
  readonly there: ReadonlySet<string>
}

function makeStep({ id, text, action, needs, condition, list, input, confirm, there }: Parts): Step {
  const { using, concurrency, onError, approve } = text
  return {
    id,
    action,
    needs,
    closing: isClosing(text),
    concurrency,
    onError,
    maxFailures: failures(text.maxFailures),
    input: (values) => known(input.evaluate(forExpressions(values, there)), needs),
    ...(using === undefined ? {} : { using }),
    ...(condition ? { when: condition.evaluate } : {}),
    ...(list ? { items: list.evaluate } : {}),
    ...(confirm ? { confirm } : {}),
    ...timingOf(text),
    ...(approve === undefined ? {} : { approve: [approve].flat().map(approveOf) }),
  }
}

function approveOf({ from, count, within }: Approve): ApproveRule {
  return { from, count, withinMs: parseDuration(within) ?? 0 }
}

type Around = {
  readonly text: StepText
  readonly action: AnyAction
  readonly scopes: StepScopes
  readonly list: List | undefined
}

function checkInput(checking: Checking, { text, action, scopes, list }: Around): With {
  const target = inputOf(action)
  if (target.kind !== 'object') throw new Error(`${action.name} takes no object`)
  const isList = text.forEach !== undefined || checking.taint.hasKey(checking.id, 'forEach')
  const unreadableItem = isList && list === undefined
  return checkWith(text.with, target, {
    checking,
    schema: action.input,
    scope: list ? scopes.withItem(list.item) : scopes.plain,
    skips: (source) => checking.taint.touches(source) || (unreadableItem && /\bitem\b/.test(source)),
  })
}

function known(value: JsonObject | typeof UNKNOWN, waitsFor: readonly string[]): Known<JsonObject> {
  return value === UNKNOWN ? { known: false, waitsFor } : { known: true, value }
}

function failures(text: StepText['maxFailures']): Step['maxFailures'] {
  return typeof text === 'number'
    ? { kind: 'count', value: text }
    : { kind: 'percent', value: Number(text.slice(0, -1)) }
}
