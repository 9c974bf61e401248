import { afterEach, describe, expect, test } from 'vitest'
import type { App } from '@slack/bolt'
import type { SlackOptions, SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { startSlack } from '../../../src/sandbox/slack/server.ts'
import { silent, startBolt } from './bot.ts'
import { connect } from './raw-socket.ts'

const rosa = 'U0ROSA0001'
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function slackOnly(options: SlackOptions = {}): Promise<SlackSandbox> {
  const slack = await startSlack(options)
  closers.push(() => slack.close())
  return slack
}

async function slackWithBolt(listen: (app: App) => void, options: SlackOptions = {}): Promise<SlackSandbox> {
  const slack = await slackOnly(options)
  const bot = await startBolt(slack, listen)
  closers.push(() => bot.stop())
  return slack
}

describe('an unmodified Bolt app over Socket Mode', () => {
  test('answers a slash command by ack, by response URL and by post', async () => {
    const slack = await slackWithBolt((app) => {
      app.command('/firebreak', async ({ command, ack, respond, client }) => {
        await ack(`got ${command.text}`)
        await respond({ text: 'and later', response_type: 'in_channel' })
        await client.apiCall('chat.postMessage', { channel: command.channel_id, text: 'posted' })
      })
    })
    const outcome = await slack.command(rosa, '#incidents', '/firebreak plan x')
    expect(outcome).toMatchObject({ ok: true, payload: { text: 'got plan x' } })
    await slack.waitFor(() => slack.messages('#incidents').length === 2)
    expect(slack.ephemerals(rosa).map((m) => m.text)).toEqual(['got plan x'])
    expect(slack.messages('#incidents').map((m) => m.text)).toEqual(['and later', 'posted'])
  })

  test('hears a mention, also in a thread, with the names turned into ids', async () => {
    const heard: { text: string; thread: string | undefined }[] = []
    const slack = await slackWithBolt((app) => {
      app.event('app_mention', async ({ event }) => {
        heard.push({ text: event.text, thread: event.thread_ts })
      })
    })
    const parent = slack.say(rosa, '#incidents', 'look <here> & there')
    slack.mention(rosa, '#incidents', 'status', parent.ts)
    await slack.waitFor(() => heard.length === 1)
    expect(parent.text).toBe('look &lt;here&gt; &amp; there')
    expect(heard[0]).toEqual({ text: `<@${slack.workspace.app.userId}> status`, thread: parent.ts })
  })
})

describe('connections', () => {
  test('say hello with their number, and a ticket opens only one', async () => {
    const slack = await slackOnly()
    const first = await connect(slack)
    const second = await connect(slack)
    closers.push(first.close, second.close)
    expect(first.frames[0]).toMatchObject({
      type: 'hello',
      num_connections: 1,
      debug_info: { approximate_connection_time: 18060 },
      connection_info: { app_id: slack.workspace.app.appId },
    })
    expect(second.frames[0]).toMatchObject({ num_connections: 2 })
    await expect(connect(slack, first.url)).rejects.toThrow(/401/)
  })

  test('are at most ten: the eleventh is told too_many_websockets', async () => {
    const slack = await slackOnly()
    for (let n = 0; n < 10; n += 1) closers.push((await connect(slack)).close)
    const eleventh = await connect(slack)
    expect(eleventh.frames).toEqual([{ type: 'disconnect', reason: 'too_many_websockets' }])
    await eleventh.closed
    expect(slack.connections).toBe(10)
  })

  test('asked to refresh get no more envelopes, but may still acknowledge', async () => {
    const slack = await slackOnly()
    const old = await connect(slack, undefined, false)
    const sent = slack.command(rosa, '#incidents', '/firebreak x')
    const envelope = await old.next('slash_commands')
    slack.refresh()
    await old.next('disconnect')
    const fresh = await connect(slack)
    old.acknowledge(envelope)
    closers.push(fresh.close, old.close)
    expect(await sent).toMatchObject({ ok: true })
    expect(await slack.command(rosa, '#incidents', '/firebreak y')).toMatchObject({ ok: true })
    expect(old.frames.filter((f) => f['type'] === 'slash_commands')).toHaveLength(1)
  })

  test('finish the close handshake and leave TCP open, as Slack does, unless told otherwise', async () => {
    const slack = await slackOnly()
    const kept = await connect(slack)
    kept.startClose()
    await kept.closeFrame
    // Two exchanges with the server later, an end of TCP would have arrived.
    for (let n = 0; n < 2; n += 1) await (await fetch(`${slack.apiUrl}api.test`)).text()
    expect(kept.tcpOpen()).toBe(true)
    slack.faults.keepTcpAfterClose = false
    const dropped = await connect(slack)
    dropped.startClose()
    await dropped.tcpClosed
    expect(slack.connections).toBe(0)
  })
})

describe('deliveries', () => {
  test('a command nobody acknowledges ends in operation_timeout for its author and is not repeated', async () => {
    const slack = await slackOnly({ timing: { ack: 30 } })
    const deaf = await connect(slack, undefined, false)
    closers.push(deaf.close)
    const outcome = await slack.command(rosa, '#incidents', '/firebreak x')
    expect(outcome).toEqual({ ok: false, error: 'operation_timeout' })
    expect(slack.ephemerals(rosa).map((m) => m.text)).toEqual([
      '/firebreak failed with the error "operation_timeout"',
    ])
    expect(deaf.frames.filter((f) => f['type'] === 'slash_commands')).toHaveLength(1)
  })

  test('a command without any connection ends in dispatch_failed', async () => {
    const slack = await slackOnly()
    expect(await slack.command(rosa, '#incidents', '/firebreak x')).toEqual({
      ok: false,
      error: 'dispatch_failed',
    })
  })

  test('an unacknowledged event comes back with the same event id, three times at most', async () => {
    const slack = await slackOnly({ timing: { ack: 10, eventRetry: 15 } })
    const deaf = await connect(slack, undefined, false)
    closers.push(deaf.close)
    expect(await slack.deliverEvent({ type: 'app_mention', channel: 'C0INCIDENT' })).toBe('given-up')
    const events = deaf.frames.filter((f) => f['type'] === 'events_api')
    expect(events.map((e) => [e['retry_attempt'], e['retry_reason']])).toEqual([
      [0, ''],
      [1, 'timeout'],
      [2, 'timeout'],
      [3, 'timeout'],
    ])
    const ids = new Set(events.map((e) => (e['payload'] as { event_id: string }).event_id))
    expect(ids.size).toBe(1)
  })

  test('an event the app is not subscribed to is not sent', async () => {
    const slack = await slackOnly()
    expect(await slack.deliverEvent({ type: 'reaction_added' })).toBe('not-subscribed')
  })

  test('can be doubled, held back and reversed', async () => {
    const slack = await slackOnly()
    const socket = await connect(slack)
    closers.push(socket.close)
    slack.faults.deliveries = 2
    await slack.command(rosa, '#incidents', '/firebreak twice')
    await slack.waitFor(() => socket.frames.filter((f) => f['type'] === 'slash_commands').length === 2)
    const [one, two] = socket.frames.filter((f) => f['type'] === 'slash_commands')
    expect(one).toEqual(two)
    slack.faults.clear()
    slack.faults.hold()
    const sent = ['a', 'b', 'c'].map((text) => slack.command(rosa, '#incidents', `/firebreak ${text}`))
    slack.faults.release('reversed')
    await Promise.all(sent)
    const order = socket.frames.slice(-3).map((f) => (f['payload'] as { text: string }).text)
    expect(order).toEqual(['c', 'b', 'a'])
  })

  test('reach Bolt again after all its connections were reset', async () => {
    const slack = await slackOnly()
    const bolt = await import('@slack/bolt')
    const receiver = new bolt.SocketModeReceiver({
      appToken: slack.appToken,
      clientPingTimeout: 100,
      installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
      logger: silent,
    })
    const bot = await startBolt(
      slack,
      (app) => {
        app.command('/firebreak', async ({ ack }) => {
          await ack('alive')
        })
      },
      { receiver, socketMode: false },
    )
    closers.push(bot.stop)
    slack.dropSockets()
    await slack.waitFor(() => slack.connections === 0)
    await slack.waitFor(() => slack.connections === 1)
    expect(await slack.command(rosa, '#incidents', '/firebreak x')).toMatchObject({ ok: true })
  })
})
