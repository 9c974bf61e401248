import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import type { ElasticsearchSinkSettings } from '../../../src/core/sink-settings.ts'
import { eventually } from '../../support/eventually.ts'
import { pace, startBench } from './bench.ts'
import { elasticsearchReceiver } from './elasticsearch-receiver.ts'

describe('Elasticsearch', () => {
  let cluster: Awaited<ReturnType<typeof elasticsearchReceiver>>
  beforeEach(async () => {
    cluster = await elasticsearchReceiver()
  })
  afterEach(() => cluster.close())
  const settings = (more: Partial<ElasticsearchSinkSettings> = {}): ElasticsearchSinkSettings => ({
    name: 'search',
    kind: 'elasticsearch',
    url: `${cluster.url}/`,
    index: 'fire/break',
    ...pace,
    ...more,
  })

  it('creates each entry under its own id, in the index, with its time and its hash', async () => {
    await using bench = startBench(settings({ apiKey: new Secret('key-of-elasticsearch') }))
    bench.grow(3)
    await eventually(() => bench.next('search') === 3)
    const [request] = cluster.requests
    expect(request?.path).toMatch(/^\/fire%2Fbreak\/_bulk\?filter_path=/)
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      authorization: 'ApiKey key-of-elasticsearch',
    })
    const [, second] = [...cluster.docs.values()]
    const [, stored] = bench.entries
    expect(second).toEqual({
      '@timestamp': '2026-01-01T00:00:01.000Z',
      id: `example.com/firebreak/1/${stored?.hash.slice(0, 16)}`,
      origin: 'example.com/firebreak',
      seq: 1,
      time: '2026-01-01T00:00:01.000Z',
      type: 'step.failed',
      run: 'run-1',
      n: 1,
      step: 'dis"able]\n',
      actor: { kind: 'system' },
      hash: stored?.hash,
      data: { note: 'entry 1 <!channel> é\u202e' },
    })
  })

  it('signs in with user and password', async () => {
    await using bench = startBench(settings({ user: 'fire', password: new Secret('break-in-a-test') }))
    bench.grow(1)
    await eventually(() => bench.next('search') === 1)
    const basic = Buffer.from('fire:break-in-a-test').toString('base64')
    expect(cluster.requests[0]?.headers['authorization']).toBe(`Basic ${basic}`)
  })

  it('sends again from the first entry that was not taken, and counts one that is there already as taken', async () => {
    let busy = 2
    cluster.judge(({ seq }) => {
      if (seq !== 3 || busy === 0) return undefined
      busy--
      return { status: 429, type: 'es_rejected_execution_exception' }
    })
    await using bench = startBench(settings())
    bench.grow(6)
    await eventually(() => bench.next('search') === 6)
    expect([...cluster.docs.values()].map(({ seq }) => seq)).toEqual([0, 1, 2, 4, 5, 3])
    expect(cluster.ids.map((id) => Number(id.split('/')[2]))).toEqual([0, 1, 2, 3, 4, 5, 3, 4, 5, 3, 4, 5])
    expect(bench.status()).toMatchObject({ refused: { count: 0 }, lag: 0 })
    expect(bench.lines[0]).toMatchObject({ why: expect.stringContaining('es_rejected_execution_exception') })
  })

  it('sends the data as text where the mapping does not take it', async () => {
    cluster.judge(({ seq, data }) =>
      seq === 2 && data !== undefined ? { status: 400, type: 'document_parsing_exception' } : undefined,
    )
    await using bench = startBench(settings())
    bench.grow(4)
    await eventually(() => bench.next('search') === 4)
    const doc = [...cluster.docs.values()].find(({ seq }) => seq === 2)
    expect(doc).toMatchObject({ data_text: '{"note":"entry 2 <!channel> é\u202e"}' })
    expect(doc).not.toHaveProperty('data')
    expect(bench.status().refused.count).toBe(0)
  })

  it('passes over an entry that the index never takes, aloud, and remembers that', async () => {
    cluster.judge(({ seq }) =>
      seq === 2 ? { status: 400, type: 'strict_dynamic_mapping_exception' } : undefined,
    )
    const bench = startBench(settings())
    bench.grow(4)
    await eventually(() => bench.next('search') === 4)
    expect(bench.lines).toMatchObject([{ level: 'error', seq: 2, why: 'strict_dynamic_mapping_exception' }])
    await bench.close()
    await using again = startBench(settings(), bench)
    await eventually(() => again.status().refused.count === 1)
    expect(again.status().refused.last).toEqual([{ seq: 2, why: 'strict_dynamic_mapping_exception' }])
    expect([...cluster.docs.values()].map(({ seq }) => seq)).toEqual([0, 1, 3])
  })

  it('passes over nothing when the whole index is out of order', async () => {
    let wrong = true
    cluster.judge(() => (wrong ? { status: 404, type: 'index_not_found_exception' } : undefined))
    await using bench = startBench(settings())
    bench.grow(4)
    await eventually(() => (bench.status().failing?.tries ?? 0) > 3)
    expect(bench.next('search')).toBe(0)
    wrong = false
    await eventually(() => bench.next('search') === 4)
    expect(cluster.docs.size).toBe(4)
  })
})
