import { chmodSync, existsSync, linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { ChallengeAnswer, MAX_BODY } from '../../../src/core/wire.ts'
import { RunAnswer, WatchMessage, WhyAnswer } from '../../../src/core/wire-views.ts'
import { type ControlServer, startControl } from '../../../src/surfaces/api/control.ts'
import { keys } from '../../support/people.ts'
import { createFake, type Fake } from './fake-firebreak.ts'
import { keepLog } from './keep-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'fb-control-'))
const open: ControlServer[] = []
let made = 0
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})
afterAll(() => rmSync(folder, { recursive: true }))

const doctor = () => Promise.resolve([{ name: 'aws main', identity: 'arn:aws:iam::1:user/bot', ok: true }])

async function start(
  socketPath = join(folder, `${++made}.sock`),
): Promise<{ fake: Fake; socketPath: string }> {
  const fake = createFake()
  open.push(await startControl({ app: fake.app, socketPath, version: '1.2.3', doctor, log: keepLog() }))
  return { fake, socketPath }
}

type Answer = { status: number; body: unknown }

async function call(socketPath: string, path: string, body?: string): Promise<Answer> {
  const sent = request({ socketPath, path, method: body === undefined ? 'GET' : 'POST' })
  // A body that is refused early breaks the pipe; the answer comes all the same.
  sent.on('error', () => {})
  sent.end(body)
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, body: JSON.parse(text) }
}

const startBody = (change: object = {}): string =>
  JSON.stringify({
    playbook: 'leaked-key',
    inputs: { accessKeyId: 'AKIA1' },
    mode: 'dry-run',
    user: 'ada',
    ...change,
  })

describe('the control socket', () => {
  test('is for its owner only, whatever the umask is', async () => {
    const before = process.umask(0)
    try {
      const { socketPath } = await start()
      expect(statSync(socketPath).mode & 0o777).toBe(0o600)
      expect(process.umask(0)).toBe(0)
    } finally {
      process.umask(before)
    }
  })

  test('replaces the socket of a dead process', async () => {
    const socketPath = join(folder, 'stale.sock')
    // Bound and dropped without unlinking, as after kill -9: libuv unlinks the name it bound, so that is another one.
    const dead = createServer().listen(join(folder, 'dying.sock'))
    await once(dead, 'listening')
    linkSync(join(folder, 'dying.sock'), socketPath)
    await new Promise((resolve) => dead.close(resolve))
    expect(statSync(socketPath).isSocket()).toBe(true)
    await start(socketPath)
    expect((await call(socketPath, '/v1/playbooks')).status).toBe(200)
  })

  test('refuses to take the place of a live one, which goes on', async () => {
    const { socketPath } = await start()
    await expect(start(socketPath)).rejects.toMatchObject({ code: 'api.socket' })
    expect((await call(socketPath, '/v1/playbooks')).status).toBe(200)
  })

  test('never deletes a file that is no socket', async () => {
    const path = join(folder, 'precious')
    writeFileSync(path, 'data')
    await expect(start(path)).rejects.toMatchObject({ code: 'api.socket' })
    expect(existsSync(path)).toBe(true)
  })

  test('refuses a path longer than a Unix socket can have, and a folder that is missing', async () => {
    await expect(start(join(folder, 'x'.repeat(120)))).rejects.toMatchObject({ code: 'api.socket' })
    await expect(start(join(folder, 'none', 's'))).rejects.toMatchObject({ code: 'api.socket' })
  })

  test('is gone after an orderly stop', async () => {
    const { socketPath } = await start()
    await open.pop()?.close()
    expect(existsSync(socketPath)).toBe(false)
  })

  test.skipIf(process.getuid?.() === 0)('refuses a folder that may not be written', async () => {
    const closed = mkdtempSync(join(folder, 'c'))
    chmodSync(closed, 0o500)
    await expect(start(join(closed, 's'))).rejects.toMatchObject({ code: 'api.socket' })
  })
})

describe('requests', () => {
  test('a start names the local user as requester, and no other account can be claimed', async () => {
    const { fake, socketPath } = await start()
    const { status, body } = await call(socketPath, '/v1/start', startBody({ reason: 'drill' }))
    expect(status).toBe(200)
    const view = RunAnswer.parse(body)
    expect(view.state).toMatchObject({ id: 'r1', mode: 'dry-run', plan: { digest: 'sha256:plan-1' } })
    expect(view.waitingFor).toBeUndefined()
    expect(fake.seen.starts[0]).toEqual({
      playbook: 'leaked-key',
      inputs: { accessKeyId: 'AKIA1' },
      mode: 'dry-run',
      reason: 'drill',
      by: { via: 'os', user: 'ada' },
    })
    const claimed = startBody({ by: { via: 'ssh', fingerprint: 'x' } })
    expect(await call(socketPath, '/v1/start', claimed)).toMatchObject({ status: 400 })
    expect(fake.seen.starts).toHaveLength(1)
  })

  test.each([
    ['no JSON', '{"playbook":', 400, 'api.bad-request'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), 400, 'api.bad-request'],
    ['a real run, which needs a signature', startBody({ mode: 'run' }), 400, 'api.bad-request'],
    ['another mode', startBody({ mode: 'force' }), 400, 'api.bad-request'],
    ['no mode', startBody({ mode: undefined }), 400, 'api.bad-request'],
    ['no user', startBody({ user: '' }), 400, 'api.bad-request'],
    ['an unknown key', startBody({ approve: true }), 400, 'api.bad-request'],
    ['an unknown playbook', startBody({ playbook: 'nope' }), 404, 'playbook.unknown'],
    ['a body over 1 MiB', startBody({ reason: 'x'.repeat(MAX_BODY) }), 413, 'api.too-large'],
  ])('a start with %s is refused', async (...[, body, status, code]) => {
    const { fake, socketPath } = await start()
    expect(await call(socketPath, '/v1/start', body)).toMatchObject({ status, body: { error: { code } } })
    expect(fake.seen.starts.filter(({ playbook }) => playbook === 'leaked-key')).toEqual([])
  })

  test.each([
    ['/v1/runs/nope', 404, 'run.unknown'],
    ['/v1/runs/nope/facts', 404, 'run.unknown'],
    ['/v1/runs/nope/watch', 404, 'run.unknown'],
    ['/v1/why/nope', 404, 'why.unknown'],
    ['/v1/playbooks/nope', 404, 'playbook.unknown'],
    ['/v1/runs?limit=0', 400, 'api.bad-request'],
    ['/v1/runs?limit=ten', 400, 'api.bad-request'],
    ['/v1/log?from=-1', 400, 'api.bad-request'],
    ['/v1/nothing', 404, 'api.not-found'],
  ])('%s is %i %s', async (path, status, code) => {
    const { socketPath } = await start()
    expect(await call(socketPath, path)).toMatchObject({ status, body: { error: { code } } })
  })

  test('an export goes to an absolute folder only', async () => {
    const { socketPath } = await start()
    const post = (folder: string) => call(socketPath, '/v1/audit/export', JSON.stringify({ folder }))
    expect(await post('here')).toMatchObject({ status: 400 })
    expect(await post('/out')).toMatchObject({ status: 200, body: { checkpoint: 'to /out' } })
  })

  test('there is no address that acts or decides without a signature', async () => {
    const { fake, socketPath } = await start()
    fake.begin()
    for (const path of [
      'run',
      'runs',
      'decide',
      'approve',
      'cancel',
      'undo',
      'freeze',
      'thaw',
      'withdraw',
      'break-glass',
      'review',
      'runs/r1/approve',
      'runs/r1/break-glass',
      'runs/r1/review',
      'runs/r1/cancel',
    ])
      expect(await call(socketPath, `/v1/${path}`, '{}')).toMatchObject({ status: 404 })
  })

  test('a challenge and a signature reach the app as they are', async () => {
    const { fake, socketPath } = await start()
    fake.begin()
    fake.answers.signed = () => ({ kind: 'counted', still: ['1 more approver'] })
    const ask = await call(socketPath, '/v1/challenge', '{"kind":"approve","run":"r1"}')
    expect(ask).toMatchObject({ status: 200 })
    const signed = { message: 'm', signature: 's' }
    expect((await call(socketPath, '/v1/signed', JSON.stringify(signed))).body).toEqual({
      kind: 'counted',
      still: ['1 more approver'],
    })
    expect(fake.seen.signed).toEqual([signed])
  })

  test('a reason is in the text to sign, and none is taken beside the signature', async () => {
    const { fake, socketPath } = await start()
    const asked = JSON.stringify({ kind: 'freeze', reason: 'drill' })
    const { body } = await call(socketPath, '/v1/challenge', asked)
    const said: unknown = JSON.parse(ChallengeAnswer.parse(body).message)
    expect(said).toMatchObject({ decision: 'freeze', reason: 'drill' })
    const beside = JSON.stringify({ message: 'm', signature: 's', reason: 'another' })
    expect(await call(socketPath, '/v1/signed', beside)).toMatchObject({ status: 400 })
    expect(fake.seen.signed).toEqual([])
  })

  test('a run is signed with its playbook and all of its inputs, however long', async () => {
    const { fake, socketPath } = await start()
    const inputs = { accessKeyId: 'AKIA1', note: 'x'.repeat(100_000) }
    const asked = JSON.stringify({ kind: 'run', playbook: 'leaked-key', inputs })
    const { message } = ChallengeAnswer.parse((await call(socketPath, '/v1/challenge', asked)).body)
    expect(JSON.parse(message)).toMatchObject({ decision: 'run', playbook: 'leaked-key', inputs })
    const signed = JSON.stringify({ message, signature: keys.rita.sign(message) })
    expect((await call(socketPath, '/v1/signed', signed)).body).toEqual({ kind: 'done', run: 'r1' })
    const by = { via: 'ssh', fingerprint: keys.rita.fingerprint }
    expect(fake.seen.starts).toEqual([{ playbook: 'leaked-key', inputs, mode: 'run', by }])
  })

  test.each([
    '{"kind":"approve"}',
    '{"kind":"freeze","run":"r1"}',
    '{"kind":"delete","run":"r1"}',
    '{"kind":"run","run":"r1"}',
    '{"kind":"run","playbook":"leaked-key"}',
    '{"kind":"run","inputs":{}}',
    '{"kind":"run","playbook":"leaked-key","inputs":{},"mode":"run"}',
    '{"kind":"approve","run":"r1","reason":7}',
  ])('a challenge of %s is refused', async (body) => {
    const { fake, socketPath } = await start()
    fake.begin()
    expect(await call(socketPath, '/v1/challenge', body)).toMatchObject({
      status: 400,
      body: { error: { code: 'api.bad-request' } },
    })
  })

  test('why finds a run, an alert and an approval request by id', async () => {
    const { fake, socketPath } = await start()
    fake.begin()
    const data = {
      source: 'am',
      fingerprint: 'f9',
      status: 'firing',
      name: 'GPU',
      labels: {},
      decision: 'ignore' as const,
      reason: 'no route matches',
      body: 'sha256:x',
    }
    fake.commit({ type: 'alert.decided', actor: { kind: 'system' }, data })
    const ask = async (id: string) => WhyAnswer.parse((await call(socketPath, `/v1/why/${id}`)).body)
    expect((await ask('r1')).run?.state.id).toBe('r1')
    expect(await ask('f9')).toMatchObject({ run: null, facts: [{ type: 'alert.decided' }] })
    expect((await ask('q2')).run?.state.id).toBe('r1')
  })

  test('doctor names each part with its identity', async () => {
    const { socketPath } = await start()
    const { body } = await call(socketPath, '/v1/doctor')
    expect(body).toEqual({
      version: '1.2.3',
      parts: [{ name: 'aws main', identity: 'arn:aws:iam::1:user/bot', ok: true }],
    })
  })
})

async function watch(socketPath: string, path: string): Promise<AsyncGenerator<WatchMessage>> {
  const sent = request({ socketPath, path })
  sent.end()
  const [response] = await once(sent, 'response')
  return (async function* () {
    let text = ''
    for await (const chunk of response) {
      text += String(chunk)
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 2)
        if (data !== undefined) yield WatchMessage.parse(JSON.parse(data))
      }
    }
  })()
}

describe('watching a run', () => {
  // Well below the heartbeat, which would also send what the bell should have.
  const soon = { timeout: 5_000 }

  test('tells what was, then what happens, each fact once and in order, to the end', soon, async () => {
    const { fake, socketPath } = await start()
    fake.begin()
    const types: string[] = []
    let status = ''
    for await (const message of await watch(socketPath, '/v1/runs/r1/watch')) {
      types.push(...message.facts.map(({ type }) => type))
      status = message.view.state.status
      if (status === 'awaiting-approval') fake.finish('r1')
    }
    expect(status).toBe('succeeded')
    expect(types).toEqual([
      'run.requested',
      'run.planned',
      'approval.requested',
      'approval.satisfied',
      'step.succeeded',
      'run.succeeded',
    ])
  })

  test('goes on after a place in the log', async () => {
    const { fake, socketPath } = await start()
    fake.begin()
    fake.finish('r1')
    const facts: number[] = []
    for await (const message of await watch(socketPath, '/v1/runs/r1/watch?after=3'))
      facts.push(...message.facts.map(({ seq }) => seq))
    expect(facts).toEqual([4, 5])
    // All facts of a run can be had this way: that is on record.
    expect(fake.seen.accesses).toMatchObject([{ what: 'runs watch r1', by: { via: 'os' } }])
  })

  test('ends at once when the bot stops', async () => {
    const { fake, socketPath } = await start()
    fake.begin()
    const began = performance.now()
    for await (const message of await watch(socketPath, '/v1/runs/r1/watch')) {
      expect(message.view.state.status).toBe('awaiting-approval')
      await open.pop()?.close()
    }
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})
