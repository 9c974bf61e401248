import type { CheckedStep, Subject } from '../checked.ts'
import { eachStep, type Finding } from './check.ts'
import { neverRuns } from './constant-when.ts'

/** A step that waits for one that never runs. */
export const unreachable = eachStep((step, subject) => {
  const dead = step.step.needs.filter((id) => {
    const other = subject.steps.get(id)
    return other !== undefined && neverRuns(other)
  })
  return dead.map((id) => finding(step, id, subject))
})

function finding({ id, text, uses }: CheckedStep, dead: string, { document }: Subject): Finding {
  const at = text.after.indexOf(dead)
  const use = uses.find(({ reference }) => reference.path[0] === 'steps' && reference.path[1] === dead)
  const place =
    use === undefined ? { path: ['steps', id, 'after', at] } : { path: use.path, index: use.reference.start }
  return {
    ...place,
    code: 'playbook.unreachable',
    severity: 'warning',
    message: `${id} waits for ${dead}, which never runs`,
    remedy: `Correct the condition of ${dead} (${document.steps[dead]?.when ?? ''}), or do not wait for it.`,
  }
}
