import { describe, expect, it } from 'vitest'
import { parseTime } from '../../src/alerts/time.ts'

describe('times as senders write them', () => {
  it.each<[unknown, string | undefined]>([
    ['2020-02-06T00:17:58Z', '2020-02-06T00:17:58Z'],
    ['2020-02-06T00:17:58.432911368Z', '2020-02-06T00:17:58.432911368Z'],
    ['2026-11-23T00:02:52.98Z', '2026-11-23T00:02:52.98Z'],
    ['2018-03-07T06:33:21.873077559-05:00', '2018-03-07T11:33:21.873077559Z'],
    ['2024-02-17T11:53:08.431+0000', '2024-02-17T11:53:08.431Z'],
    ['2021-10-29 23:54:06.45', '2021-10-29T23:54:06.45Z'],
    ['2024-10-10 12:56:35.822 -0700', '2024-10-10T19:56:35.822Z'],
    ['2024-01-15 10:30:45 +0000', '2024-01-15T10:30:45Z'],
    ['2024-01-15 10:30:45.5 +0000 UTC', '2024-01-15T10:30:45.5Z'],
    ['2021-12-08T23:23:50', '2021-12-08T23:23:50Z'],
    ['Sun, 05 Jun 2016 05:01:10 GMT', '2016-06-05T05:01:10Z'],
    ['Sat, 05 Jun 2016 05:01:10 GMT', '2016-06-05T05:01:10Z'],
    [1_702_857_600, '2023-12-18T00:00:00Z'],
    ['1231231234', '2009-01-06T08:40:34Z'],
    [1_687_906_694.915, '2023-06-27T22:58:14.915Z'],
    [1_704_067_200_000, '2024-01-01T00:00:00.000Z'],
    ['1704672000000', '2024-01-08T00:00:00.000Z'],
    ['1739178940698757000', '2025-02-10T09:15:40.698757000Z'],
    [1_739_178_940_698_757_000n, '2025-02-10T09:15:40.698757000Z'],
    ['2012-08-10', '2012-08-10T00:00:00Z'],
    ['0001-01-01T00:00:00Z', undefined],
    ['2024-02-31T00:00:00Z', undefined],
    ['2024-13-01T00:00:00Z', undefined],
    ['2024-01-01T25:00:00Z', undefined],
    ['05 Foo 2016 05:01:10 GMT', undefined],
    ['18446744073709551615', undefined],
    ['yesterday', undefined],
    ['', undefined],
    ['{{ $labels.time }}', undefined],
    [0, undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [1e300, undefined],
    [null, undefined],
    [undefined, undefined],
    [{}, undefined],
    [[], undefined],
    [true, undefined],
    ['9'.repeat(100_000), undefined],
  ])('%s', (raw, instant) => {
    expect(parseTime(raw).instant).toBe(instant)
  })

  it('says how exact it is, and when the zone is a guess', () => {
    expect(parseTime('2012-08-10')).toMatchObject({ precision: 'day', assumedUtc: true })
    expect(parseTime('2021-12-08T23:23:50')).toMatchObject({ precision: 'second', assumedUtc: true })
    expect(parseTime('2020-02-06T00:17:58.4Z')).toMatchObject({ precision: 'fraction', assumedUtc: false })
    expect(parseTime('never')).toEqual({ precision: 'none', assumedUtc: false, raw: 'never' })
  })
})
