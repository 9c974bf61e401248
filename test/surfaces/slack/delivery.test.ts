import { expect, test } from 'vitest'
import type { Envelope, Handle } from '../../../src/surfaces/slack/delivery.ts'
import { createDelivery } from '../../../src/surfaces/slack/delivery.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }

function envelope(sent: (object | undefined)[], more: Partial<Envelope> = {}): Envelope {
  return {
    envelopeId: 'e1',
    type: 'slash_commands',
    body: { trigger_id: 't1' },
    send: async (answer) => {
      sent.push(answer)
    },
    ...more,
  }
}

function delivery(handle: Handle) {
  return createDelivery({ handle, late: () => ({ text: 'late' }), log, deadlineMs: 30 })
}

test('the same envelope on two connections is handled once and answered the same twice', async () => {
  const sent: (object | undefined)[] = []
  let handled = 0
  const { receive } = delivery(async (_, ack) => {
    handled += 1
    await ack({ errors: { a: 'b' } })
  })
  await Promise.all([
    receive(envelope(sent)),
    receive(envelope(sent)),
    receive(envelope(sent, { envelopeId: 'e2' })),
  ])
  expect(handled).toBe(1)
  expect(sent).toEqual([{ errors: { a: 'b' } }, { errors: { a: 'b' } }, { errors: { a: 'b' } }])
})

test('another trigger is another delivery', async () => {
  let handled = 0
  const { receive } = delivery(async () => {
    handled += 1
  })
  await receive(envelope([]))
  await receive(envelope([], { envelopeId: 'e2', body: { trigger_id: 't2' } }))
  expect(handled).toBe(2)
})

test('a redelivered event is known by its event id, whatever its envelope', async () => {
  let handled = 0
  const { receive } = delivery(async () => {
    handled += 1
  })
  for (const id of ['e1', 'e2', 'e3']) {
    await receive(envelope([], { envelopeId: id, type: 'events_api', body: { event_id: 'Ev1' } }))
  }
  expect(handled).toBe(1)
})

test('a handler that is late, silent or broken does not keep Slack waiting', async () => {
  const sent: (object | undefined)[] = []
  const done = Promise.withResolvers<void>()
  const { receive } = delivery(async (_, ack) => {
    await done.promise
    await ack({ text: 'too late' })
  })
  const received = receive(envelope(sent))
  await expect.poll(() => sent).toEqual([{ text: 'late' }])
  done.resolve()
  await received
  expect(sent).toEqual([{ text: 'late' }])

  const quiet: (object | undefined)[] = []
  await delivery(async () => undefined).receive(envelope(quiet))
  const broken = delivery(async () => {
    throw new Error('broken')
  })
  await expect(broken.receive(envelope(quiet))).rejects.toThrow('broken')
  expect(quiet).toEqual([undefined, undefined])
})

test('an answer that cannot be sent is no error of the handler', async () => {
  let ended = false
  const { receive } = delivery(async (_, ack) => {
    await ack()
    ended = true
  })
  const dead = envelope([], {
    send: async () => {
      throw new Error('no connection')
    },
  })
  await receive(dead)
  expect(ended).toBe(true)
})

test('memory of deliveries is bounded', async () => {
  const { receive } = delivery(async () => undefined)
  for (let at = 0; at < 6000; at++) await receive(envelope([], { envelopeId: `x${at}`, body: {} }))
  let again = 0
  const second = delivery(async () => {
    again += 1
  })
  await second.receive(envelope([], { envelopeId: 'x0', body: {} }))
  expect(again).toBe(1)
})
