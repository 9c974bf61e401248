import { describe, expect, test } from 'vitest'
import { SignedMessage } from '../../../src/core/wire.ts'
import { FirebreakError } from '../../../src/core/errors.ts'
import { RunAnswer } from '../../../src/core/wire-views.ts'
import { createCliWithBot } from './cli.ts'
import { fingerprintOf, installed, makeKey, missing, verifies } from './ssh-keys.ts'

const key = makeKey('ada')
const start = ['run', 'leaked-key', '-i', 'accessKeyId=AKIA1', '--key', key]

describe.skipIf(!installed)('run', () => {
  test('signs the playbook, the inputs and the reason, and the signer is who asked', async () => {
    const { run, fake } = await createCliWithBot()
    const { code } = await run(...start, '-i', 'secretIds=a', '-i', 'secretIds=b', '--reason', 'leak 7')
    expect(code).toBe(0)
    const [sent, ...more] = fake.seen.signed
    expect(more).toEqual([])
    const { nonce: _, expires: __, ...said } = SignedMessage.parse(JSON.parse(sent?.message ?? ''))
    const what = { playbook: 'leaked-key', inputs: { accessKeyId: 'AKIA1', secretIds: ['a', 'b'] } }
    expect(said).toEqual({ log: 'test', decision: 'run', ...what, reason: 'leak 7' })
    expect(sent && verifies(key, sent)).toBe(true)
    const by = { via: 'ssh', fingerprint: fingerprintOf(key) }
    expect(fake.seen.starts).toEqual([{ ...what, mode: 'run', reason: 'leak 7', by }])
  })

  test('run prints what the run waits for and how to decide', async () => {
    const { run } = await createCliWithBot()
    const { code, out } = await run(...start)
    expect(code).toBe(0)
    expect(out).toContain('run r1: leaked-key: awaiting-approval')
    expect(out).toContain('1 of 1 approver for disable')
    expect(out).toContain('firebreak approve r1')
  })

  test('with --json it prints the run as one document', async () => {
    const { run } = await createCliWithBot()
    const view = RunAnswer.parse(JSON.parse((await run(...start, '--json')).out))
    expect(view.state).toMatchObject({ id: 'r1', status: 'awaiting-approval' })
  })

  test('with --follow it stays until the run is over, and its exit code is the run’s', async () => {
    const { run, fake, onPrint } = await createCliWithBot()
    let finished = false
    onPrint((text) => {
      if (finished || !text.includes('approval.requested')) return
      finished = true
      fake.finish('r1')
    })
    const { code, out, err } = await run(...start, '--follow')
    expect(code).toBe(0)
    expect(err).toContain('step.succeeded  disable')
    expect(out).toContain('run r1: leaked-key: succeeded')
  })

  test('a bot that stops while a run is followed is exit code 1 and a hint', async () => {
    const { run, bot, onPrint } = await createCliWithBot()
    onPrint((text) => {
      if (text.includes('approval.requested')) void bot.close()
    })
    const { code, err } = await run(...start, '--follow')
    expect(code).toBe(1)
    expect(err).toContain('error api.stopped')
    expect(err).toContain('firebreak runs show r1')
  })

  test('an interruption ends the watching, not the run', async () => {
    const { run, fake, interrupt, onPrint } = await createCliWithBot()
    onPrint((text) => {
      if (text.includes('approval.requested')) interrupt()
    })
    const { code, err } = await run(...start, '--follow')
    expect(code).toBe(1)
    expect(err).toContain('interrupted')
    expect((await fake.app.run('r1')).state.status).toBe('awaiting-approval')
  })

  test('without a key, or with one that cannot sign, exits 1 and starts nothing', async () => {
    const { run, fake } = await createCliWithBot()
    const wanted = ['run', 'leaked-key', '-i', 'accessKeyId=AKIA1']
    for (const how of [[], ['--key', missing], ['--key', makeKey('locked', 'phrase')]]) {
      const { code, out, err } = await run(...wanted, ...how)
      expect(code).toBe(1)
      expect(out).toBe('')
      expect(err).toContain('error cli.sign')
      expect(err).toContain('--key')
    }
    expect(fake.seen.signed).toEqual([])
    expect(fake.seen.starts).toEqual([])
  })

  const refusal = {
    code: 'authority.unknown-account',
    message: 'no person is bound to this key',
    remedy: 'Have it added.',
  } as const
  test.each([
    ['in its answer', () => ({ kind: 'refused', ...refusal }) as const],
    [
      'with an error',
      () => {
        throw new FirebreakError(refusal.code, refusal.message, { remedy: refusal.remedy })
      },
    ],
  ])('of a person whom the bot refuses %s exits 1 and starts nothing', async (_, signed) => {
    const { run, fake } = await createCliWithBot()
    fake.answers.signed = signed
    const { code, out, err } = await run(...start, '--follow')
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toBe(`error ${refusal.code}: ${refusal.message}\n  → ${refusal.remedy}\n`)
    expect(fake.seen.signed).toHaveLength(1)
    expect(await fake.app.runs({})).toEqual([])
  })

  test.each([
    ['another playbook', { playbook: 'delete-everything' }],
    ['no playbook', { playbook: undefined }],
    ['another input', { inputs: { accessKeyId: 'AKIA2' } }],
    ['more inputs', { inputs: { accessKeyId: 'AKIA1', secretIds: ['prod'] } }],
    ['no inputs', { inputs: {} }],
    ['another reason', { reason: 'another' }],
    ['a decision about a run', { decision: 'approve', run: 'r1', digest: 'sha256:plan-1' }],
    ['the run of another', { run: 'r1' }],
  ])('is not signed when the bot asks to sign %s', async (_, change) => {
    const { run, fake } = await createCliWithBot()
    fake.answers.challenge = (message) => {
      const changed = Object.entries({ ...message, ...change })
      return Object.fromEntries(changed.filter(([, value]) => value !== undefined))
    }
    const { code, err } = await run(...start, '--reason', 'leak 7')
    expect(code).toBe(1)
    expect(err).toContain('error cli.changed')
    expect(err).toContain('Nothing was signed')
    expect(fake.seen.signed).toEqual([])
    expect(fake.seen.starts).toEqual([])
  })

  test('that the bot takes without naming a run is an answer that is not understood', async () => {
    const { run, fake } = await createCliWithBot()
    fake.answers.signed = () => ({ kind: 'done' })
    const { code, err } = await run(...start)
    expect(code).toBe(1)
    expect(err).toContain('error api.bad-answer')
  })

  test('of an unknown playbook exits 2 with the code of the bot', async () => {
    const { run } = await createCliWithBot()
    const { code, err } = await run('run', 'nope', '--key', key)
    expect(code).toBe(2)
    expect(err).toContain('error playbook.unknown')
  })

  test('plan needs no key and signs nothing', async () => {
    const { run, fake } = await createCliWithBot()
    expect((await run('plan', 'leaked-key', '-i', 'accessKeyId=AKIA1')).code).toBe(0)
    expect(fake.seen.signed).toEqual([])
    expect((await run('plan', 'leaked-key', '--key', key)).code).toBe(2)
  })
})
