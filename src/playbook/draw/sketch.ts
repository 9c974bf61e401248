import type { Effect } from '../../core/action.ts'
import { durationText } from '../../core/duration.ts'
import type { PlaybookInfo, StepInfo } from '../../core/playbook.ts'
import type { RunState } from '../../core/run.ts'
import { asksHowItWent } from '../closing.ts'
import { type Mark, markOf } from './marks.ts'

/** What is to be drawn of a step, in words. */
export type Card = {
  readonly id: string
  readonly action: string
  readonly title: string
  readonly effect: Effect
  /** Short notes beside the effect: who is asked, that it repeats, when it ends. */
  readonly notes: readonly string[]
  readonly condition?: string
  readonly mark?: Mark
}

export type Edge = readonly [from: string, to: string]

/** What a drawing shows, before anything is placed. */
export type Sketch = {
  readonly title: string
  readonly subtitle: string
  readonly main: readonly Card[]
  /** Steps that are decided when everything else is over. */
  readonly closing: readonly Card[]
  /** Only what is not implied by others: a step that waits for the last of three waits for all three. */
  readonly edges: readonly Edge[]
}

/** The words for what an action does to the world. */
export const effectWords: { readonly [E in Effect]: string } = {
  read: 'read',
  notify: 'tells people',
  wait: 'waits',
  manual: 'by hand',
  reversible: 'reversible',
  irreversible: 'irreversible',
}

/** A playbook in words and edges, with what a run made of it where one is given. */
export function sketch(info: PlaybookInfo, run?: RunState): Sketch {
  const cards = info.steps.map((step) => ({ closing: asksHowItWent(step.when), card: cardOf(step, run) }))
  const end = info.timeoutMs === undefined ? '' : `, at most ${durationText(info.timeoutMs)}`
  const about =
    run === undefined
      ? `severity ${info.severity}${end}`
      : `run ${run.id}: ${run.status.replaceAll('-', ' ')}`
  return {
    title: info.title,
    subtitle: `${info.name}, ${about}`,
    main: cards.filter(({ closing }) => !closing).map(({ card }) => card),
    closing: cards.filter(({ closing }) => closing).map(({ card }) => card),
    edges: withoutImplied(info.steps),
  }
}

function cardOf(step: StepInfo, run: RunState | undefined): Card {
  const { id, action, title, effect, approve = [], when, repeats } = step
  const asked = approve.map(({ count, from }) => `${count} ${from}${count === 1 ? '' : 's'}`)
  return {
    id,
    action,
    title,
    effect,
    notes: [...(repeats ? ['for each'] : []), ...asked, ...endOf(step)],
    ...(when === undefined ? {} : { condition: conditionWords(when) }),
    ...(run === undefined ? {} : { mark: markOf(run, id) }),
  }
}

/** When a containment ends, and how. */
function endOf({ ttlMs, onExpiry }: StepInfo): string[] {
  if (ttlMs === undefined) return []
  return [`${onExpiry === 'undo' ? 'undone' : 'asks'} after ${durationText(ttlMs)}`]
}

function conditionWords(when: string): string {
  switch (when.replaceAll(/\s/g, '')) {
    case 'failed()':
      return 'if something failed'
    case 'succeeded()':
      return 'if all went well'
    case 'always()':
      return 'in any case'
    default:
      return `if ${when}`
  }
}

/** Edges within the main part and within the closing part, less those that a longer way implies. */
function withoutImplied(steps: readonly StepInfo[]): Edge[] {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const before = new Map<string, ReadonlySet<string>>()
  const edges: Edge[] = []
  // Needs come first in `steps`, so what lies before a step is known when the step is met.
  for (const step of steps) {
    const needs = step.needs.filter((need) => {
      const other = byId.get(need)
      return other !== undefined && asksHowItWent(other.when) === asksHowItWent(step.when)
    })
    const implied = new Set(needs.flatMap((need) => [...(before.get(need) ?? [])]))
    before.set(step.id, new Set([...needs, ...implied]))
    for (const need of needs) if (!implied.has(need)) edges.push([need, step.id])
  }
  return edges
}
