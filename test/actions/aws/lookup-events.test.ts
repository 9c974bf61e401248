import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lookupEvents } from '../../../src/actions/aws/lookup-events.ts'
import { LEAKED_KEY, demoScenario } from '../../../src/sandbox/aws/scenario.ts'
import { bench, effects, expectNoSecretSeen, type Bench } from './harness.ts'

let at: Bench

beforeEach(async () => {
  at = await bench(demoScenario(new Date()))
})
afterEach(async () => {
  expectNoSecretSeen(at)
  expect(effects(at)).toEqual([])
  await at.sandbox.close()
})

const lookup = async (input: object) => {
  const output = await lookupEvents.run(lookupEvents.input.parse({ accessKeyId: LEAKED_KEY, ...input }), at)
  at.seen.push(output)
  return lookupEvents.output.parse(output)
}

describe('aws.lookup-events', () => {
  it('lists the newest first, with safe fields only', async () => {
    const { events, truncated } = await lookup({})
    expect(events[0]).toEqual({
      id: expect.any(String),
      time: expect.any(String),
      name: 'InvokeModel',
      source: 'bedrock.amazonaws.com',
      readOnly: true,
      region: 'us-east-1',
      sourceAddress: '203.0.113.66',
    })
    expect(events).toHaveLength(7)
    expect(truncated).toBe(false)
  })

  it('looks back the whole ninety days, and stops at its limit', async () => {
    expect((await lookup({ hours: 2160 })).events).toHaveLength(9)
    const few = await lookup({ hours: 2160, limit: 3 })
    expect(few.events).toHaveLength(3)
    expect(few.truncated).toBe(true)
    expect(lookupEvents.input.safeParse({ accessKeyId: LEAKED_KEY, hours: 2161 }).success).toBe(false)
  })

  it('goes through pages', async () => {
    const [event] = at.sandbox.state.events
    if (event === undefined) throw new Error('the scenario has events')
    at.sandbox.mutate(({ events }) => {
      for (let i = 0; i < 120; i++) events.push({ ...event, eventId: `more-${i}`, time: new Date() })
    })
    expect((await lookup({ limit: 200, hours: 24 })).events).toHaveLength(127)
    expect(at.sandbox.requests).toHaveLength(3)
  })

  it('is not harmed by what an attacker wrote into a record', async () => {
    const [event] = at.sandbox.state.events
    if (event === undefined) throw new Error('the scenario has events')
    at.sandbox.mutate(({ events }) => {
      const time = new Date()
      events.push({ ...event, time, record: 'not json' })
      const sourceIPAddress = `\u001B[31m<!channel> ${'x'.repeat(500)}`
      events.push({ ...event, time, record: JSON.stringify({ sourceIPAddress, awsRegion: 7 }) })
      events.push({ ...event, time, record: JSON.stringify({ sourceIPAddress, awsRegion: 'us-east-1' }) })
    })
    const { events } = await lookup({})
    expect(events[2]?.sourceAddress).toHaveLength(100)
    expect(events[2]?.sourceAddress).not.toContain('\u001B')
    expect(events[0]).not.toHaveProperty('sourceAddress')
  })
})
