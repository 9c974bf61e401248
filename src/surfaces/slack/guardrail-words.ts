import type { RunView } from '../../core/app.ts'
import { openRequest, type StepState } from '../../core/run.ts'
import { code, prose } from './text.ts'

type Held = NonNullable<StepState['held']>

const kinds: { readonly [kind: string]: string } = {
  approvals: 'the rule',
  permissions: 'the rule',
  budget: 'the budget',
  breaker: 'the circuit breaker',
  window: 'the window',
  route: 'the route',
}

/** `budget/gpu-hour/leaks` → the budget `gpu-hour` (leaks). What it is counted apart by comes behind its name. */
export function guardrailWords(key: string): string {
  const [kind = '', name = '', ...apart] = key.split('/')
  const what = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (what === undefined || name === '') return code(key, 80)
  const values = apart.filter((part) => part !== '-').map((part) => prose(part, 40))
  return `${what} ${code(name, 60)}${values.length === 0 ? '' : ` (${values.join(', ')})`}`
}

const states: { readonly [kind: string]: string } = {
  budget: ', which has no room left',
  breaker: ', which is open',
  window: ', which is now',
}

/** Who or what asks, where it is not the playbook. */
function askedBy(rule: string): string {
  const [kind = ''] = rule.split('/')
  return `asked by ${guardrailWords(rule)}${Object.hasOwn(states, kind) ? (states[kind] ?? '') : ''}`
}

/** What an effect waits for, in words: `waits: run abcd1234 holds ns/app`. Until when is said apart. */
export function heldWords({ by, key, run }: Held, target: string | undefined): string {
  switch (by) {
    case 'claim':
      return `waits: ${run === undefined ? 'another run' : `run ${code(run)}`} holds ${code(target ?? key, 80)}`
    case 'count':
      return `waits for room in ${guardrailWords(key)}`
    case 'window':
      return `waits for its time, by ${guardrailWords(key)}`
  }
}

/** Steps that a guardrail holds back, as long as nothing of them has begun. */
export function heldSteps({ state }: RunView): readonly (StepState & { readonly held: Held })[] {
  return Object.values(state.steps).filter(
    (step): step is StepState & { readonly held: Held } =>
      step.held !== undefined && step.status === 'pending',
  )
}

/** Who is still missing; a rule that asks is named in words, where the bot names it by its key. */
export function missingWords(view: RunView, max: number): readonly string[] {
  const rules = (openRequest(view.state)?.gates ?? []).flatMap(({ rule }) =>
    rule === undefined ? [] : [rule],
  )
  return (view.waitingFor?.missing ?? []).map((part) => {
    const rule = rules.find((candidate) => part.endsWith(` (${candidate})`))
    if (rule === undefined) return prose(part, max)
    return `${prose(part.slice(0, -rule.length - 3), max)}, ${askedBy(rule)}`
  })
}
