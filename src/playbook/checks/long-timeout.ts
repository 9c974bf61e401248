import { parseDuration } from '../../core/duration.ts'
import { eachStep } from './check.ts'

/** A step that may take longer than the run that it is part of. */
export const longTimeout = eachStep(({ id, text }, { document }) => {
  if (text.timeout === undefined || document.timeout === undefined) return []
  const [step, run] = [parseDuration(text.timeout), parseDuration(document.timeout)]
  if (step === undefined || run === undefined || step <= run) return []
  return [
    {
      path: ['steps', id, 'timeout'],
      code: 'playbook.long-timeout',
      message: `${id} may take ${text.timeout}, and the whole run only ${document.timeout}`,
      remedy: `Write ${document.timeout} or less, or raise the timeout of the playbook.`,
    },
  ]
})
