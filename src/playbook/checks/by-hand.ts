import { didYouMean } from '../../expr/index.ts'
import { own } from '../own.ts'
import type { CheckedStep, Subject } from '../checked.ts'
import { eachStep, type Finding } from './check.ts'

/** A step done by hand that somebody can do, and that ends. */
export const byHand = eachStep((step, subject) =>
  step.action.effect === 'manual' ? [...nobody(step, subject), ...endless(step, subject)] : [],
)

function nobody({ id, text, templates }: CheckedStep, { context: { roles } }: Subject): readonly Finding[] {
  const { who } = text.with
  if (roles === undefined || typeof who !== 'string' || templates.get('who')?.dynamic !== false) return []
  const path = ['steps', id, 'with', 'who']
  const held = own(roles, who)
  if (held === undefined) {
    const remedy = `${didYouMean(who, Object.keys(roles))}Known are: ${Object.keys(roles).join(', ') || 'none'}.`
    return [{ path, code: 'playbook.unknown-role', message: `there is no role ${who}`, remedy }]
  }
  if (held > 0) return []
  const message = `nobody has the role ${who}`
  const remedy = `Give the role ${who} to somebody.`
  return [{ path, code: 'playbook.approval-impossible', severity: 'warning', message, remedy }]
}

/** Closing steps run although a run is cancelled, so nothing else would end this one. */
function endless({ id, text, step }: CheckedStep, { taint }: Subject): readonly Finding[] {
  if (!step.closing || text.timeout !== undefined || taint.hasKey(id, 'timeout')) return []
  const message = `${id} is done by hand at the end of the run, which might then never end`
  const remedy = 'Add timeout: 4h, or how long it may take.'
  return [{ path: ['steps', id], on: 'key', code: 'playbook.no-timeout', message, remedy }]
}
