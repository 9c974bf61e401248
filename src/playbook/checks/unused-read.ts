import { isEffect, isWhole, type Check } from './check.ts'
import { isEvidenceFor } from './evidence.ts'

/** A read whose output nobody uses, and which is no evidence either. */
export const unusedRead: Check = (subject) => {
  if (!isWhole(subject)) return []
  const steps = [...subject.steps.values()]
  const used = new Set(
    [...steps.flatMap(({ uses }) => uses), ...subject.given].flatMap(({ reference: { path } }) =>
      path[0] === 'steps' ? [path[1]] : [],
    ),
  )
  if (used.has(undefined)) return []
  const reads = steps.filter(({ id, action }) => action.effect === 'read' && !used.has(id))
  const unused = reads.filter(
    (read) =>
      !steps.some((step) => {
        if (!isEffect(step) || !subject.before(step.id).has(read.id)) return false
        return step.text.after.includes(read.id) || isEvidenceFor(step, read)
      }),
  )
  return unused.map(({ id }) => ({
    path: ['steps', id],
    on: 'key',
    code: 'playbook.unused-read',
    severity: 'warning',
    message: `nothing uses what ${id} reads`,
    remedy: 'Use it, name it under after of the effect whose evidence it is, or remove it.',
  }))
}
