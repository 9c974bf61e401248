import { eachStep, whyNeverUndone } from './check.ts'

/** An effect that is to undo itself, and must not for the reason that the playbook has. */
export const undoForbidden = eachStep((step, subject) => {
  const { id, text, action } = step
  if (text.onExpiry !== 'undo' || text.ttl === undefined) return []
  const reason = whyNeverUndone(step, subject)
  if (reason === undefined) return []
  return [
    {
      path: ['steps', id, 'onExpiry'],
      code: 'playbook.undo-forbidden',
      message: `after a ${subject.document.because}, ${action.name} is never undone: ${reason}`,
      remedy: 'Remove ttl and onExpiry: the effect stays.',
    },
  ]
})
