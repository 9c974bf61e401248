import type { AnyAction, AnyReadAction } from '../core/action.ts'
import type { Path } from '../core/yaml.ts'
import { checkCondition, constantOf, didYouMean, evaluate, UNKNOWN, type Expression } from '../expr/index.ts'
import type { Use } from './checked.ts'
import type { List } from './condition.ts'
import type { StepText } from './document.ts'
import { explain } from './explain.ts'
import { own } from './own.ts'
import type { Confirm, Values } from './playbook.ts'
import { inputOf, outputOf, type StepScopes } from './scope.ts'
import { forExpressions, stepsIn, type Checking } from './step-parts.ts'
import { checkWith, type With } from './with.ts'

type ConfirmText = NonNullable<StepText['confirm']>
type Around = {
  readonly text: StepText
  readonly action: AnyAction
  readonly scopes: StepScopes
  readonly list: List | undefined
}
type Checked = { readonly uses: readonly Use[]; readonly confirm?: Confirm }

const nothing: Checked = { uses: [] }

/** The `confirm` of a step: only a step that a person does by hand has one, and each of them does. */
export function checkConfirm(checking: Checking, around: Around): Checked {
  const { faults, taint, id } = checking
  const { action, text } = around
  const { confirm } = text
  if (action.effect !== 'manual') {
    if (confirm !== undefined) faults.atKey(['steps', id, 'confirm'], notByHand(action))
    return nothing
  }
  if (confirm === undefined) {
    if (!taint.hasKey(id, 'confirm')) faults.atKey(['steps', id], missing(id))
    return nothing
  }
  const read = readOf(checking, confirm)
  return read === undefined ? nothing : checkRead(checking, around, { confirm, read })
}

type Reading = { readonly confirm: ConfirmText; readonly read: AnyReadAction }

function checkRead(checking: Checking, around: Around, { confirm, read }: Reading): Checked {
  const input = checkInput(checking, around, { confirm, read })
  const that = checkThat(checking, around, { confirm, read })
  const path = placeOf(checking, 'that')
  const inThat = that?.references.map((reference) => ({ path, reference })) ?? []
  const uses = [...input.uses, ...inThat]
  if (that === undefined) return { uses }
  const waitsFor = stepsIn(uses.map(({ reference }) => reference))
  const made: Confirm = {
    action: read,
    that: confirm.that,
    ...(confirm.using === undefined ? {} : { using: confirm.using }),
    input: (values) => {
      const value = input.evaluate(forExpressions(values, around.scopes.there))
      return value === UNKNOWN ? { known: false, waitsFor } : { known: true, value }
    },
    holds: (values) => {
      const value = evaluate(that, withResult(values))
      return value === UNKNOWN ? { known: false, waitsFor } : { known: true, value: value === true }
    },
  }
  return { uses, confirm: made }
}

function withResult(values: Values) {
  return { ...forExpressions(values), result: values.result ?? UNKNOWN }
}

function placeOf({ id }: Checking, key: string): Path {
  return ['steps', id, 'confirm', key]
}

function readOf(checking: Checking, { action: name }: ConfirmText): AnyReadAction | undefined {
  const { actions, faults } = checking
  const path = placeOf(checking, 'action')
  const found = own(actions, name)
  if (found?.effect === 'read') return found
  const reads = Object.values(actions).flatMap((action) => (action.effect === 'read' ? [action.name] : []))
  const remedy = `${didYouMean(name, reads)}Those that read are: ${reads.join(', ')}.`
  faults.at(
    path,
    found === undefined
      ? { code: 'playbook.unknown-action', message: `there is no action ${name}`, remedy }
      : { code: 'playbook.confirm', message: `${name} does not read, so it can confirm nothing`, remedy },
  )
  return undefined
}

function checkInput(checking: Checking, { text, scopes, list }: Around, { confirm, read }: Reading): With {
  const target = inputOf(read)
  if (target.kind !== 'object') throw new Error(`${read.name} takes no object`)
  const skips = skipping(checking, text, list)
  const scope = list ? scopes.withItem(list.item) : scopes.plain
  const at = placeOf(checking, 'with')
  return checkWith(confirm.with, target, { checking, schema: read.input, scope, skips, at })
}

/** Texts that speak of something refused already. */
function skipping({ taint, id }: Checking, { forEach }: StepText, list: List | undefined) {
  const repeats = forEach !== undefined || taint.hasKey(id, 'forEach')
  const noItem = repeats && list === undefined
  return (source: string) => taint.touches(source) || (noItem && /\bitem\b/.test(source))
}

function checkThat(
  checking: Checking,
  { text, scopes, list }: Around,
  { confirm: { that }, read }: Reading,
): Expression | undefined {
  const path = placeOf(checking, 'that')
  if (skipping(checking, text, list)(that)) return undefined
  const checked = checkCondition(that, scopes.withResult(outputOf(read), list?.item))
  if (!checked.ok) {
    for (const problem of checked.problems)
      checking.faults.at(path, explain(problem, that, checking), problem.start)
    return undefined
  }
  const { expression } = checked
  const looks = expression.references.some(({ path: [root] }) => root === 'result')
  if (looks && constantOf(expression) === undefined) return expression
  checking.faults.at(path, {
    code: 'playbook.confirm',
    message: 'this does not depend on what was read, so it confirms nothing',
    remedy: 'Ask about the result: result.status == "Inactive".',
  })
  return undefined
}

function notByHand({ name }: AnyAction) {
  return {
    code: 'playbook.confirm',
    message: `${name} is not done by hand: Firebreak itself looks whether it worked`,
    remedy: 'Remove confirm.',
  } as const
}

function missing(id: string) {
  return {
    code: 'playbook.confirm',
    message: `${id} is done by hand, and nothing looks whether it was`,
    remedy: 'Add confirm: { action: …, with: { … }, that: result.… }, with an action that reads.',
  } as const
}
