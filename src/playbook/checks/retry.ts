import type { Effect } from '../../core/action.ts'
import { eachStep, isCall } from './check.ts'

/** What has nothing that could be tried again: a message is sent until it has arrived, a person is asked until it is done. */
const why: { readonly [E in Effect]?: string } = {
  wait: 'only waits',
  manual: 'is done by hand',
  notify: 'only tells people, and a message is delivered by itself until it has arrived',
}

/** Trying again where nothing can be tried again. */
export const retry = eachStep((step) => {
  const { id, text, action } = step
  const reason = why[action.effect]
  if (text.retry === undefined || reason === undefined || isCall(step)) return []
  return [
    {
      path: ['steps', id, 'retry'],
      on: 'key',
      code: 'playbook.retry',
      message: `${id} ${reason}: there is nothing to try again`,
      remedy: 'Remove it.',
    },
  ]
})
