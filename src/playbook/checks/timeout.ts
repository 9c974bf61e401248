import { parseDuration } from '../../core/duration.ts'
import { eachStep } from './check.ts'

/** A step that is given up before its own call could have ended. */
export const timeout = eachStep(({ id, text, action }) => {
  const given = text.timeout === undefined ? undefined : parseDuration(text.timeout)
  if (given === undefined || !('deadlineMs' in action) || given >= action.deadlineMs) return []
  const least = Math.ceil(action.deadlineMs / 1000)
  return [
    {
      path: ['steps', id, 'timeout'],
      code: 'playbook.short-timeout',
      message: `${action.name} itself may take ${least}s`,
      remedy: `Write ${least}s or more, or leave the timeout out.`,
    },
  ]
})
