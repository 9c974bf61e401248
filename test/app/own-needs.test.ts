import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { askedFirst, createOwnNeeds } from '../../src/app/own-needs.ts'
import { configuredNeeds } from '../../src/app/configured-needs.ts'
import { parseConfig } from '../../src/config/load.ts'
import { FirebreakError } from '../../src/core/errors.ts'
import { defineProvider, type OwnAnswer, type OwnNeed } from '../../src/core/provider.ts'
import { createClients } from '../../src/providers/clients.ts'

const read = (text: string) =>
  parseConfig(text, '/etc/firebreak/firebreak.yaml', {
    KEY: 'AKIAFROMTHEENVIRONMT',
    WORD: 'w0rd-of-the-test',
  })

const config = read('providers: { aws: { one: {}, two: {} } }')

type Answer = () => Promise<OwnAnswer>

/** A system with two instances, whose answers the test gives. */
function world(answers: { [instance: string]: Answer }) {
  const asked: string[] = []
  const names = ['one', 'two']
  const provider = defineProvider({
    name: 'aws',
    config: z.looseObject({}),
    connect: async () => names.shift() ?? '',
    own: async (instance: string) => {
      asked.push(instance)
      return (await answers[instance]?.()) ?? { needs: [], unknown: [] }
    },
  })
  const logged: string[] = []
  const log = { error: (_data: object, message: string) => void logged.push(message) }
  const clients = createClients([provider], config.providers)
  const own = createOwnNeeds({ providers: [provider], clients, config, log })
  return { own, clients, asked, logged }
}

const need = (id: string): OwnNeed => ({ id, why: 'a test needs it' })
const whole =
  (...ids: string[]): Answer =>
  async () => ({ needs: ids.map(need), unknown: [] })
const gap =
  (...ids: string[]): Answer =>
  async () => ({ needs: ids.map(need), unknown: ['something: denied'] })
const failing: Answer = async () => {
  throw new FirebreakError('provider.unavailable', 'no usable answer', { remedy: 'Check it.' })
}

afterEach(() => {
  vi.useRealTimers()
})

describe('what Firebreak lives on', () => {
  test('is asked of every instance, and known from then on', async () => {
    const { own, asked } = world({ one: whole('a'), two: whole('b', 'c') })
    expect(own.now()).toEqual([])
    await own.refresh()
    expect(asked).toEqual(['one', 'two'])
    expect(own.now().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  test('is asked once before the first client is given out, of all instances of the provider', async () => {
    const { own, clients, asked } = world({ one: whole('a'), two: whole('b') })
    const guarded = askedFirst(clients, own)
    await Promise.all([guarded.get('aws', 'one'), guarded.get('aws', 'two'), guarded.get('aws', 'one')])
    expect(own.now().map(({ id }) => id)).toEqual(['a', 'b'])
    await guarded.get('aws', 'two')
    expect(asked).toEqual(['one', 'two'])
  })

  test('keeps nobody waiting where it cannot be asked: what is configured holds, and doctor says so', async () => {
    const { own, clients, logged } = world({ one: failing, two: whole('b') })
    await expect(askedFirst(clients, own).get('aws', 'one')).resolves.toBe('one')
    expect(own.now().map(({ id }) => id)).toEqual(['b'])
    expect(logged).toHaveLength(1)
    expect(own.parts()).toContainEqual({
      name: 'never touched',
      identity: 'aws/one',
      ok: false,
      detail: 'no usable answer',
      remedy: 'Check it.',
    })
  })

  test('is waited for no longer than five seconds, once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { own, asked } = world({ one: () => new Promise(() => undefined), two: whole('b') })
    const waited = own.asked('aws')
    await vi.advanceTimersByTimeAsync(5000)
    await waited
    await own.asked('aws')
    expect(asked).toEqual(['one', 'two'])
    expect(own.parts().find(({ ok }) => !ok)?.detail).toContain('5000 ms')
  })

  test('stays known where it cannot be asked any more, or only in part, and goes where a whole answer lacks it', async () => {
    const answers = { one: whole('a', 'b'), two: whole() }
    const { own } = world(answers)
    await own.refresh()
    answers.one = failing
    await own.refresh()
    expect(own.now().map(({ id }) => id)).toEqual(['a', 'b'])
    answers.one = gap('c')
    await own.refresh()
    expect(own.now().map(({ id }) => id)).toEqual(['c', 'a', 'b'])
    expect(own.parts().map(({ detail }) => detail)).toContain('not known: something: denied')
    answers.one = whole('c')
    await own.refresh()
    expect(own.now().map(({ id }) => id)).toEqual(['c'])
    expect(own.parts().every(({ ok }) => ok)).toBe(true)
  })

  test('is asked again every five minutes, every half minute while it fails, and no more at the end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const answers = { one: whole('a'), two: whole('b') }
    const { own, asked, logged } = world(answers)
    const stopping = new AbortController()
    own.keep(stopping.signal)
    const times = async (ms: number) => {
      await vi.advanceTimersByTimeAsync(ms)
      return asked.length / 2
    }
    expect(await times(1999)).toBe(0)
    expect(await times(1)).toBe(1)
    answers.one = failing
    expect(await times(5 * 60_000 - 1)).toBe(1)
    expect(await times(1)).toBe(2)
    expect(await times(30_000)).toBe(3)
    answers.one = whole('a')
    expect(await times(30_000)).toBe(4)
    expect(await times(30_000)).toBe(4)
    expect(logged).toHaveLength(1)
    stopping.abort()
    expect(await times(20 * 60_000)).toBe(4)
  })
})

test('where the journal lies is told to whoever may run its database', async () => {
  const config = read('{ store: postgres://pg.data.svc/firebreak, providers: { kubernetes: { here: {} } } }')
  const hosts: (boolean | undefined)[] = []
  const provider = defineProvider({
    name: 'kubernetes',
    config: z.looseObject({}),
    connect: async () => 'client',
    own: async (_client, { databaseUrl }) => {
      hosts.push(databaseUrl?.matches('postgres://pg.data.svc/firebreak'))
      return { needs: [], unknown: [] }
    },
  })
  const clients = createClients([provider], config.providers)
  await createOwnNeeds({ providers: [provider], clients, config }).refresh()
  expect(hosts).toEqual([true])
})

describe('what the configuration names', () => {
  test('is known at once: access keys, wherever they come from, and the bucket of the anchors', () => {
    const { needs, parts } = named(`
providers:
  aws:
    one: { credentials: { accessKeyId: AKIAWRITTENINTHEFILE, secretAccessKey: { env: WORD } } }
    two: { credentials: { accessKeyId: { env: KEY }, secretAccessKey: { env: WORD } }, role: 'arn:aws:iam::123456789012:role/bot' }
audit:
  anchors:
    vault:
      kind: s3
      bucket: audit-anchors
      region: eu-central-1
      retainDays: 30
      credentials: { accessKeyId: AKIAOFTHEANCHORSXXXX, secretAccessKey: { env: WORD } }
`)
    expect(needs.map(({ id }) => id)).toEqual([
      'AKIAWRITTENINTHEFILE',
      'AKIAFROMTHEENVIRONMT',
      'AKIAOFTHEANCHORSXXXX',
      'arn:aws:iam::123456789012:role/bot',
      'arn:aws:s3:::audit-anchors',
    ])
    expect(parts.map(({ identity }) => identity)).toContain('firebreak.yaml: audit-anchors')
    expect(JSON.stringify([needs, parts])).not.toContain('w0rd-of-the-test')
  })
})

function named(text: string) {
  const config = read(text)
  const clients = createClients([], {})
  return { needs: configuredNeeds(config), parts: createOwnNeeds({ providers: [], clients, config }).parts() }
}
