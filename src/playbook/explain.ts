import type { Problem } from '../expr/index.ts'
import type { Fault } from './faults.ts'
import { own } from './own.ts'
import { isClosing } from './scope.ts'
import type { Checking } from './step-parts.ts'

/** A problem of an expression in the words of playbooks: a closing step exists, but not for a step of the main part. */
export function explain(problem: Problem, text: string, { document, id }: Checking): Fault {
  const { code, message, remedy, start, end } = problem
  const named = /^steps\s*\.\s*\??\s*(\w+)$/.exec(text.slice(start, end))?.[1]
  const other = named === undefined ? undefined : own(document.steps, named)
  if (code !== 'expr.unknown-name' || other === undefined || !isClosing(other))
    return { code, message, remedy }
  return {
    code: 'playbook.closing',
    message: `${named} runs at the end of the run, so ${id} cannot use what it returns`,
    remedy: `Use a step of the main part, or let ${id} run at the end too: when: always().`,
  }
}
