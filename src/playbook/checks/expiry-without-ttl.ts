import { eachStep, isCall } from './check.ts'

/** What is to happen at the end of a time that is not given. */
export const expiryWithoutTtl = eachStep((step, { taint }) => {
  const { id, text } = step
  if (text.onExpiry === undefined || text.ttl !== undefined || taint.hasKey(id, 'ttl') || isCall(step))
    return []
  return [
    {
      path: ['steps', id, 'onExpiry'],
      on: 'key',
      code: 'playbook.expiry-without-ttl',
      message: `${id} has no ttl, so nothing of it expires`,
      remedy: 'Add ttl: 4h, or how long the effect is to stay, or remove onExpiry.',
    },
  ]
})
