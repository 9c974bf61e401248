import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import type { SyslogSinkSettings } from '../../../src/core/sink-settings.ts'
import { eventually } from '../../support/eventually.ts'
import { pace, startBench } from './bench.ts'
import { selfSigned } from './certificate.ts'
import { syslogReceiver } from './syslog-receiver.ts'

/** RFC 5424, section 6, as strict as its grammar. */
const MESSAGE =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) \[([^ =\]"]{1,32})((?: [^ =\]"]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\](?: (.*))?$/s

const settings = (port: number, more: Partial<SyslogSinkSettings> = {}): SyslogSinkSettings => ({
  name: 'siem',
  kind: 'syslog',
  host: '127.0.0.1',
  port,
  facility: 13,
  appName: 'firebreak',
  maxMessage: 8192,
  ...pace,
  ...more,
})

describe('syslog', () => {
  it('sends messages of RFC 5424 that no text of an entry can break', async () => {
    const receiver = await syslogReceiver()
    await using bench = startBench(settings(receiver.port))
    bench.grow(2)
    await eventually(() => receiver.messages.length === 2)
    const [first = [], second = []] = receiver.messages.map((text) => MESSAGE.exec(text) ?? [])
    expect(first.slice(1, 8)).toEqual([
      '109', // 13 · 8 + notice
      '2026-01-01T00:00:00.000Z',
      expect.any(String),
      'firebreak',
      '-',
      'alert.decided',
      'firebreak@32473',
    ])
    expect(second[1]).toBe('108')
    expect(second[8]).toContain(String.raw` step="dis\"able\]?"`)
    expect(second[8]).toContain(` seq="1" hash="${bench.entries[1]?.hash}"`)
    expect(JSON.parse(second[9] ?? '')).toMatchObject({
      seq: 1,
      step: 'dis"able]\n',
      data: { note: 'entry 1 <!channel> é\u202e' },
    })
    expect(receiver.messages.join('')).toMatch(/^[ -~]+$/)
    await bench.close()
    await receiver.close()
  })

  it('leaves the data out of a message that would be too long, and says so', async () => {
    const receiver = await syslogReceiver()
    await using bench = startBench(settings(receiver.port, { maxMessage: 2048 }))
    bench.grow(1, { text: 'x'.repeat(3000) })
    await eventually(() => receiver.messages.length === 1)
    const [message = ''] = receiver.messages
    expect(Buffer.byteLength(message)).toBeLessThan(2048)
    expect(JSON.parse(MESSAGE.exec(message)?.[9] ?? '')).toMatchObject({
      seq: 0,
      data: null,
      leftOut: { bytes: 3011 },
      hash: bench.entries[0]?.hash,
    })
    await bench.close()
    await receiver.close()
  })

  it('speaks TLS to a receiver whose authority it was given, and to no other', async () => {
    const { key, cert } = selfSigned()
    const receiver = await syslogReceiver({ key, cert })
    const distrustful = startBench(settings(receiver.port, { tls: {} }))
    distrustful.grow(1)
    const { why } = await eventually(() => distrustful.status().failing)
    expect(why).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    await distrustful.close()
    expect(receiver.messages).toEqual([])
    await using bench = startBench(settings(receiver.port, { tls: { ca: new Secret(cert) } }))
    bench.grow(20)
    await eventually(() => bench.next('siem') === 20)
    expect(receiver.messages).toHaveLength(20)
    await bench.close()
    await receiver.close()
  })

  it('does not take a receiver that hangs up at once for one that has read', async () => {
    const { key, cert } = selfSigned()
    for (const tls of [undefined, { key, cert }]) {
      const receiver = await syslogReceiver(tls)
      const down = { kind: 'status', status: 0 } as const
      receiver.plan(down, down, down, { kind: 'lose' })
      const trust = tls === undefined ? {} : { tls: { ca: new Secret(cert) } }
      await using bench = startBench(settings(receiver.port, trust))
      bench.grow(3)
      await eventually(() => bench.next('siem') === 3)
      // Three were never read, one was without an answer, and one counts.
      expect(receiver.messages).toHaveLength(6)
      await bench.close()
      await receiver.close()
    }
  })

  it('never connects to a metadata service', async () => {
    await using bench = startBench(settings(80, { host: '169.254.169.254' }))
    bench.grow(1)
    const { why } = await eventually(() => bench.status().failing)
    expect(why).toContain('outbound.refused')
  })
})
