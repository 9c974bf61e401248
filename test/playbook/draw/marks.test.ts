import { describe, expect, it } from 'vitest'
import { drawMermaid, drawSvg } from '../../../src/playbook/draw/draw.ts'
import { markOf } from '../../../src/playbook/draw/marks.ts'
import { leakedKey, runOf } from './playbooks.ts'

const ask = (step: string, count: number) =>
  [
    'approval.requested',
    {
      request: 'q1',
      digest: 'd',
      lines: { [step]: 'l' },
      gates: [{ scope: step, from: 'approver', count, withinMs: 60_000 }],
      expires: '2026-01-01T01:00:00Z',
    },
  ] as const

const line = (step: string, kind: string) => ({ step, kind, onFailure: step === 'page' })

describe('where a step stands in a run', () => {
  it('is a word for everything that can have happened to it', () => {
    const output = { output: {} }
    const run = runOf(
      ['step.succeeded', output, 'a'],
      ['step.satisfied', { ...output, change: {} }, 'b'],
      ['step.skipped', { reason: 'no' }, 'c'],
      ['step.failed', { code: 'x', message: 'y', remedy: 'z' }, 'd'],
      ['step.in-doubt', { code: 'x', message: 'y', remedy: 'z' }, 'e'],
      ['step.intended', { change: {}, undo: {} }, 'f'],
    )
    const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((step) => markOf(run, step).words)
    expect(words).toEqual(['done', 'was already so', 'skipped', 'failed', 'in doubt', 'now', 'not yet'])
  })

  it('tells a step that waits for its time from one that waits for a person', () => {
    const until = '2026-01-01T01:00:00Z'
    const run = runOf(
      ['step.waiting', { until }, 'a'],
      ['step.asked', { person: 'amir', text: 'unplug it', until }, 'b'],
      ['step.asked', { person: 'amir', text: 'unplug it', until }, 'c'],
      ['step.said-done', {}, 'c'],
    )
    expect(['a', 'b', 'c'].map((step) => markOf(run, step).words)).toEqual([
      'waiting for its time',
      'waiting for a person',
      'said to be done, being checked',
    ])
  })

  it('counts the approvals that a waiting step has', () => {
    const run = runOf(ask('disable', 2), ['approval.given', { request: 'q1', digest: 'd', person: 'amir' }])
    expect(markOf(run, 'disable')).toEqual({ kind: 'waiting', words: 'waiting: 1 of 2 approved' })
    expect(markOf(run, 'secrets')).toEqual({ kind: 'later', words: 'not yet' })
  })

  it('does not count where persons of several roles are asked', () => {
    const [type, data] = ask('disable', 2)
    const gates = [...data.gates, { scope: 'secrets', from: 'lead', count: 1, withinMs: 60_000 }]
    const run = runOf(
      [type, { ...data, gates }],
      ['approval.given', { request: 'q1', digest: 'd', person: 'amir' }],
    )
    expect(markOf(run, 'disable').words).toBe('waiting for approval')
  })

  it('counts the entries of a step that repeats; the worst gives the colour', () => {
    const expanded = ['step.expanded', { items: ['x', 'y', 'z'] }, 'secrets'] as const
    const one = ['step.succeeded', { output: {} }, 'secrets[0]'] as const
    const two = ['step.failed', { code: 'x', message: 'y', remedy: 'z' }, 'secrets[1]'] as const
    expect(markOf(runOf(expanded, one), 'secrets')).toEqual({ kind: 'now', words: '1 of 3 done' })
    expect(markOf(runOf(expanded, one, two), 'secrets')).toEqual({
      kind: 'failed',
      words: '1 of 3 done, 1 failed',
    })
    expect(markOf(runOf(expanded, one, ask('secrets[1]', 2)), 'secrets')).toEqual({
      kind: 'waiting',
      words: '1 of 3 done; waiting: 0 of 2 approved',
    })
  })

  it('says of a run that is over that the rest never began', () => {
    expect(markOf(runOf(['run.cancelled', { reason: 'enough' }]), 'disable').words).toBe('never begun')
  })

  it('says of a dry run what would be', () => {
    const lines = [
      line('owner', 'read'),
      line('disable', 'change'),
      line('secrets[0]', 'satisfied'),
      line('page', 'notify'),
    ]
    const run = { ...runOf(['run.planned', { plan: { lines } }]), status: 'planned' as const }
    expect(['owner', 'disable', 'secrets', 'page', 'x'].map((step) => markOf(run, step).words)).toEqual([
      'was read',
      'would change something',
      'is already so',
      'only after a failure',
      'not known yet',
    ])
  })

  it('stands in the drawing and in Mermaid, with the run and its status', async () => {
    const run = runOf(['step.succeeded', { output: {} }, 'owner'], ask('disable', 2))
    const svg = await drawSvg({ info: leakedKey, run })
    for (const word of [
      'done',
      'waiting: 0 of 2 approved',
      'not yet',
      'leaked-key, run r1: awaiting approval',
    ]) {
      expect(svg).toContain(`>${word}</text>`)
    }
    const text = drawMermaid({ info: leakedKey, run })
    expect(text).toContain('waiting#58; 0 of 2 approved')
    expect(text).toMatch(/class s2 waiting/)
  })
})
