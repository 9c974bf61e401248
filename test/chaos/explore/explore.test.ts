import { describe, expect, it } from 'vitest'
import { explore } from './explore.ts'
import { graphs, type Graph } from './graphs.ts'

// Small graphs under every schedule of two workers, an approval, a cancellation, a crash and a take-over from a worker that
// still lives, as far as a schedule leaves the quiet path only so often.

/** Of the larger graphs the nightly run takes the rest. */
const MOST = 1500

describe('every schedule of two workers, people and fate', () => {
  it.each(Object.entries(graphs))('keeps what is promised: %s', { timeout: 60_000 }, async (_, graph) => {
    const once = await explore({ ...graph, deviations: 1, most: MOST })
    expect(once).toMatchObject({ violations: [], exhausted: true })
    const { schedules, violations, ends } = await explore({ ...graph, deviations: 2, most: MOST })
    expect(violations).toEqual([])
    expect(schedules).toBeGreaterThan(700)
    expect(Object.keys(ends)).toContain('cancelled')
  })

  it.each(['hold', 'fence'] as const)('is broken without the %s: the search can fail', async (without) => {
    const { text, closing, approved } = graphs['an effect after an approval'] as Graph
    const { violations } = await explore({ text, closing, approved, deviations: 3, most: 20_000, without })
    expect(violations).not.toEqual([])
  })
})
