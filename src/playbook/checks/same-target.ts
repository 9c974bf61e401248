import { peel, fieldOf } from '../../expr/index.ts'
import type { CheckedStep, Subject } from '../checked.ts'
import { inputOf } from '../scope.ts'
import { isEffect, type Check, type Finding } from './check.ts'

/**
 * Two effects on one thing with no order between them, where that can be seen: actions for the same kind of thing, given
 * the same constants and references wherever both take a text. What cannot be seen is left to the claim at run time.
 */
export const sameTarget: Check = (subject) => {
  const effects = [...subject.steps.values()].filter((step) => isEffect(step) && step.sound)
  return effects.flatMap((step, at) => {
    const other = effects.slice(0, at).find((earlier) => clash(earlier, step, subject))
    return [...itself(step), ...(other === undefined ? [] : [between(other, step)])]
  })
}

function between({ id: other }: CheckedStep, { id }: CheckedStep): Finding {
  return {
    path: ['steps', id],
    on: 'key',
    code: 'playbook.same-target',
    message: `${other} and ${id} change the same thing, and neither waits for the other`,
    remedy: `Put ${other} into after of ${id}.`,
  }
}

/** A step whose items all name one target. */
function itself({ id, text, uses }: CheckedStep): readonly Finding[] {
  if (text.forEach === undefined || text.concurrency === 1) return []
  if (uses.some(({ reference: { path } }) => path[0] === 'item')) return []
  return [
    {
      path: ['steps', id, 'concurrency'],
      code: 'playbook.same-target',
      message: `every item of ${id} changes the same thing: item is not used`,
      remedy: 'Use ${{ item }} under with, or remove forEach.',
    },
  ]
}

function clash(a: CheckedStep, b: CheckedStep, { before }: Subject): boolean {
  if (before(b.id).has(a.id) || before(a.id).has(b.id)) return false
  return isSameInstance(a, b) && mayBothRun(a, b) && familyOf(a) === familyOf(b) && isSameInput(a, b)
}

function isSameInstance(a: CheckedStep, b: CheckedStep): boolean {
  return a.action.provider.name === b.action.provider.name && a.text.using === b.text.using
}

/** Two different conditions may exclude each other. */
function mayBothRun({ text: a }: CheckedStep, { text: b }: CheckedStep): boolean {
  if (a.forEach !== b.forEach) return false
  return a.when === undefined || b.when === undefined || a.when === b.when
}

/** `aws.deactivate-access-key` and `aws.activate-access-key` act on access keys; `kubernetes.scale` is alone. */
function familyOf({ action: { name } }: CheckedStep): string {
  const [provider, verb = ''] = name.split('.')
  const hyphen = verb.indexOf('-')
  return hyphen === -1 ? name : `${provider}.*${verb.slice(hyphen)}`
}

function isSameInput(a: CheckedStep, b: CheckedStep): boolean {
  const given = (name: string) => Object.hasOwn(a.text.with, name) || Object.hasOwn(b.text.with, name)
  const names = textsOf(a).filter((name) => textsOf(b).includes(name) && given(name))
  if (names.length === 0) return false
  return names.every((name) => {
    const [one, two] = [a.text.with[name], b.text.with[name]]
    return typeof one === 'string' && typeof two === 'string' && normal(one) === normal(two)
  })
}

/** What names a target is text; numbers and flags say what becomes of it. */
function textsOf({ action }: CheckedStep): readonly string[] {
  const shape = inputOf(action)
  if (shape.kind !== 'object') return []
  return Object.keys(shape.fields).filter((name) => {
    const field = fieldOf(shape, name)
    return field !== undefined && peel(field).base.kind === 'string'
  })
}

function normal(text: string): string {
  return text.replaceAll(/\$\{\{\s*|\s*\}\}/g, '|')
}
