import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FactAnswer } from '../../../src/core/wire-views.ts'
import { createCli, createCliWithBot } from './cli.ts'

describe('without a bot', () => {
  test('a client command names the socket, says how to start one, and exits 1', async () => {
    const { run, folder } = createCli()
    const { code, out, err } = await run('runs')
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toContain('error api.not-running')
    expect(err).toContain(join(folder, 'state', 'control.sock'))
    expect(err).toContain('firebreak serve')
  })

  test('the state folder is --state, else FIREBREAK_STATE, else the default', async () => {
    const { run, folder } = createCli({ io: { env: { FIREBREAK_STATE: 'from-env' } } })
    expect((await run('doctor')).err).toContain(join(folder, 'from-env'))
    expect((await run('doctor', '--state', '/elsewhere')).err).toContain('/elsewhere/control.sock')
  })

  test('a file in the place of the socket is the same answer', async () => {
    const { run, folder } = createCli({ io: { env: { FIREBREAK_STATE: '.' } } })
    writeFileSync(join(folder, 'control.sock'), '')
    expect((await run('runs')).err).toContain('error api.not-running')
  })

  test('with --json the error is a document on standard output too', async () => {
    const { run } = createCli()
    const { code, out } = await run('doctor', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'api.not-running' } })
  })
})

describe('a peer that is no Firebreak of this version', () => {
  test.each([
    ['text', 200, 'hello'],
    ['another shape', 200, '{"runs":[]}'],
    ['an error without a code', 500, '{}'],
    ['a code that is not known here', 400, '{"error":{"code":"new.thing","message":"m","remedy":"r"}}'],
  ])('that answers %s is reported as such', async (...[, status, body]) => {
    const { run, folder } = createCli({ io: { env: { FIREBREAK_STATE: '.' } } })
    const server = createServer((_, response) => response.writeHead(status).end(body))
    await new Promise<void>((resolve) => server.listen(join(folder, 'control.sock'), resolve))
    onTestFinished(() => void server.close())
    const { code, err } = await run('runs')
    expect(err).toContain('error api.bad-answer')
    expect(code).toBe(1)
  })
})

describe('plan', () => {
  test('plan sends a dry run with the inputs and the local user, and prints before → after', async () => {
    const { run, fake } = await createCliWithBot()
    const { code, out } = await run(
      'plan',
      'leaked-key',
      '-i',
      'accessKeyId=AKIA=1',
      '-i',
      'secretIds=a',
      '-i',
      'secretIds=b',
      '--reason',
      'why',
    )
    expect(code).toBe(0)
    expect(fake.seen.starts).toEqual([
      {
        playbook: 'leaked-key',
        mode: 'dry-run',
        inputs: { accessKeyId: 'AKIA=1', secretIds: ['a', 'b'] },
        reason: 'why',
        by: { via: 'os', user: 'ada' },
      },
    ])
    expect(out).toMatch(
      /disable +aws\.deactivate-access-key +AKIA1 of ci {3}status: Active → Inactive +predicted/,
    )
    expect(out).not.toContain('user: ci')
    expect(out).toContain('no undo: a leaked key stays off')
    expect(out).toContain('approval: disable needs 1 person of approver within 30 min')
    expect(out).toContain('digest: sha256:plan-1')
  })

  test('an unknown playbook exits 2 with the code and the remedy of the bot', async () => {
    const { run } = await createCliWithBot()
    const { code, err } = await run('plan', 'nope')
    expect(code).toBe(2)
    expect(err).toBe('error playbook.unknown: there is no playbook nope\n  → List the playbooks.\n')
  })

  test.each([['novalue'], ['=x'], ['']])('-i %j is bad usage', async (pair) => {
    const { run, fake } = await createCliWithBot()
    const { code, err } = await run('plan', 'leaked-key', '-i', pair)
    expect(code).toBe(2)
    expect(err).toContain('NAME=VALUE')
    expect(fake.seen.starts).toEqual([])
  })
})

describe('following a run', () => {
  test('a run that failed while it was followed exits 1 with the reason', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    const data = { code: 'aws.denied', message: 'no \u001b]0;title\u0007right', remedy: 'Grant it.' }
    fake.commit({ type: 'run.failed', run: 'r1', actor: { kind: 'system' }, data })
    const { code, out } = await run('runs', 'follow', 'r1')
    expect(code).toBe(1)
    expect(out).toContain('aws.denied: no right')
  })

  test(
    'a run that is parked ends the watching with its reason, and exits 1',
    { timeout: 5_000 },
    async () => {
      const { run, fake } = await createCliWithBot()
      fake.begin()
      const data = { code: 'run.contract', message: 'this version lacks it', remedy: 'Install the other.' }
      fake.commit({ type: 'run.parked', run: 'r1', actor: { kind: 'system' }, data })
      const { code, out } = await run('runs', 'follow', 'r1')
      expect(code).toBe(1)
      expect(out).toContain('run.contract: this version lacks it')
    },
  )
})

describe('reads', () => {
  test('runs lists, shows, and gives the facts', async () => {
    const { run, fake } = await createCliWithBot()
    expect((await run('runs')).out).toBe('no runs\n')
    fake.begin()
    expect((await run('runs')).out).toMatch(/r1 +awaiting-approval +leaked-key +ssh:SHA256:requester/)
    expect((await run('runs', 'list', '--open', '--json')).out).toContain('"r1"')
    const shown = (await run('runs', 'show', 'r1')).out
    expect(shown).toContain('accessKeyId = "AKIA1"')
    expect(shown).toContain('Active → Inactive')
    const facts = JSON.parse((await run('runs', 'show', 'r1', '--facts', '--json')).out) as unknown[]
    expect(facts.map((fact) => FactAnswer.parse(fact).type)).toEqual([
      'run.requested',
      'run.planned',
      'approval.requested',
    ])
  })

  test('show says what a parked run waits for, what was said of it, and what an undo leaves as it is', async () => {
    const { run, fake } = await createCliWithBot()
    const id = fake.begin()
    const actor = {
      kind: 'account',
      account: { via: 'ssh', fingerprint: 'SHA256:x' },
      person: 'ann',
    } as const
    const problem = { code: 'step.in-doubt', message: 'nobody can tell', remedy: 'Look at it.' }
    const of = { run: id, actor } as const
    const until = '2027-01-01T00:00:00.000Z'
    fake.commit(
      { ...of, type: 'step.retrying', step: 'look', data: { tries: 2, until, problem } },
      { ...of, type: 'step.in-doubt', step: 'disable', data: problem },
      { ...of, type: 'run.parked', data: problem },
    )
    const { out } = await run('runs', 'show', id)
    expect(out).toContain(`firebreak runs resume ${id} [--applied disable | --absent disable] --reason`)
    expect(out).toContain('for try 3, after step.in-doubt: nobody can tell')
    fake.commit({ ...of, type: 'run.resumed', data: { reason: 'seen', answers: { disable: 'applied' } } })
    expect((await run('runs', 'show', id)).out).toContain('applied by the word of ann')
    const { requested } = (await fake.app.run(id)).state
    const stays = [{ step: 'burn', reason: 'ashes' }]
    fake.commit({ ...of, run: 'u1', type: 'run.requested', data: { ...requested, undoes: id, stays } })
    expect((await run('runs', 'show', 'u1')).out).toContain('stays as it is, burn: ashes')
  })

  test('an unknown run is the bot’s error', async () => {
    const { run } = await createCliWithBot()
    const { code, err } = await run('runs', 'show', '../log')
    expect(code).toBe(1)
    expect(err).toContain('error run.unknown')
  })

  test('why says what was decided about an alert, hostile text made harmless', async () => {
    const { run, fake } = await createCliWithBot()
    const data = {
      source: 'am',
      fingerprint: 'f/9',
      status: 'firing',
      name: 'GPU\u001b[2J\r\nfake line\u202e',
      labels: {},
      decision: 'ignore' as const,
      reason: 'no route matches',
      body: 'sha256:x',
    }
    fake.commit({ type: 'alert.decided', actor: { kind: 'system' }, data })
    const { out } = await run('why', 'f/9')
    expect(out).toBe(
      'alert GPU  fake line  (f/9) began nothing: no route matches\n' +
        '  2026-01-02 03:04:05Z f/9 firing: ignore: no route matches\n',
    )
    const json = (await run('why', 'f/9', '--json')).out
    expect(json).not.toMatch(/[\p{C}--\n]/v)
    expect(JSON.parse(json)).toMatchObject({ facts: [{ data: { name: data.name } }] })
  })

  test('doctor shows who the bot is, and exits 1 when a part fails', async () => {
    const { run } = await createCliWithBot()
    const { code, out } = await run('doctor')
    expect(code).toBe(1)
    expect(out).toMatch(/aws main +ok +arn:aws:iam::1:user\/bot/)
    expect(out).toMatch(/slack +FAILS +U1 in T1 +no answer → Check the token\./)
  })

  test('audit lists, verifies, exports to a folder under the current one, and gives a checkpoint', async () => {
    const { run, fake, folder } = await createCliWithBot()
    fake.begin()
    expect((await run('audit', 'list', '--limit', '1')).out).toMatch(/^0 {2}2026-.* {2}run\.requested .*\n$/)
    expect((await run('audit', 'verify')).out).toBe('sound: 3 entries, root abc\n')
    expect((await run('audit', 'export', 'out')).out).toBe(`3 entries in ${join(folder, 'out')}\n`)
    expect((await run('audit', 'checkpoint')).out).toBe('test\n7\nroot\n\n\u2014 test sig\n')
    expect(fake.seen.signed).toEqual([])
  })

  test('a broken log exits 1 and names the entry', async () => {
    const { run, fake } = await createCliWithBot()
    Object.assign(fake.app.audit, { verify: () => Promise.resolve({ ok: false, seq: 7, reason: 'changed' }) })
    const { code, out } = await run('audit', 'verify')
    expect(code).toBe(1)
    expect(out).toBe('NOT sound at entry 7: changed\n')
  })
})
