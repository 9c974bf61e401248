import { describe, expect, it } from 'vitest'
import { loadPlaybookIn } from '../../src/playbook/load.ts'
import { diagnosticsOf, samples } from './corpus.ts'
import { registry } from './registry.ts'

const good = samples('good')

describe('a good playbook', () => {
  it('is here in more than thirty shapes, some with forty steps', () => {
    expect(good.length).toBeGreaterThanOrEqual(30)
    const sizes = good.map(({ text, file, context }) => {
      const loaded = loadPlaybookIn(text, file, { actions: registry, context })
      return loaded.ok ? loaded.playbook.steps.length : 0
    })
    expect(sizes.filter((size) => size >= 40).length).toBeGreaterThanOrEqual(3)
  })

  it.each(good)('$file loads without a word', (sample) => {
    expect(
      diagnosticsOf(sample).map(({ code, message, excerpt }) => `${code} ${message}\n${excerpt}`),
    ).toEqual([])
    const { text, file, context } = sample
    expect(loadPlaybookIn(text, file, { actions: registry, context }).ok).toBe(true)
  })
})
