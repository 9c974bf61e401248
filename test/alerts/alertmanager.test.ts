import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAlertmanager } from '../../src/alerts/alertmanager.ts'
import { readBody } from '../../src/alerts/body.ts'
import { MAX_BODY } from '../../src/core/wire.ts'
import { onceFor } from '../../src/alerts/dedupe.ts'
import { decide } from '../../src/alerts/route.ts'
import { Alert } from '../../src/core/alert.ts'
import { isFirebreakError } from '../../src/core/errors.ts'

const arrival = { source: 'alertmanager', at: '2026-11-23T01:00:00Z' }

function parse(body: unknown): readonly Alert[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return parseAlertmanager(readBody(Buffer.from(text)), arrival)
}

/** Alerts, or the code of a refusal. Any other error fails the test. */
function outcome(body: unknown): readonly Alert[] | string {
  try {
    return parse(body)
  } catch (error) {
    if (isFirebreakError(error)) return error.code
    throw error
  }
}

const shared = process.env['FIREBREAK_SHARED_DATA'] ?? join(import.meta.dirname, '../../../shared/data')

function folderOf(name: string): { skip: boolean; files: string[]; folder: string } {
  const folder = join(shared, name)
  const present = existsSync(folder)
  if (!present && !process.env['CI']) console.log(`SKIPPED shared data: ${folder} not found`)
  const files = present ? readdirSync(folder).filter((file) => file.endsWith('.json')) : ['absent']
  return { skip: !present && !process.env['CI'], files, folder }
}

const published = folderOf('alertmanager')
describe.skipIf(published.skip)('bodies that other projects publish', () => {
  it.each(published.files)('%s gives alerts with a decision, or a coded refusal', (file) => {
    const alerts = outcome(readFileSync(join(published.folder, file), 'utf8'))
    if (file.endsWith('.parameters.json')) {
      expect(alerts).toBe('alert.unreadable')
      return
    }
    expect(alerts.length).toBeGreaterThan(0)
    for (const alert of typeof alerts === 'string' ? [] : alerts) {
      expect(Alert.parse(alert)).toEqual(alert)
      expect(decide(alert, [])).toMatchObject({ decision: 'ignore', reason: expect.any(String) })
    }
    expect(typeof alerts).toBe('object')
  })
})

type Recorded = { at: string; body: { alerts: Record<string, string>[]; truncatedAlerts?: number } }

const captured = folderOf('alertmanager-captured')
describe.skipIf(captured.skip)('messages recorded from Alertmanager itself', () => {
  const recordings = (file: string): Recorded[] =>
    [JSON.parse(readFileSync(join(captured.folder, file), 'utf8'))].flat()

  it.each(captured.files.filter((file) => !file.includes('api-alerts')))(
    '%s is read as it was sent',
    (file) => {
      for (const { at, body } of recordings(file)) {
        const alerts = parseAlertmanager(body, { source: 'alertmanager', at })
        expect(
          alerts.map(({ fingerprint, status, startsAt }) => ({ fingerprint, status, startsAt })),
        ).toEqual(body.alerts.map(({ fingerprint, status, startsAt }) => ({ fingerprint, status, startsAt })))
        for (const alert of alerts) expect(alert.truncated).toBe(body.truncatedAlerts)
      }
    },
  )

  it.each(captured.files.filter((file) => file.includes('api-alerts')))('%s is no notification', (file) => {
    expect(outcome(readFileSync(join(captured.folder, file), 'utf8'))).toBe('alert.unreadable')
  })

  it.each(captured.files.filter((file) => file.includes('retries')))(
    '%s: three deliveries are one alert',
    (file) => {
      const keys = recordings(file).flatMap(({ at, body }) =>
        parseAlertmanager(body, { source: 'alertmanager', at }).map((alert) => onceFor(alert, at).key),
      )
      expect(keys.length).toBe(3)
      expect(new Set(keys).size).toBe(1)
    },
  )
})

describe('what a body leaves out', () => {
  const labels = { alertname: 'GpuHot', severity: 'critical' }

  it('is derived: status, fingerprint, start, annotations', () => {
    expect(parse({ alerts: [{ labels }] })).toEqual([
      {
        source: 'alertmanager',
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        status: 'firing',
        name: 'GpuHot',
        severity: 'critical',
        labels,
        annotations: {},
        startsAt: arrival.at,
        truncated: 0,
      },
    ])
  })

  it('the fingerprint does not depend on the order of labels, and on nothing else', () => {
    const [one, two, three, four] = parse({
      alerts: [
        { labels: { a: '1', b: '2' } },
        { labels: { b: '2', a: '1' }, status: 'resolved', startsAt: '2020-01-01T00:00:00Z' },
        { labels: { a: '1', b: '3' } },
        { labels: { a: '1' } },
      ],
    })
    expect(one?.fingerprint).toBe(two?.fingerprint)
    expect(new Set([one, three, four].map((alert) => alert?.fingerprint)).size).toBe(3)
  })

  it.each<[string, object, object, string]>([
    ['its own status before that of the group', { status: 'resolved' }, { status: 'firing' }, 'resolved'],
    ['the status of the group', {}, { status: 'resolved' }, 'resolved'],
    ['an end in the past', { endsAt: '2026-01-01T00:00:00Z' }, {}, 'resolved'],
    [
      'an end in the past of a group that fires',
      { endsAt: '2026-01-01T00:00:00Z' },
      { status: 'firing' },
      'firing',
    ],
    ['an end in the future', { endsAt: '2027-01-01T00:00:00Z' }, {}, 'firing'],
    ['the end that means never', { endsAt: '0001-01-01T00:00:00Z' }, {}, 'firing'],
    ['a status that nobody knows', { status: 'odd' }, {}, 'firing'],
  ])('the status follows %s', (...[, alert, envelope, expected]) => {
    expect(parse({ ...envelope, alerts: [{ labels, ...alert }] })[0]?.status).toBe(expected)
  })

  it('a single alert counts, and labels of another kind become texts', () => {
    const [alert] = parse({ labels: { n: 1, b: true, l: ['x'], none: null, o: { a: 1 } }, summary: 'hot' })
    expect(alert).toMatchObject({
      name: 'hot',
      labels: { n: '1', b: 'true', l: '["x"]', none: '', o: '{"a":1}' },
    })
  })

  it('labels of the group stand in for missing ones', () => {
    expect(parse({ commonLabels: labels, alerts: [{}] })[0]).toMatchObject({ name: 'GpuHot', labels })
  })
})

describe('numbers', () => {
  it('above 2^53 keep every digit, as text', () => {
    expect(
      readBody(Buffer.from('{"ns":1739178940698757000,"max":18446744073709551615,"n":-7,"f":1.5}')),
    ).toEqual({
      ns: '1739178940698757000',
      max: '18446744073709551615',
      n: -7,
      f: 1.5,
    })
    const [alert] = parse('{"labels":{"id":18446744073709551615},"startsAt":1739178940698757123}')
    expect(alert).toMatchObject({
      labels: { id: '18446744073709551615' },
      startsAt: '2025-02-10T09:15:40.698757123Z',
    })
  })
})

describe('hostile bodies', () => {
  const alert = { labels: { alertname: 'A' } }
  it.each<[string, string, string]>([
    ['nothing', '', 'alert.unreadable'],
    ['cut JSON', '{"alerts":[{"labels":{"a":"b', 'alert.unreadable'],
    ['null', 'null', 'alert.unreadable'],
    ['a number', '1', 'alert.unreadable'],
    ['a text', '"alerts"', 'alert.unreadable'],
    ['a list', '[]', 'alert.unreadable'],
    ['an empty object', '{}', 'alert.unreadable'],
    ['alerts of another type', '{"alerts":{"labels":{}}}', 'alert.unreadable'],
    ['alerts that are null', '{"alerts":null}', 'alert.unreadable'],
    ['an alert that is a number', '{"alerts":[1]}', 'alert.unreadable'],
    ['an alert without labels', '{"alerts":[{"annotations":{}}]}', 'alert.unreadable'],
    ['labels that are a list', '{"alerts":[{"labels":["a"]}]}', 'alert.unreadable'],
    ['deep nesting', `{"alerts":${'['.repeat(100_000)}`, 'alert.unreadable'],
    ['deep nesting, closed', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, 'alert.unreadable'],
    ['an endless text', `"${'\\"'.repeat(500_000)}`, 'alert.unreadable'],
    ['too many bytes', `"${'x'.repeat(MAX_BODY)}"`, 'alert.too-large'],
    [
      'too many alerts',
      JSON.stringify({ alerts: Array.from({ length: 3000 }, () => alert) }),
      'alert.too-large',
    ],
  ])('%s is refused with a code', (_name, text, code) => {
    expect(outcome(text)).toBe(code)
  })

  it('bytes that are no UTF-8 are refused with a code', () => {
    expect(() => readBody(Buffer.from([0x22, 0xff, 0x22]))).toThrow(
      expect.objectContaining({ code: 'alert.unreadable' }),
    )
  })

  it('no refusal repeats the text of its body', () => {
    try {
      parse('{"alerts":[{"labels": <!channel> canary')
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toMatch(/canary|channel/)
    }
  })

  it('an empty group has no alerts', () => {
    expect(parse({ alerts: [] })).toEqual([])
  })

  it('wrong types around good labels are passed over', () => {
    const odd = { fingerprint: {}, status: 7, startsAt: [], endsAt: {}, annotations: 'x', summary: 1 }
    const [found] = parse({
      alerts: [{ labels: { x: 'y' }, ...odd }],
      truncatedAlerts: -1,
      commonAnnotations: 3,
    })
    expect(found).toMatchObject({
      status: 'firing',
      name: '1',
      annotations: {},
      startsAt: arrival.at,
      truncated: 0,
    })
  })

  it('labels named like parts of an object, and broken characters, are data', () => {
    const [found] = parse('{"labels":{"__proto__":"p","constructor":"c","bad":"x\\ud800"}}')
    expect(Object.entries(found?.labels ?? {})).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['bad', 'x\uFFFD'],
    ])
    expect(decide(found!, [])).toMatchObject({ decision: 'ignore' })
  })

  it('the last of two equal keys counts', () => {
    expect(parse('{"labels":{"a":"1","a":"2"}}')[0]?.labels).toEqual({ a: '2' })
  })
})

const dated = { labels: { alertname: 'A' }, fingerprint: 'f1', startsAt: '2026-11-23T00:00:00.5Z' }

function once(fields: object, { source, at } = arrival) {
  const [alert] = parseAlertmanager({ alerts: [fields] }, { source, at })
  return onceFor(alert!, at)
}

describe('the same alert twice', () => {
  it('has one key; another start, status, source or fingerprint has another', () => {
    const later = { ...arrival, at: '2026-11-24T00:00:00Z' }
    expect(once(dated).key).toBe(once({ ...dated, annotations: { x: 'y' } }, later).key)
    const others = [{ startsAt: '2026-11-23T00:00:01Z' }, { status: 'resolved' }, { fingerprint: 'f2' }]
    const keys = others.map((change) => once({ ...dated, ...change }).key)
    expect(new Set([once(dated).key, once(dated, { ...arrival, source: 'other' }).key, ...keys]).size).toBe(5)
  })

  it('that does not say when it began has one key for an hour, whenever it arrives', () => {
    const undated = { labels: { a: 'b' } }
    const first = once(undated, { ...arrival, at: '2026-11-23T00:00:00Z' })
    expect(once(undated, { ...arrival, at: '2026-11-23T00:00:09Z' }).key).toBe(first.key)
    expect(first.expires).toBe(Date.parse('2026-11-23T01:00:00Z'))
  })
})
