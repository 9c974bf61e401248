import { eachStep, isCall, isEffect } from './check.ts'

/** A time to live of what changes nothing. */
export const ttlWithoutEffect = eachStep((step) => {
  const { id, text, action } = step
  if (text.ttl === undefined || isEffect(step) || isCall(step)) return []
  return [
    {
      path: ['steps', id, 'ttl'],
      on: 'key',
      code: 'playbook.ttl-without-effect',
      message: `${action.name} changes nothing that could end after a time`,
      remedy: 'Remove it.',
    },
  ]
})
