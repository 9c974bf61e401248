import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { FirebreakError } from '../../../src/core/errors.ts'
import { Secret } from '../../../src/core/secret.ts'
import { AlertsAnswer, ErrorAnswer, MAX_BODY } from '../../../src/core/wire.ts'
import { type HttpOptions, type HttpServer, startHttp } from '../../../src/surfaces/api/http.ts'
import { createFake, type Fake } from './fake-firebreak.ts'
import { keepLog } from './keep-log.ts'

const TOKEN = 'canary-7f3a'
const open: HttpServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function start(change: Partial<HttpOptions> = {}): Promise<{
  fake: Fake
  server: HttpServer
  log: ReturnType<typeof keepLog>
  post: (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Record<string, string>,
  ) => Promise<Response>
}> {
  const fake = createFake()
  const log = keepLog()
  const server = await startHttp({
    app: fake.app,
    host: '127.0.0.1',
    port: 0,
    sources: { alertmanager: { token: new Secret(TOKEN) }, open: {} },
    version: '1.2.3',
    health: () => ({ ready: true, parts: { store: 'ready' } }),
    log,
    ...change,
  })
  open.push(server)
  const post: Awaited<ReturnType<typeof start>>['post'] = (path, body, headers) =>
    fetch(server.url + path, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    })
  return { fake, server, log, post }
}

async function refusal(response: Response): Promise<{ status: number; code: string; remedy: string }> {
  const { error } = ErrorAnswer.parse(await response.json())
  expect(error.remedy).not.toBe('')
  return { status: response.status, code: error.code, remedy: error.remedy }
}

function storeFails(): never {
  throw new FirebreakError('store.unavailable', 'the disk is full', { remedy: 'Free disk space.' })
}

describe('an alert webhook', () => {
  test('answers with the decision about each alert, after the app has decided', async () => {
    const { fake, post } = await start()
    fake.answers.alert = () => [{ fingerprint: 'f1', decision: 'auto', reason: 'route gpu', run: 'r1' }]
    const response = await post('/alerts/alertmanager', '{"alerts":[]}')
    expect(response.status).toBe(200)
    const { outcomes } = AlertsAnswer.parse(await response.json())
    expect(outcomes).toEqual([{ fingerprint: 'f1', decision: 'auto', reason: 'route gpu', run: 'r1' }])
    expect(fake.seen.alerts).toEqual([{ source: 'alertmanager', body: '{"alerts":[]}' }])
  })

  test('an unknown source is 404, names of Object.prototype included', async () => {
    const { fake, post } = await start()
    for (const source of ['grafana', '__proto__', 'constructor', 'toString']) {
      const answer = await refusal(await post(`/alerts/${source}`, '{}'))
      expect(answer).toMatchObject({ status: 404, code: 'alert.unknown-source' })
    }
    expect(fake.seen.alerts).toEqual([])
  })

  test('a missing or wrong token is 401, and nothing reaches the app', async () => {
    const { fake, post } = await start()
    for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, TOKEN]) {
      const response = await post('/alerts/alertmanager', '{}', { authorization })
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(await refusal(response)).toMatchObject({ status: 401, code: 'alert.unauthorised' })
    }
    expect(fake.seen.alerts).toEqual([])
  })

  test('the scheme of the token may be written in any case', async () => {
    const { post } = await start()
    const response = await post('/alerts/alertmanager', '{}', { authorization: `bearer ${TOKEN}` })
    expect(response.status).toBe(200)
  })

  test('a source without a token needs none', async () => {
    const { fake, post } = await start()
    expect((await post('/alerts/open', '{}', { authorization: '' })).status).toBe(200)
    expect(fake.seen.alerts).toHaveLength(1)
  })

  test('a body of exactly 1 MiB is taken, one byte more is 413', async () => {
    const { fake, post } = await start()
    expect((await post('/alerts/open', ' '.repeat(MAX_BODY))).status).toBe(200)
    const answer = await refusal(await post('/alerts/open', ' '.repeat(MAX_BODY + 1)))
    expect(answer).toMatchObject({ status: 413, code: 'api.too-large' })
    expect(fake.seen.alerts.map(({ body }) => body.length)).toEqual([MAX_BODY])
  })

  test('a body without a declared length is cut off at 1 MiB too', async () => {
    const { fake, server, post } = await start()
    const socket = connect(server.port, '127.0.0.1')
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    socket.write('POST /alerts/open HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    socket.on('error', () => {})
    for (let sent = 0; sent < 20; sent++) socket.write(chunk)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('413')
    socket.destroy()
    expect(fake.seen.alerts).toEqual([])
    expect((await post('/alerts/open', '{}')).status).toBe(200)
  })

  test('a body that the app cannot read is 400 with its code', async () => {
    const { fake, post } = await start()
    fake.answers.alert = () => {
      throw new FirebreakError('alert.unreadable', 'not JSON', { remedy: 'Send JSON.' })
    }
    const answer = await refusal(await post('/alerts/open', '{"alerts":'))
    expect(answer).toMatchObject({ status: 400, code: 'alert.unreadable' })
  })

  test('a store that cannot commit is 503, so that the sender tries again', async () => {
    const { fake, post } = await start()
    fake.answers.alert = storeFails
    const response = await post('/alerts/open', '{}')
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await refusal(response)).toMatchObject({ status: 503, code: 'store.unavailable' })
  })

  test('an unforeseen error is 500, logged in full and told without its text', async () => {
    const { fake, post, log } = await start()
    fake.answers.alert = () => {
      throw new Error('canary-db-password')
    }
    const response = await post('/alerts/open', '{}')
    const body = await response.text()
    expect(response.status).toBe(500)
    expect(body).toContain('internal.unexpected')
    expect(body).not.toContain('canary')
    expect(log.entries.at(-1)).toMatchObject({ level: 'error' })
  })

  test('another method is 405 and says which one to use', async () => {
    const { server } = await start()
    const response = await fetch(`${server.url}/alerts/open`)
    expect(response.headers.get('allow')).toBe('POST')
    expect(await refusal(response)).toMatchObject({ status: 405, code: 'api.method' })
  })

  test('the token never shows in the log', async () => {
    const { post, log } = await start()
    await post('/alerts/alertmanager', '{}')
    await post('/alerts/alertmanager', '{}', { authorization: 'Bearer wrong' })
    expect(JSON.stringify(log.entries)).not.toContain(TOKEN)
  })
})

describe('probes', () => {
  test('healthz says that the process lives', async () => {
    const { server } = await start()
    const response = await fetch(`${server.url}/healthz`)
    expect(await response.json()).toEqual({ status: 'alive', version: '1.2.3' })
  })

  test('readyz is 503 with the reason while a part is not ready', async () => {
    let ready = false
    const parts = (): Record<string, string> => ({ store: 'ready', slack: ready ? 'ready' : 'connecting' })
    const { server } = await start({ health: () => ({ ready, parts: parts() }) })
    const before = await fetch(`${server.url}/readyz`)
    expect(before.status).toBe(503)
    expect(await before.json()).toMatchObject({ ready: false, parts: { slack: 'connecting' } })
    ready = true
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  })

  test('an unknown path is a coded 404', async () => {
    const { server } = await start()
    expect(await refusal(await fetch(`${server.url}/metrix`))).toMatchObject({
      status: 404,
      code: 'api.not-found',
    })
  })
})

describe('hostile connections', () => {
  const patience = { headersMs: 200, requestMs: 400 }

  test('headers that do not end are answered 408 and hung up, long before a slow body would be', async () => {
    const { server } = await start({ patience: { ...patience, requestMs: 60_000 } })
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST /alerts/open HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('408')
    await once(socket, 'close')
  })

  test('a body that is declared too large is refused before any of it is sent', async () => {
    const { server } = await start()
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`POST /alerts/open HTTP/1.1\r\nHost: x\r\nContent-Length: ${MAX_BODY + 1}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('413')
    socket.destroy()
  })

  test('a body that does not end is answered 408 and never reaches the app', async () => {
    const { fake, server } = await start({ patience })
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST /alerts/open HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('408')
    expect(fake.seen.alerts).toEqual([])
    socket.destroy()
  })

  test('a client that hangs up in mid-body leaves the server alive', async () => {
    const { fake, server, post, log } = await start()
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST /alerts/open HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
    await once(socket, 'ready')
    socket.destroy()
    await once(socket, 'close')
    expect((await post('/alerts/open', '{}')).status).toBe(200)
    expect(fake.seen.alerts).toHaveLength(1)
    expect(log.entries.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('bytes that are no HTTP are answered 400', async () => {
    const { server } = await start()
    const socket = connect(server.port, '127.0.0.1')
    socket.write('\u0016\u0003\u0001hello\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('400')
    socket.destroy()
  })
})

test('a port that is taken is a coded error', async () => {
  const { server } = await start()
  await expect(start({ port: server.port })).rejects.toMatchObject({ code: 'api.listen' })
})
