// What authors of actions may use. Everything else in src is private.
export { defineEffect, defineNotify, defineRead } from './core/action.ts'
export { inverse, never } from './core/change.ts'
export { FirebreakError } from './core/errors.ts'
export { defineProvider } from './core/provider.ts'
export { Secret } from './core/secret.ts'
