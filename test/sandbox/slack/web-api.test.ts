import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { demoWorkspace, startSlack } from '../../../src/sandbox/slack/server.ts'
import { methods } from '../../../src/sandbox/slack/web-api.ts'
import { sharedFile } from './shared.ts'

type Answer = Record<string, unknown> & { ok: boolean; error?: string }

let slack: SlackSandbox
const incidents = 'C0INCIDENT'
const rosa = 'U0ROSA0001'

beforeEach(async () => {
  const workspace = demoWorkspace()
  workspace.channels.push(
    { id: 'C0ARCHIVED', name: 'old', members: [rosa, workspace.app.userId], archived: true },
    { id: 'C0PRIVATE1', name: 'secret', members: [rosa], private: true },
    { id: 'C0OUTSIDE1', name: 'elsewhere', members: [rosa] },
  )
  slack = await startSlack({ workspace })
})

afterEach(async () => {
  await slack.close()
})

async function call(
  method: string,
  args: Record<string, unknown> = {},
  token = slack.botToken,
): Promise<Answer> {
  const form = Object.entries(args).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const response = await fetch(slack.apiUrl + method, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams(Object.fromEntries(form) as Record<string, string>),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as Answer
}

async function post(text: string, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await call('chat.postMessage', { channel: incidents, text, ...more })
  expect(answer).toMatchObject({ ok: true })
  return String(answer['ts'])
}

async function sendBody(contentType: string | undefined, body: string | FormData): Promise<unknown> {
  const headers = { authorization: `Bearer ${slack.botToken}` }
  const typed = contentType === undefined ? headers : { ...headers, 'content-type': contentType }
  const response = await fetch(`${slack.apiUrl}api.test?a=1`, { method: 'POST', headers: typed, body })
  return await response.json()
}

async function send(args: object): Promise<Answer> {
  return await call('chat.postMessage', { channel: incidents, ...args })
}

async function user(id: string): Promise<unknown> {
  return (await call('users.info', { user: id }))['user']
}

function texts(answer: Answer): string[] {
  return (answer['messages'] as { text: string }[]).map((m) => m.text)
}

const published = sharedFile('slack/web-api-methods.json')

describe.skipIf(published === undefined)('held against the published method reference', () => {
  type Reference = {
    methods: Record<
      string,
      { scope: { bot?: string[] }; args: { required?: string[]; properties?: object }; errors: object }
    >
    errors_common: Record<string, string>
  }
  const reference = (published === undefined ? {} : JSON.parse(readFileSync(published, 'utf8'))) as Reference

  test.each(Object.keys(methods))('%s exists and asks for the documented arguments and scopes', (name) => {
    const documented = reference.methods[name]
    const served = methods[name]
    const required = (documented?.args.required ?? []).filter((argument) => argument !== 'token')
    expect([...(served?.required ?? [])].sort()).toEqual(required.sort())
    const scopes = documented?.scope.bot ?? []
    expect(
      (served?.scopes ?? []).filter((scope) => !scopes.includes(scope) && scope !== 'mpim:read'),
    ).toEqual([])
    expect(served?.scopes.length === 0).toBe(scopes.length === 0)
  })

  test('every error a method was seen to answer in these tests is documented for it or common to all', async () => {
    const tried: [string, Record<string, unknown>][] = [
      ['chat.postMessage', { channel: 'C0NOWHERE0', text: 'x' }],
      ['chat.postMessage', { channel: incidents }],
      ['chat.postMessage', { channel: 'C0ARCHIVED', text: 'x' }],
      ['chat.postMessage', { channel: incidents, blocks: '{' }],
      ['chat.postEphemeral', { channel: incidents, user: 'U0DAN00006', text: 'x' }],
      ['chat.update', { channel: incidents, ts: '1.000001', text: 'x' }],
      ['chat.delete', { channel: incidents, ts: '1.000001' }],
      ['chat.getPermalink', { channel: incidents, message_ts: '1.000001' }],
      ['conversations.info', { channel: 'C0PRIVATE1' }],
      ['conversations.create', { name: 'incidents' }],
      ['conversations.create', { name: 'Not Allowed' }],
      ['conversations.invite', { channel: incidents, users: rosa }],
      ['conversations.archive', { channel: 'C0GENERAL1' }],
      ['conversations.history', { channel: 'C0OUTSIDE1' }],
      ['conversations.replies', { channel: incidents, ts: '1.000001' }],
      ['conversations.open', { users: 'U0DAN00006' }],
      ['users.info', { user: 'U0NOBODY00' }],
      ['users.lookupByEmail', { email: 'nobody@example.com' }],
      ['usergroups.users.list', { usergroup: 'S0NOTHING1' }],
      [
        'views.open',
        {
          trigger_id: '1.2.x',
          view: { type: 'modal', title: { type: 'plain_text', text: 'x' }, blocks: [] },
        },
      ],
      [
        'views.update',
        {
          view_id: 'V0NOTHING1',
          view: { type: 'modal', title: { type: 'plain_text', text: 'x' }, blocks: [] },
        },
      ],
      ['reactions.add', { channel: incidents, timestamp: '1.000001', name: 'eyes' }],
      ['pins.add', { channel: incidents, timestamp: '1.000001' }],
      ['files.info', { file: 'F0NOTHING1' }],
      ['files.completeUploadExternal', { files: [{ id: 'F0NOTHING1' }] }],
    ]
    for (const [method, args] of tried) {
      const answer = await call(method, args)
      expect(answer.ok, method).toBe(false)
      const known = { ...reference.errors_common, ...reference.methods[method]?.errors }
      expect(Object.keys(known), `${method} ${answer.error}`).toContain(answer.error)
    }
  })
})

describe('tokens, scopes and bodies', () => {
  test('unknown methods, missing, wrong and unfitting tokens are refused by name', async () => {
    expect(await call('chat.meMessage')).toMatchObject({ ok: false, error: 'unknown_method' })
    expect(await call('auth.test', {}, 'xoxb-wrong')).toMatchObject({ error: 'invalid_auth' })
    expect(await call('auth.test', {}, slack.appToken)).toMatchObject({ error: 'not_allowed_token_type' })
    expect(await call('apps.connections.open')).toMatchObject({ error: 'not_allowed_token_type' })
    const bare = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' })
    expect(await bare.json()).toEqual({ ok: false, error: 'not_authed' })
  })

  test('a scope that was not granted is named', async () => {
    const { app } = slack.workspace
    app.scopes = app.scopes.filter((scope) => scope !== 'usergroups:read')
    expect(await call('usergroups.list')).toMatchObject({ error: 'missing_scope', needed: 'usergroups:read' })
  })

  test('JSON, multipart and the query string are understood like a form; other bodies are not', async () => {
    const form = new FormData()
    form.set('foo', 'bar')
    expect(await sendBody('application/json', '{"foo":"bar"}')).toEqual({
      ok: true,
      args: { a: '1', foo: 'bar' },
    })
    expect(await sendBody(undefined, form)).toEqual({ ok: true, args: { a: '1', foo: 'bar' } })
    expect(await sendBody('application/json', '{')).toEqual({ ok: false, error: 'invalid_json' })
    expect(await sendBody('application/xml', '<a/>')).toEqual({ ok: false, error: 'invalid_post_type' })
  })
})

describe('messages', () => {
  test('come back normalised: with a block id, emoji and verbatim', async () => {
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*hi*' } }]
    const answer = await call('chat.postMessage', { channel: incidents, text: 'hi', blocks })
    expect(answer['message']).toMatchObject({
      blocks: [
        {
          block_id: expect.stringMatching(/^.{5}$/),
          text: { type: 'mrkdwn', text: '*hi*', verbatim: false },
        },
      ],
      bot_id: slack.workspace.app.botId,
    })
  })

  test('with a thread_ts that names nothing are posted at top level, silently', async () => {
    const ts = await post('lost', { thread_ts: '1700000000.000001' })
    expect(slack.messages(incidents).find((m) => m.ts === ts)?.threadTs).toBeUndefined()
  })

  test('answering an answer join the thread of its parent', async () => {
    const parent = await post('parent')
    const first = await post('first', { thread_ts: parent })
    await post('second', { thread_ts: first })
    expect(slack.thread(incidents, parent).map((m) => m.text)).toEqual(['first', 'second'])
  })

  test('carry metadata that history shows only on request and with the scope', async () => {
    await post('marked', { metadata: { event_type: 'run', event_payload: { id: 'r-1' } } })
    const history = async (include: boolean) => {
      const answer = await call('conversations.history', {
        channel: incidents,
        include_all_metadata: include,
      })
      return (answer['messages'] as Record<string, unknown>[])[0]?.['metadata']
    }
    expect(await history(true)).toEqual({ event_type: 'run', event_payload: { id: 'r-1' } })
    expect(await history(false)).toBeUndefined()
    slack.workspace.app.scopes = slack.workspace.app.scopes.filter(
      (scope) => scope !== 'metadata.message:read',
    )
    expect(await history(true)).toBeUndefined()
    const bad = await call('chat.postMessage', {
      channel: incidents,
      text: 'x',
      metadata: { event_type: 'run' },
    })
    expect(bad.error).toBe('invalid_metadata_schema')
  })

  test('lose their blocks to an edit that has only text, and keep the edit mark off an edit with blocks', async () => {
    const blocks = [{ type: 'divider' }]
    const ts = await post('run', { blocks })
    const withBlocks = await call('chat.update', { channel: incidents, ts, text: 'run 2', blocks })
    expect(withBlocks['message']).not.toHaveProperty('edited')
    const textOnly = await call('chat.update', { channel: incidents, ts, text: 'run 3' })
    expect(textOnly['message']).toHaveProperty('edited')
    expect(textOnly['message']).not.toHaveProperty('blocks')
  })

  test('cannot be edited when too long, too old, somebody else’s, ephemeral, or in an archived channel', async () => {
    const ts = await post('run')
    const edit = async (args: object) =>
      (await call('chat.update', { channel: incidents, ts, text: 'x', ...args })).error
    expect(await edit({ text: 'x'.repeat(4001) })).toBe('msg_too_long')
    expect(await edit({ ts: slack.say(rosa, incidents, 'mine').ts })).toBe('cant_update_message')
    const hidden = await call('chat.postEphemeral', { channel: incidents, user: rosa, text: 'psst' })
    expect(await edit({ ts: hidden['message_ts'] })).toBe('message_not_found')
    slack.faults.editWindow = 60_000
    expect(await edit({})).toBeUndefined()
    slack.clock.advance(60_001)
    expect(await edit({})).toBe('edit_window_closed')
    slack.faults.editWindow = undefined
    const made = (await call('conversations.create', { name: 'inc-1' }))['channel'] as { id: string }
    const old = await call('chat.postMessage', { channel: made.id, text: 'x' })
    await call('conversations.archive', { channel: made.id })
    expect(await edit({ channel: made.id, ts: old['ts'] })).toBe('is_inactive')
    expect((await call('chat.postMessage', { channel: made.id, text: 'x' })).error).toBe('is_archived')
  })

  test('deleted under a thread leave a tombstone', async () => {
    const parent = await post('parent')
    await post('answer', { thread_ts: parent })
    await call('chat.delete', { channel: incidents, ts: parent })
    expect(slack.messages(incidents).map((m) => m.text)).toEqual(['This message was deleted.', 'answer'])
  })

  test('are paged newest first, and replies oldest first after their parent', async () => {
    const parent = await post('0')
    for (const text of ['1', '2', '3']) await post(text)
    for (const text of ['a', 'b', 'c']) await post(text, { thread_ts: parent })
    const first = await call('conversations.history', { channel: incidents, limit: '3' })
    expect(texts(first)).toEqual(['3', '2', '1'])
    const cursor = (first['response_metadata'] as { next_cursor: string }).next_cursor
    const second = await call('conversations.history', { channel: incidents, limit: '3', cursor })
    expect([texts(second), second['has_more']]).toEqual([['0'], false])
    expect(texts(await call('conversations.replies', { channel: incidents, ts: parent }))).toEqual([
      '0',
      'a',
      'b',
      'c',
    ])
  })

  test('with no text and no blocks, or with too much of either, are refused in Slack’s words', async () => {
    expect((await send({})).error).toBe('no_text')
    const long = await send({
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }],
    })
    expect(long).toMatchObject({
      error: 'invalid_blocks',
      errors: [
        'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
        'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
      ],
    })
    const many = await send({ blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) })
    expect(many['errors']).toEqual(['no more than 50 items allowed [json-pointer:/blocks]'])
    const heavy = Array.from({ length: 6 }, () => ({
      type: 'section',
      text: { type: 'mrkdwn', text: 'x'.repeat(2900) },
    }))
    expect((await send({ blocks: heavy })).error).toBe('msg_blocks_too_long')
    expect((await send({ text: 'x', markdown_text: 'y' })).error).toBe('markdown_text_conflict')
    const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'x' }]] }
    expect((await send({ blocks: [table, table] })).error).toBe('invalid_attachments')
  })
})

describe('people and groups', () => {
  test('guests, external and deactivated people are recognised by users.info alone', async () => {
    expect(await user('U0GUS00004')).toMatchObject({ is_restricted: true, team_id: 'T0SANDBOX1' })
    expect(await user('U0EVE00005')).toMatchObject({ team_id: 'T0VENDOR99', is_stranger: false })
    expect(await user('U0DAN00006')).toMatchObject({ deleted: true })
  })

  test('user groups need a paid plan', async () => {
    expect(await call('usergroups.users.list', { usergroup: 'S0APPROVE1' })).toMatchObject({
      users: ['U0AMIR0002', 'U0CHEN0003'],
    })
    slack.workspace.plan = 'free'
    expect((await call('usergroups.list')).error).toBe('plan_upgrade_required')
  })
})

describe('channels and files', () => {
  test('private channels stay unknown to the app until it is a member, public ones need chat:write.public', async () => {
    expect((await call('conversations.info', { channel: 'C0PRIVATE1' })).error).toBe('channel_not_found')
    expect((await call('chat.postMessage', { channel: 'C0PRIVATE1', text: 'x' })).error).toBe(
      'channel_not_found',
    )
    expect((await call('chat.postMessage', { channel: 'C0OUTSIDE1', text: 'x' })).ok).toBe(true)
    slack.workspace.app.scopes = slack.workspace.app.scopes.filter((scope) => scope !== 'chat:write.public')
    expect((await call('chat.postMessage', { channel: 'C0OUTSIDE1', text: 'x' })).error).toBe(
      'not_in_channel',
    )
    await call('conversations.join', { channel: 'C0OUTSIDE1' })
    expect((await call('chat.postMessage', { channel: 'C0OUTSIDE1', text: 'x' })).ok).toBe(true)
  })

  test('a file goes up in three calls and lands in its thread', async () => {
    const parent = await post('run')
    const bolt = await import('@slack/web-api')
    const client = new bolt.WebClient(slack.botToken, { slackApiUrl: slack.apiUrl })
    await client.files.uploadV2({
      channel_id: incidents,
      thread_ts: parent,
      file: Buffer.from('step output'),
      filename: 'output.txt',
    })
    expect(slack.thread(incidents, parent)[0]?.files).toMatchObject([{ name: 'output.txt', size: 11 }])
    const [file] = slack.thread(incidents, parent)[0]?.files ?? []
    expect(await (await fetch(String(file?.['url_private']))).text()).toBe('step output')
  })
})

describe('faults', () => {
  test('429 hits one method, with Retry-After, and leaves the others alone', async () => {
    slack.faults.plan('chat.update', { kind: 'rate-limit', retryAfter: 7 })
    const limited = await fetch(`${slack.apiUrl}chat.update`, { method: 'POST' })
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    expect((await call('auth.test')).ok).toBe(true)
    expect((await call('chat.update', { channel: incidents, ts: '1.1', text: 'x' })).error).toBe(
      'message_not_found',
    )
  })

  test('a lost response has taken effect, a status and an error have not', async () => {
    slack.faults.plan('chat.postMessage', { kind: 'lose-response' })
    await expect(call('chat.postMessage', { channel: incidents, text: 'there' })).rejects.toThrow()
    slack.faults.plan('chat.postMessage', { kind: 'status', status: 503 })
    slack.faults.plan('chat.postMessage', { kind: 'error', error: 'fatal_error' })
    const refused = await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST' })
    expect(refused.status).toBe(503)
    expect((await call('chat.postMessage', { channel: incidents, text: 'not there' })).error).toBe(
      'fatal_error',
    )
    expect(slack.messages(incidents).map((m) => m.text)).toEqual(['there'])
  })

  test('a hanging call is never answered', async () => {
    slack.faults.plan('chat.postMessage', { kind: 'hang' })
    const signal = AbortSignal.timeout(60)
    const url = `${slack.apiUrl}chat.postMessage?token=${slack.botToken}&channel=${incidents}&text=x`
    const hanging = fetch(url, { method: 'POST', signal })
    await expect(hanging).rejects.toThrow(/abort|timeout/i)
    expect(slack.messages(incidents)).toEqual([])
  })
})
