import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { startSlack } from '../../../src/sandbox/slack/server.ts'
import type { RawSocket } from './raw-socket.ts'
import { connect } from './raw-socket.ts'
import { sharedFile } from './shared.ts'

type Rec = Record<string, unknown>

const rosa = 'U0ROSA0001'
const eve = 'U0EVE00005'
const incidents = 'C0INCIDENT'

let slack: SlackSandbox
let socket: RawSocket
/** What the app acknowledges an envelope with, by the type of its payload. */
let answers: Record<string, unknown>

beforeEach(async () => {
  answers = {}
  slack = await startSlack()
  socket = await connect(slack, undefined, (frame) => {
    const { type } = frame['payload'] as { type?: string }
    return answers[type ?? 'command']
  })
})

afterEach(async () => {
  await socket.close()
  await slack.close()
})

async function call(method: string, args: Rec): Promise<Rec> {
  const response = await fetch(slack.apiUrl + method, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  })
  return (await response.json()) as Rec
}

/** The payload of the newest envelope. */
function payload(): Rec {
  return socket.frames.findLast((f) => f['envelope_id'] !== undefined)?.['payload'] as Rec
}

async function trigger(): Promise<string> {
  await slack.command(rosa, incidents, '/firebreak x')
  return String(payload()['trigger_id'])
}

const plain = (text: string) => ({ type: 'plain_text', text })

function modal(title: string, more: Rec = {}): Rec {
  return {
    type: 'modal',
    callback_id: 'cb',
    title: plain(title),
    submit: plain('Go'),
    blocks: [
      {
        type: 'input',
        block_id: 'why',
        label: plain('Why'),
        element: { type: 'plain_text_input', action_id: 'text', min_length: 2 },
      },
      {
        type: 'actions',
        block_id: 'more',
        elements: [{ type: 'button', action_id: 'next', text: plain('Next') }],
      },
    ],
    ...more,
  }
}

async function open(more: Rec = {}): Promise<{ id: string; hash: string }> {
  const answer = await call('views.open', { trigger_id: await trigger(), view: modal('One', more) })
  expect(answer).toMatchObject({ ok: true })
  return answer['view'] as { id: string; hash: string }
}

async function postButtons(): Promise<string> {
  const elements = [
    { type: 'button', action_id: 'approve', text: plain('Approve'), value: 'v1' },
    { type: 'static_select', action_id: 'pick', options: [{ text: plain('A'), value: 'a' }] },
  ]
  const blocks = [{ type: 'actions', block_id: 'b1', elements }]
  return String((await call('chat.postMessage', { channel: incidents, text: 'run', blocks }))['ts'])
}

async function useUrl(url: unknown, body: Rec): Promise<{ status: number; body: unknown }> {
  const response = await fetch(String(url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

async function attempt(triggerId: unknown): Promise<unknown> {
  return (await call('views.open', { trigger_id: triggerId, view: modal('One') }))['error']
}

describe('triggers', () => {
  test('work once, for three seconds, and must be real', async () => {
    const once = await trigger()
    expect(await attempt(once)).toBeUndefined()
    expect(await attempt(once)).toBe('exchanged_trigger_id')
    expect(await attempt('1.2.abc')).toBe('invalid_trigger_id')
    const late = await trigger()
    slack.clock.advance(3001)
    expect(await attempt(late)).toBe('expired_trigger_id')
  })
})

describe('dialogs', () => {
  test('stack three high and no higher', async () => {
    await open()
    for (const title of ['Two', 'Three']) {
      await slack.press(rosa, { viewId: slack.views(rosa).at(-1)?.id ?? '', actionId: 'next' })
      const pushed = await call('views.push', { trigger_id: payload()['trigger_id'], view: modal(title) })
      expect(pushed).toMatchObject({ ok: true, view: { root_view_id: slack.views(rosa)[0]?.id } })
    }
    await slack.press(rosa, { viewId: slack.views(rosa).at(-1)?.id ?? '', actionId: 'next' })
    const fourth = await call('views.push', { trigger_id: payload()['trigger_id'], view: modal('Four') })
    expect(fourth['error']).toBe('push_limit_reached')
  })

  test('are updated only against the newest hash, when one is given, and only while open', async () => {
    const { id, hash } = await open()
    const update = async (args: Rec) =>
      (await call('views.update', { view_id: id, view: modal('New'), ...args }))['error']
    expect(await update({ hash })).toBeUndefined()
    expect(await update({ hash })).toBe('hash_conflict')
    expect(await update({})).toBeUndefined()
    await slack.closeView(rosa, id)
    expect(await update({})).toBe('not_found')
  })

  test('keep what was typed over an update that has the same block and action', async () => {
    const { id } = await open()
    answers['view_submission'] = { response_action: 'update', view: modal('Second') }
    expect(await slack.submitView(rosa, id, { why: { text: 'because' } })).toMatchObject({ next: 'updated' })
    expect(slack.views(rosa)[0]?.values['why']?.['text']).toEqual({
      type: 'plain_text_input',
      value: 'because',
    })
  })

  test('follow the response_action of the app', async () => {
    const { id } = await open()
    const submit = async (view: string) => await slack.submitView(rosa, view, { why: { text: 'because' } })
    answers['view_submission'] = { response_action: 'errors', errors: { why: 'No.' } }
    expect(await submit(id)).toMatchObject({ ok: false, errors: { why: 'No.' } })
    answers['view_submission'] = { response_action: 'errors', errors: { nowhere: 'No.' } }
    expect(await submit(id)).toMatchObject({ ok: false, error: 'invalid_response' })
    answers['view_submission'] = { response_action: 'push', view: modal('Two') }
    expect(await submit(id)).toMatchObject({ next: 'pushed' })
    answers['view_submission'] = undefined
    expect(await submit(slack.views(rosa)[1]?.id ?? '')).toMatchObject({ next: 'closed' })
    expect(slack.views(rosa).map((v) => v.id)).toEqual([id])
    answers['view_submission'] = { response_action: 'clear' }
    expect(await submit(id)).toMatchObject({ next: 'cleared' })
    expect(slack.views(rosa)).toEqual([])
  })

  test('with missing or malformed input never reach the app', async () => {
    const { id } = await open()
    const before = socket.frames.length
    expect(await slack.submitView(rosa, id)).toMatchObject({ error: 'invalid_input' })
    expect(await slack.submitView(rosa, id, { why: { text: 'x' } })).toMatchObject({
      errors: { why: 'Please enter at least 2 characters.' },
    })
    expect(socket.frames).toHaveLength(before)
    await expect(slack.submitView(rosa, id, { elsewhere: { text: 'x' } })).rejects.toThrow(
      /no block elsewhere/,
    )
  })

  test('report their closing only when the app asked for it', async () => {
    const silent = await open()
    const before = socket.frames.length
    await slack.closeView(rosa, silent.id)
    expect(socket.frames.length).toBe(before)
    const loud = await open({ notify_on_close: true })
    await slack.closeView(rosa, loud.id, true)
    expect(payload()).toMatchObject({ type: 'view_closed', is_cleared: true, view: { id: loud.id } })
  })

  test('that are malformed are refused with a pointer', async () => {
    const answer = await call('views.open', {
      trigger_id: await trigger(),
      view: modal('A title of 25 characters!'),
    })
    expect(answer).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: {
        messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'],
      },
    })
  })
})

describe('buttons and selects', () => {
  test('may be pressed by external people, who may not use commands', async () => {
    const ts = await postButtons()
    expect(await slack.press(eve, { channel: incidents, ts, actionId: 'approve' })).toMatchObject({
      ok: true,
    })
    expect(payload()).toMatchObject({
      type: 'block_actions',
      user: { id: eve, team_id: 'T0VENDOR99' },
      actions: [{ action_id: 'approve', block_id: 'b1', value: 'v1', type: 'button' }],
    })
    expect(await slack.command(eve, incidents, '/firebreak x')).toEqual({ ok: false, error: 'not_a_command' })
  })

  test('that are not on the screen cannot be pressed', async () => {
    const ts = await postButtons()
    await expect(slack.press(rosa, { channel: incidents, ts, actionId: 'nothing' })).rejects.toMatchObject({
      code: 'sandbox.slack-impossible',
    })
    await expect(slack.selectOption(rosa, { channel: incidents, ts, actionId: 'pick' }, 'z')).rejects.toThrow(
      /no option/,
    )
    await expect(slack.press('U0DAN00006', { channel: incidents, ts, actionId: 'approve' })).rejects.toThrow(
      /deactivated/,
    )
  })

  test('carry what has been chosen on the message so far', async () => {
    const ts = await postButtons()
    await slack.selectOption(rosa, { channel: incidents, ts, actionId: 'pick' }, 'a')
    await slack.press(rosa, { channel: incidents, ts, actionId: 'approve' })
    expect(payload()['state']).toMatchObject({
      values: { b1: { pick: { selected_option: { value: 'a' } } } },
    })
    await slack.press(eve, { channel: incidents, ts, actionId: 'approve' })
    expect(payload()['state']).toMatchObject({ values: { b1: { pick: { selected_option: null } } } })
  })

  test('external selects offer what the app suggests, and only that can be chosen', async () => {
    const element = { type: 'external_select', action_id: 'service', min_query_length: 2 }
    const blocks = [{ type: 'actions', block_id: 'b', elements: [element] }]
    const posted = await call('chat.postMessage', { channel: incidents, text: 'x', blocks })
    const at = { channel: incidents, ts: String(posted['ts']), actionId: 'service' }
    answers['block_suggestion'] = { options: [{ text: plain('EU'), value: 'eu' }] }
    expect(await slack.suggest(rosa, at, 'e')).toEqual([])
    expect(await slack.suggest(rosa, at, 'eu')).toMatchObject([{ value: 'eu' }])
    expect(payload()).toMatchObject({
      type: 'block_suggestion',
      value: 'eu',
      action_id: 'service',
      block_id: 'b',
    })
    expect(await slack.selectOption(rosa, at, 'eu')).toMatchObject({ ok: true })
    await expect(slack.selectOption(rosa, at, 'us')).rejects.toThrow(/no option/)
  })
})

describe('slash commands', () => {
  test('are refused in threads, and the app never hears of it', async () => {
    const parent = slack.say(rosa, incidents, 'parent')
    const before = socket.frames.length
    expect(await slack.command(rosa, incidents, '/firebreak x', parent.ts)).toMatchObject({
      error: 'not_in_threads',
    })
    expect(socket.frames.length).toBe(before)
    expect(slack.ephemerals(rosa)[0]).toMatchObject({
      text: '/firebreak is not supported in threads. Sorry!',
      threadTs: parent.ts,
    })
  })

  test('can have names turned into ids, when the manifest says so', async () => {
    slack.workspace.app.commands = [{ command: '/firebreak', shouldEscape: true }]
    await slack.command(rosa, incidents, '/firebreak ask @chen about #general')
    expect(payload()['text']).toBe('ask <@U0CHEN0003> about <#C0GENERAL1|general>')
  })
})

describe('response URLs', () => {
  test('work five times within thirty minutes', async () => {
    await slack.command(rosa, incidents, '/firebreak x')
    const url = payload()['response_url']
    for (let n = 0; n < 5; n += 1) expect((await useUrl(url, { text: `${n}` })).status).toBe(200)
    expect(await useUrl(url, { text: '6' })).toEqual({
      status: 404,
      body: { ok: false, error: 'expired_url' },
    })
    await slack.command(rosa, incidents, '/firebreak x')
    slack.clock.advance(30 * 60_000 + 1)
    expect((await useUrl(payload()['response_url'], { text: 'late' })).status).toBe(404)
    expect(slack.ephemerals(rosa)).toHaveLength(5)
  })

  test('replace and delete the message they came from, ephemeral ones included', async () => {
    const blocks = [{ type: 'actions', elements: [{ type: 'button', action_id: 'go', text: plain('Go') }] }]
    await call('chat.postEphemeral', { channel: incidents, user: rosa, text: 'choose', blocks })
    const [hidden] = slack.ephemerals(rosa)
    await slack.press(rosa, { channel: incidents, ts: hidden?.ts ?? '', actionId: 'go' })
    expect(payload()).toMatchObject({ container: { is_ephemeral: true } })
    expect(payload()).not.toHaveProperty('message')
    const url = payload()['response_url']
    await useUrl(url, { text: 'chosen', replace_original: true })
    expect(slack.ephemerals(rosa).map((m) => m.text)).toEqual(['chosen'])
    await useUrl(url, { delete_original: true })
    expect(slack.ephemerals(rosa)).toEqual([])
  })
})

function expectKnown(part: unknown, known: Set<string>): void {
  expect(Object.keys(part as Rec).filter((key) => !known.has(key))).toEqual([])
}

const captured = sharedFile('slack/real-payloads.json')

describe.skipIf(captured === undefined)('payloads held against captured ones', () => {
  type Captured = { kinds: Record<string, { payload: Rec }[]> }
  const real = (
    captured === undefined ? { kinds: {} } : JSON.parse(readFileSync(captured, 'utf8'))
  ) as Captured

  /** Keys that some captured payload of the kind has; `where` goes down one level. */
  function keys(kind: string, where?: string): Set<string> {
    const samples = (real.kinds[kind] ?? []).map((sample) => sample.payload)
    return new Set(
      samples.flatMap((p) => Object.keys((where === undefined ? p : (p[where] as Rec | undefined)) ?? {})),
    )
  }

  test('a slash command has the fields of a captured one', async () => {
    await slack.command(rosa, incidents, '/firebreak x')
    const frame = real.kinds['socket/slash_commands']?.[0]?.payload['payload'] as Rec
    const missing = Object.keys(frame).filter((key) => !(key in payload()))
    expect(missing).toEqual([])
    expectKnown(payload(), new Set([...Object.keys(frame), 'is_enterprise_install']))
  })

  test('a pressed button has only known fields', async () => {
    const ts = await postButtons()
    await slack.press(rosa, { channel: incidents, ts, actionId: 'approve' })
    const kind = 'block_actions'
    expectKnown(payload(), keys(kind))
    for (const part of ['team', 'user', 'channel', 'container'])
      expectKnown(payload()[part], keys(kind, part))
    for (const field of ['trigger_id', 'response_url', 'api_app_id', 'token', 'state', 'message']) {
      expect(payload()).toHaveProperty(field)
    }
  })

  test('a submitted and a closed view have only known fields, and the view has all of them', async () => {
    const { id } = await open({ notify_on_close: true })
    await slack.submitView(rosa, id, { why: { text: 'because' } })
    expectKnown(payload(), keys('view_submission'))
    const known = keys('view_submission', 'view')
    expectKnown(payload()['view'], known)
    const view = payload()['view'] as Rec
    expect([...known].filter((key) => !(key in view))).toEqual([])
    const again = await open({ notify_on_close: true })
    await slack.closeView(rosa, again.id)
    expectKnown(payload(), keys('view_closed'))
  })

  test('a suggestion request has only known fields', async () => {
    const element = { type: 'external_select', action_id: 'service', min_query_length: 0 }
    const blocks = [{ type: 'actions', block_id: 'b', elements: [element] }]
    const posted = await call('chat.postMessage', { channel: incidents, text: 'x', blocks })
    await slack.suggest(rosa, { channel: incidents, ts: String(posted['ts']), actionId: 'service' }, 'x')
    expectKnown(
      payload(),
      new Set([...keys('block_suggestion'), 'enterprise', 'is_enterprise_install', 'message']),
    )
  })

  test('a mention is wrapped like a captured event', async () => {
    slack.mention(rosa, incidents, 'hello')
    await slack.waitFor(() => payload()?.['type'] === 'event_callback')
    const frame = real.kinds['socket/events_api']?.[0]?.payload['payload'] as Rec
    expect(Object.keys(frame).filter((key) => !(key in payload()))).toEqual([])
    expect(Object.keys(frame['event'] as Rec).filter((key) => !(key in (payload()['event'] as Rec)))).toEqual(
      [],
    )
  })
})
