import type { Boundary } from '../../src/engine/boundary.ts'
import { kinds, type Kind } from './playbooks.ts'

/** Where a process is held: with which kinds of steps a run comes there, and what must have happened to it before. */
export type Point = {
  readonly kinds: readonly Kind[]
  /** The process before this one died there. */
  readonly after?: Boundary
  /** Only where several processes share a journal. */
  readonly shared?: true
}

const effects: readonly Kind[] = [
  'conditional',
  'idempotent',
  'plain',
  'burn',
  'blind',
  'throttled',
  'approved',
  'each',
]
const ending = kinds.filter((kind) => kind !== 'blind')
const resting: readonly Kind[] = ['approved', 'wait', 'blind', 'throttled']

/** Every boundary there is: one that is missing here does not compile. */
export const points: { readonly [B in Boundary]: Point } = {
  requested: { kinds },
  taken: { kinds, shared: true },
  'before-plan': { kinds },
  'after-plan': { kinds },
  'before-settling': { kinds: ['approved'] },
  'after-settling': { kinds: ['approved'] },
  'before-read': { kinds: ['read'] },
  'after-read': { kinds: ['read'] },
  'before-notice': { kinds: ['notify'] },
  'after-notice': { kinds: ['notify'] },
  'before-wait': { kinds: ['wait'] },
  'after-wait': { kinds: ['wait'] },
  'before-intent': { kinds: effects },
  'after-intent': { kinds: effects },
  'before-call': { kinds: effects },
  'call-sent': { kinds: effects },
  answered: { kinds: effects },
  'after-applied': { kinds: effects },
  'before-probe': { kinds: effects },
  'after-probe': { kinds: effects },
  'before-doubt-settled': { kinds: effects, after: 'after-intent' },
  'after-doubt-settled': { kinds: effects, after: 'after-intent' },
  'before-outcome': { kinds: effects },
  'after-outcome': { kinds: effects },
  'before-retry': { kinds: ['throttled'] },
  'after-retry': { kinds: ['throttled'] },
  'before-rest': { kinds: resting, shared: true },
  'after-rest': { kinds: resting, shared: true },
  'before-end': { kinds: ending },
  'after-end': { kinds: ending },
}
