import type { RunView } from '../../core/app.ts'
import { isOver, waitingSteps } from '../../core/run.ts'
import { guardrailWords, heldSteps } from './guardrail-words.ts'

/** How a run of a storm stands, as far as its top message counts it. */
export type Kind =
  /** For approval; `people` are the Slack accounts of those who may give it. */
  | { readonly is: 'asks'; readonly people: readonly string[] }
  /** For anything else that people must do. */
  | { readonly is: 'hands' | 'acts' }
  | { readonly is: 'waits'; readonly why: string }
  /** These have no way back. */
  | { readonly is: End }

export type End = 'done' | 'failed' | 'stopped'
export type OpenKind = Exclude<Kind, { readonly is: End }>

export function isEnd(kind: Kind): kind is { readonly is: End } {
  return kind.is === 'done' || kind.is === 'failed' || kind.is === 'stopped'
}

export function kindOf(view: RunView): Kind {
  const { status } = view.state
  if (status === 'failed') return { is: 'failed' }
  if (status === 'succeeded' || status === 'planned') return { is: 'done' }
  if (isOver(status)) return { is: 'stopped' }
  if (view.waitingFor !== undefined) {
    const people = view.waitingFor.eligible.flatMap(({ slack }) => (slack === undefined ? [] : [slack]))
    return { is: 'asks', people }
  }
  if (status === 'parked' || (view.byHand ?? []).length > 0) return { is: 'hands' }
  const why = waitsFor(view)
  return why === undefined ? { is: 'acts' } : { is: 'waits', why }
}

/** Alike for all that wait for the same, so that the commonest can be told. */
function waitsFor(view: RunView): string | undefined {
  const held = heldSteps(view)[0]?.held
  if (held === undefined) return waitingSteps(view.state).length === 0 ? undefined : 'a set time'
  switch (held.by) {
    case 'claim':
      return 'another run, which holds the same target'
    case 'count':
      return `room in ${guardrailWords(held.key)}`
    case 'window':
      return guardrailWords(held.key)
  }
}
