import type { PlaybookInfo, StepInfo } from '../../../src/core/playbook.ts'
import { fold, type RunState } from '../../../src/core/run.ts'
import type { Fact, FactType } from '../../../src/core/fact.ts'

// Playbooks to draw: only what a drawing shows is filled in.

export function step(id: string, more: Partial<StepInfo> = {}): StepInfo {
  return {
    id,
    action: 'aws.rotate-secret',
    title: 'Rotate',
    effect: 'reversible',
    needs: [],
    repeats: false,
    ...more,
  }
}

export function playbook(steps: readonly StepInfo[], more: Partial<PlaybookInfo> = {}): PlaybookInfo {
  return {
    name: 'leaked-key',
    title: 'Contain a leaked key',
    severity: 'high',
    because: 'leak',
    covers: { atlas: [], owaspLlm: [] },
    inputs: {},
    digest: 'sha256:0',
    file: 'leaked-key.yaml',
    steps,
    ...more,
  }
}

export const leakedKey = playbook([
  step('owner', { effect: 'read', action: 'aws.find-access-key' }),
  step('disable', { needs: ['owner'], approve: [{ from: 'approver', count: 2, withinMs: 60_000 }] }),
  step('secrets', { needs: ['owner', 'disable'], effect: 'irreversible', repeats: true }),
  step('missing', { needs: ['owner'], effect: 'notify', when: 'steps.owner.userName == "ci"' }),
  step('page', { effect: 'notify', action: 'slack.post', when: 'failed()' }),
])

/** The same number gives the same playbook: a few closing steps, and references to steps before, near ones first. */
export function randomPlaybook(seed: number, size: number): PlaybookInfo {
  const next = randomFrom(seed)
  const effects = ['read', 'notify', 'reversible', 'irreversible'] as const
  const steps = Array.from({ length: size }, (_, i): StepInfo => {
    const closing = next() < 0.1
    const needs = Array.from({ length: Math.floor(next() * 3) }, () =>
      Math.floor(i - 1 - next() * Math.min(i, 8)),
    )
    return step(`step${i}WithALongishName`, {
      action: next() < 0.5 ? 'kubernetes.find-gpu-workloads' : 'aws.restore-secret-version',
      effect: effects[Math.floor(next() * 4)] ?? 'read',
      needs: [...new Set(needs.filter((need) => need >= 0).map((need) => `step${need}WithALongishName`))],
      repeats: next() < 0.3,
      ...(next() < 0.2 ? { ttlMs: 5_400_000, onExpiry: next() < 0.5 ? 'ask' : 'undo' } : {}),
      ...(closing ? { when: 'failed()' } : next() < 0.2 ? { when: 'inputs.secretIds.size() > 3' } : {}),
      ...(next() < 0.3 ? { approve: [{ from: 'security-lead', count: 2, withinMs: 60_000 }] } : {}),
    })
  })
  return playbook(steps)
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

type Told = readonly [type: FactType, data?: object, step?: string]

/** A run's state, folded from facts as the engine would write them. */
export function runOf(...facts: readonly Told[]): RunState {
  const requested: Told = ['run.requested', { mode: 'run', because: 'leak' }]
  const all = [requested, ...facts].map(
    ([type, data, step], n) =>
      ({
        seq: n,
        time: '2026-01-01T00:00:00Z',
        type,
        actor: { via: 'system' },
        run: 'r1',
        n,
        step,
        data,
      }) as unknown as Fact,
  )
  const state = fold(all)
  if (state === undefined) throw new Error('no run')
  return state
}
