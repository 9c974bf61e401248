import { describe, expect, it } from 'vitest'
import { searchLog } from '../../src/bot/log-search.ts'
import type { LogFilter } from '../../src/core/app.ts'
import type { Fact, NewFact } from '../../src/core/fact.ts'
import type { Store } from '../../src/core/ports.ts'

const ann = { kind: 'account', account: { via: 'ssh', fingerprint: 'SHA256:a' }, person: 'ann' } as const
const os = { kind: 'account', account: { via: 'os', user: 'bob@host' } } as const
const account = { via: 'slack', team: 'T', user: 'U', standing: 'member' } as const
const evidence = { kind: 'slack', team: 'T', user: 'U' } as const

function factAt(seq: number): Fact {
  const kinds: readonly NewFact[] = [
    { type: 'freeze.set', actor: ann, data: { reason: 'x' } },
    { type: 'freeze.lifted', actor: os, data: { reason: 'x' } },
    {
      type: 'approval.rejected',
      actor: os,
      run: 'r1',
      data: { request: 'q', person: 'ann', account, evidence, reason: 'no' },
    },
    {
      type: 'step.satisfied',
      actor: { kind: 'system' },
      run: 'r2',
      step: 'off',
      data: {
        output: {},
        change: {
          target: { kind: 'lamp', id: 'arn:lamp', name: 'lamp' },
          before: {},
          after: {},
          confidence: 'verified',
          output: {},
        },
      },
    },
  ]
  const kind = kinds[seq % kinds.length] ?? kinds[0]!
  return { ...kind, seq, time: new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString() }
}

const SIZE = 5000

/** A journal that says how many facts were ever asked of it at once, and in all. */
function journal() {
  const asked: number[] = []
  const all = Array.from({ length: SIZE }, (_, seq) => factAt(seq))
  const store = {
    log: async ({ from, limit }: { from: number; limit: number }) => {
      asked.push(limit)
      return all.slice(from, from + limit)
    },
    facts: async (run: string) => all.filter((fact) => fact.run === run),
  }
  return { asked, store: store as unknown as Store }
}

const seqs = async (filter: LogFilter, { from = 0, limit = 3 } = {}): Promise<number[]> =>
  (await searchLog(journal().store, { from, limit, ...filter })).map(({ seq }) => seq)

describe('entries of the log are found', () => {
  it('by type, or by the first word of several', async () => {
    expect(await seqs({ type: 'freeze.lifted' })).toEqual([1, 5, 9])
    expect(await seqs({ type: 'freeze' })).toEqual([0, 1, 4])
    expect(await seqs({ type: 'free' })).toEqual([])
  })

  it('by the person who acted, or of whom it is said, or by an account', async () => {
    expect(await seqs({ person: 'ann' })).toEqual([0, 2, 4])
    expect(await seqs({ person: 'os:bob@host' })).toEqual([1, 2, 5])
  })

  it('by target, by run, by time, and by all of them', async () => {
    expect(await seqs({ target: 'arn:lamp' })).toEqual([3, 7, 11])
    expect(await seqs({ target: 'lamp' }, { from: 8 })).toEqual([11, 15, 19])
    expect(await seqs({ run: 'r1' }, { from: 3 })).toEqual([6, 10, 14])
    expect(await seqs({ since: '2026-01-01T00:00:02Z', until: '2026-01-01T01:00:04+01:00' })).toEqual([2, 3])
    expect(await seqs({ run: 'r2', type: 'step', since: '2026-01-01T01:00:00Z' })).toEqual([3603, 3607, 3611])
  })

  it('from the last entries of a long log too, without reading it at once', async () => {
    const { store, asked } = journal()
    const found = await searchLog(store, {
      from: 0,
      limit: 10,
      since: new Date(Date.UTC(2026, 0, 1) + 4_995_000).toISOString(),
    })
    expect(found.map(({ seq }) => seq)).toEqual([4995, 4996, 4997, 4998, 4999])
    expect(Math.max(...asked)).toBeLessThanOrEqual(1000)
  })

  it('without reading on once there are enough', async () => {
    const { store, asked } = journal()
    await searchLog(store, { from: 0, limit: 10, type: 'freeze' })
    expect(asked).toHaveLength(1)
  })
})
