import { didYouMean } from '../../expr/index.ts'
import { own } from '../own.ts'
import { eachStep } from './check.ts'

/** An approval that enough people could give. */
export const role = eachStep(({ id, text: { approve } }, { context: { roles } }) => {
  if (approve === undefined || roles === undefined) return []
  const { from, count } = approve
  const held = own(roles, from)
  if (held === undefined) {
    const known = Object.keys(roles)
    const remedy = `${didYouMean(from, known)}Known are: ${known.join(', ') || 'none'}.`
    const path = ['steps', id, 'approve', 'from']
    return [{ path, code: 'playbook.unknown-role', message: `there is no role ${from}`, remedy }]
  }
  if (held >= count) return []
  return [
    {
      path: ['steps', id, 'approve'],
      code: 'playbook.approval-impossible',
      severity: 'warning',
      message: `${count} persons with the role ${from} must approve, and there are ${held}`,
      remedy: `Give the role ${from} to more people, or lower the count.`,
    },
  ]
})
