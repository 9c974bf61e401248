import type { StepText } from '../document.ts'
import { eachStep } from './check.ts'

type Kind = 'wait' | 'manual'

/** Keys that mean nothing where a step only lets time pass, or a person acts. */
const idle: { readonly [K in Kind]: readonly (keyof StepText)[] } = {
  wait: ['approve', 'using', 'timeout'],
  manual: ['approve', 'using'],
}

const what: { readonly [K in Kind]: string } = { wait: 'only waits', manual: 'is done by hand' }

/** A guard that is ignored is worse than none. */
export const idleKey = eachStep(({ id, text, action }) => {
  const { effect } = action
  if (effect !== 'wait' && effect !== 'manual') return []
  const found = idle[effect].filter((key) => text[key] !== undefined)
  return found.map((key) => ({
    path: ['steps', id, key],
    on: 'key',
    code: 'playbook.idle-key',
    message: `${id} ${what[effect]}, so ${key} does nothing there`,
    remedy: 'Remove it.',
  }))
})
