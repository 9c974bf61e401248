// What authors of actions and of playbooks in code may use. Everything else in src is private.
import { actions } from './actions/index.ts'
import { definerOf, type Define } from './playbook/define.ts'

export { defineEffect, defineNotify, defineRead } from './core/action.ts'
export { inverse, never } from './core/change.ts'
export { FirebreakError } from './core/errors.ts'
export { defineProvider } from './core/provider.ts'
export { Secret } from './core/secret.ts'
export { actions } from './actions/index.ts'
export { definerOf, toText } from './playbook/define.ts'
export type { Define, PlaybookDraft } from './playbook/define.ts'
export { input } from './playbook/define/inputs.ts'
export { and, cel, eq, ge, gt, has, isIn, le, lt, ne, not, or, re } from './playbook/define/operators.ts'
export type { Int, Maybe, Ref } from './playbook/define/ref.ts'
export { text } from './playbook/define/template.ts'

/** A playbook in TypeScript, of the actions that Firebreak has. See `Define`. */
export const definePlaybook: Define<typeof actions> = definerOf(actions)
