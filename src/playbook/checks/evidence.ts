import type { CheckedStep, Subject } from '../checked.ts'
import { eachStep, isEffect, type Finding } from './check.ts'

const reasons: ReadonlySet<string> = new Set(['leak', 'compromise', 'abuse'])

/** Before an effect that answers an attack, something has been read where the effect is, on every path. */
export const evidence = eachStep((step, subject) => {
  const { document, taint } = subject
  if (taint.hasHead('because')) return []
  const asked = isEffect(step) && reasons.has(document.because)
  const missing = asked && !hasEvidence(step, subject)
  if (step.text.evidence !== undefined) return missing || !isKnown(step, subject) ? [] : [needless(step)]
  if (!missing || !isKnown(step, subject)) return []
  const { id, action } = step
  return [
    {
      path: ['steps', id],
      on: 'key',
      code: 'playbook.no-evidence',
      message: `nothing of ${action.provider.name} is read on every path before ${action.name} changes it`,
      remedy: `Add a step that reads (${action.provider.name}.…) and name it under after, or say why not: evidence: { waived: "reason" }.`,
    },
  ]
})

function needless({ id }: CheckedStep): Finding {
  return {
    path: ['steps', id, 'evidence'],
    on: 'key',
    code: 'playbook.needless-waiver',
    severity: 'warning',
    message: `${id} needs no waiver`,
    remedy: 'Remove it.',
  }
}

/** Nothing before the step is refused for something else: it might be the evidence. */
function isKnown(step: CheckedStep, { steps, before, taint }: Subject): boolean {
  if (taint.hasKey(step.id, 'evidence')) return false
  return [step.id, ...before(step.id)].every((id) => steps.get(id)?.sound === true)
}

function hasEvidence(step: CheckedStep, { steps, before }: Subject): boolean {
  return [...before(step.id)].some((id) => {
    const other = steps.get(id)
    return other !== undefined && isEvidenceFor(step, other)
  })
}

/** A read of the same instance that has run and succeeded whenever the step runs. */
export function isEvidenceFor(step: CheckedStep, other: CheckedStep): boolean {
  const { action, text } = other
  if (action.effect !== 'read' || action.provider.name !== step.action.provider.name) return false
  if (text.using !== step.text.using || text.onError === 'continue') return false
  const together = text.when === undefined || text.when === step.text.when
  return together && (text.forEach === undefined || text.forEach === step.text.forEach)
}
