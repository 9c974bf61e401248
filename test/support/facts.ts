import type { ActionRegistry } from '../../src/core/action.ts'
import { never, type Change } from '../../src/core/change.ts'
import type { Fact, FactData, FactType } from '../../src/core/fact.ts'
import { system } from '../../src/core/person.ts'
import { fold, type RunState } from '../../src/core/run.ts'
import type { Playbook } from '../../src/playbook/playbook.ts'

export type Written = {
  readonly [T in FactType]: { readonly type: T; readonly data: FactData<T>; readonly step?: string }
}[FactType]

/** The state of a run of this playbook after these facts. */
export function stateAfter(
  playbook: Playbook,
  facts: readonly Written[],
  actions: ActionRegistry = {},
): RunState {
  const contracts = Object.fromEntries(Object.values(actions).map(({ name, contract }) => [name, contract]))
  const { name, title, digest, because } = playbook.info
  const begin: Written = {
    type: 'run.requested',
    data: {
      mode: 'run',
      playbook: { name, title, digest, text: playbook.text },
      because,
      inputs: playbook.parseInputs({}),
      config: 'none',
      contracts,
    },
  }
  const state = fold([begin, ...facts].map(placed))
  if (state === undefined) throw new Error('no state')
  return state
}

function placed(written: Written, n: number): Fact {
  const time = new Date(Date.UTC(2026, 0, 1) + n).toISOString()
  return { ...written, run: 'r', n, seq: n, time, actor: system }
}

export const planned: Written = { type: 'run.planned', data: { plan: { digest: 'd', lines: [], gates: [] } } }

export function done(step: string, output: FactData<'step.succeeded'>['output'] = {}): Written {
  return { type: 'step.succeeded', step, data: { output } }
}

export function failed(step: string): Written {
  return { type: 'step.failed', step, data: { code: 'x', message: 'it failed', remedy: 'none' } }
}

export function expanded(step: string, count: number): Written {
  return { type: 'step.expanded', step, data: { items: Array.from({ length: count }, (_, i) => `lamp${i}`) } }
}

const change: Change = {
  target: { kind: 'lamp', id: 'lamp/a', name: 'a' },
  before: { value: 'on' },
  after: { value: 'off' },
  confidence: 'predicted',
  output: {},
}

export function intended(step: string): Written {
  const data = {
    attempt: 1,
    key: `r/${step}`,
    input: {},
    change,
    undo: never('x'),
    digest: 'd',
    deadlineMs: 1,
    settleMs: 1,
  }
  return { type: 'step.intended', step, data }
}

export function asked(...lines: string[]): Written {
  return {
    type: 'approval.requested',
    data: {
      request: `ask-${lines.join('-')}`,
      digest: 'd',
      lines: Object.fromEntries(lines.map((line) => [line, 'd'])),
      gates: [],
      expires: '2027-01-01T00:00:00.000Z',
    },
  }
}
