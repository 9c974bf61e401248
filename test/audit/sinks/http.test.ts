import { createHmac } from 'node:crypto'
import { createServer } from 'node:https'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { retryAfter } from '../../../src/audit/sinks/http-post.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { DatadogSinkSettings, HttpSinkSettings } from '../../../src/core/sink-settings.ts'
import { eventually } from '../../support/eventually.ts'
import { pace, startBench } from './bench.ts'
import { selfSigned } from './certificate.ts'
import { httpReceiver } from './http-receiver.ts'
import { memoryJournal } from './journal.ts'

type Entry = { readonly seq: number; readonly [key: string]: unknown }

function seqsOf(body: string): number[] {
  return body
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as Entry).seq)
}

const http = (url: string, more: Partial<HttpSinkSettings> = {}): HttpSinkSettings => ({
  name: 'hook',
  kind: 'http',
  url,
  format: 'ndjson',
  headers: {},
  ...pace,
  ...more,
})

const datadog = (url: string): DatadogSinkSettings => ({
  name: 'dd',
  kind: 'datadog',
  site: 'datadoghq.eu',
  url,
  apiKey: new Secret('dd-key-of-a-test'),
  service: 'fire',
  tags: ['env:test', 'team:sec'],
  ...pace,
  timeoutMs: 5000,
})

describe('generic HTTP', () => {
  it('posts a value a line, with headers and a signature that the receiver can check', async () => {
    const receiver = await httpReceiver(() => '')
    const headers = { Authorization: new Secret('Bearer of-a-test'), 'X-Team': 'fire' }
    await using bench = startBench(http(`${receiver.url}/in?x=1`, { headers, hmac: new Secret('mac-key') }))
    bench.grow(3)
    await eventually(() => bench.next('hook') === 3)
    const [request] = receiver.requests
    expect(request).toMatchObject({
      path: '/in?x=1',
      headers: { authorization: 'Bearer of-a-test', 'x-team': 'fire' },
    })
    expect(seqsOf(request?.body ?? '')).toEqual([0, 1, 2])
    const [, time = '', mac] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['firebreak-signature'])) ?? []
    expect(mac).toBe(createHmac('sha256', 'mac-key').update(`${time}.${request?.body}`).digest('hex'))
    await bench.close()
    await receiver.close()
  })

  it('waits as long as the receiver asks for', async () => {
    const receiver = await httpReceiver(() => '')
    receiver.plan({ kind: 'status', status: 429, retryAfter: '1' })
    await using bench = startBench(http(receiver.url))
    const start = performance.now()
    bench.grow(1)
    await eventually(() => bench.next('hook') === 1)
    expect(performance.now() - start).toBeGreaterThanOrEqual(990)
    await bench.close()
    await receiver.close()
  })

  it('halves a request that is too large, and passes over an entry that is too large alone', async () => {
    const taken: number[] = []
    const limited = await httpReceiver(({ body }) => {
      taken.push(...seqsOf(body))
      return ''
    }, 3000)
    await using bench = startBench(http(limited.url))
    bench.add(4)
    bench.add(1, { text: 'x'.repeat(5000) })
    bench.grow(4)
    await eventually(() => bench.next('hook') === 9)
    expect(taken).toEqual([0, 1, 2, 3, 5, 6, 7, 8])
    expect(bench.status().refused).toMatchObject({ count: 1, last: [{ seq: 4 }] })
    await bench.close()
    await limited.close()
  })

  it('does not follow a redirect', async () => {
    const receiver = await httpReceiver(() => '')
    receiver.plan({ kind: 'status', status: 307 })
    await using bench = startBench(http(receiver.url))
    bench.grow(1)
    await eventually(() => bench.lines[0]?.['why'] === 'it answers 307, and redirects are not followed')
    await bench.close()
    await receiver.close()
  })

  it('trusts the authority that it was given', async () => {
    const { key, cert } = selfSigned()
    const server = createServer({ key, cert }, (request, response) =>
      request.resume().on('end', () => response.end()),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const url = `https://localhost:${typeof address === 'object' ? address?.port : ''}`
    const distrustful = startBench(http(url))
    distrustful.grow(1)
    await eventually(() => distrustful.status().failing?.why.includes('SELF_SIGNED'))
    await distrustful.close()
    await using bench = startBench(http(url, { ca: new Secret(cert) }))
    bench.grow(1)
    await eventually(() => bench.next('hook') === 1)
    await bench.close()
    server.close()
  })

  it('never asks a metadata service, by whichever spelling', async () => {
    for (const host of ['169.254.169.254', '2852039166', '[fd00:ec2::254]', '[::ffff:a9fe:a9fe]']) {
      await using bench = startBench(http(`http://${host}/`))
      bench.grow(1)
      const { why } = await eventually(() => bench.status().failing)
      expect(why).toContain('outbound.refused')
    }
  })

  it('understands Retry-After in seconds and as a date', () => {
    expect(retryAfter('120')).toBe(120_000)
    expect(retryAfter('Thu, 01 Jan 2026 00:00:10 GMT', Date.UTC(2026, 0, 1))).toBe(10_000)
    expect(retryAfter('soon')).toBeUndefined()
    expect(retryAfter(undefined)).toBeUndefined()
  })
})

describe('Datadog', () => {
  it('posts compressed logs with key, source, service and tags', async () => {
    const receiver = await httpReceiver(() => '{}')
    const now = Date.UTC(2026, 0, 1, 1)
    await using bench = startBench(datadog(receiver.url), undefined, { clock: { now: () => now } })
    bench.grow(2)
    await eventually(() => bench.next('dd') === 2)
    const [request] = receiver.requests
    expect(request).toMatchObject({
      path: '/api/v2/logs',
      headers: {
        'dd-api-key': 'dd-key-of-a-test',
        'content-encoding': 'gzip',
        'content-type': 'application/json',
      },
    })
    expect(JSON.parse(request?.body ?? '')[1]).toMatchObject({
      ddsource: 'firebreak',
      ddtags: 'env:test,team:sec',
      service: 'fire',
      timestamp: '2026-01-01T00:00:01.000Z',
      firebreak: { seq: 1, hash: bench.entries[1]?.hash, data: { note: 'entry 1 <!channel> é\u202e' } },
    })
    await bench.close()
    await receiver.close()
  })

  it('keeps to the limits of the intake: 1000 entries and 5 MB a request', async () => {
    const receiver = await httpReceiver(() => '{}')
    const held = memoryJournal(1000)
    held.add(220, { text: 'x'.repeat(50_000) })
    await using bench = startBench(datadog(receiver.url), held)
    await eventually(() => bench.next('dd') === 220)
    const sizes = receiver.requests.map(({ body }) => Buffer.byteLength(body))
    expect(sizes.length).toBeGreaterThan(2)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000_000)
    const [first] = receiver.requests
    expect(first?.bytes).toBeLessThan(500_000)
    expect(JSON.parse(first?.body ?? '')[0]).not.toHaveProperty('timestamp')
    await bench.close()
    await receiver.close()
  })
})
