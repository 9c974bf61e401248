import { eachStep } from './check.ts'

/** A step that cannot be undone asks somebody first. */
export const approval = eachStep(({ id, text, action }, { taint }) => {
  if (action.effect !== 'irreversible' || text.approve !== undefined || taint.hasKey(id, 'approve')) return []
  return [
    {
      path: ['steps', id],
      on: 'key',
      code: 'playbook.approval',
      message: `${action.name} cannot be undone, and nobody is asked`,
      remedy: 'Add approve: { from: approver, count: 2 }.',
    },
  ]
})
