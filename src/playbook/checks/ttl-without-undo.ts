import { eachStep, whyNeverUndone } from './check.ts'

/** A time to live of what stays for ever: by its kind, or for the reason that the playbook has. */
export const ttlWithoutUndo = eachStep((step, subject) => {
  const { id, text, action } = step
  if (text.ttl === undefined) return []
  const reason = whyNeverUndone(step, subject)
  const isFinal = action.effect === 'irreversible'
  // Of an undo that is asked for, another check says that it is forbidden.
  if (!isFinal && (reason === undefined || text.onExpiry === 'undo')) return []
  return [
    {
      path: ['steps', id, 'ttl'],
      on: 'key',
      code: 'playbook.ttl-without-undo',
      message: isFinal
        ? `${action.name} cannot be undone, so its effect has no end`
        : `after a ${subject.document.because}, ${action.name} is never undone: ${reason}`,
      remedy: 'Remove it.',
    },
  ]
})
