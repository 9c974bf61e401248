import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SignedMessage } from '../../../src/core/wire.ts'
import type { Fake } from '../api/fake-firebreak.ts'
import { createCliWithBot } from './cli.ts'
import { installed, makeKey, missing, verifies } from './ssh-keys.ts'

const key = makeKey('ada')
const locked = makeKey('locked', 'phrase')

function onlySigned({ seen }: Fake): Fake['seen']['signed'][number] {
  const [sent, ...more] = seen.signed
  if (sent === undefined || more.length > 0) throw new Error(`${seen.signed.length} decisions were sent`)
  return sent
}

describe.skipIf(!installed)('a signed decision', () => {
  test('shows the plan and its digest, and sends a signature of exactly that', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.answers.signed = () => ({ kind: 'counted', still: ['1 more of approver'] })
    const { code, out, err } = await run('approve', 'r1', '--yes', '--key', key, '--reason', 'seen it')
    expect(err).toContain('status: Active → Inactive')
    expect(err).toContain('to be signed: sha256:plan-1')
    expect(out).toBe('run r1: approved; still missing: 1 more of approver\n')
    expect(code).toBe(0)
    const sent = onlySigned(fake)
    const { nonce, expires, ...said } = SignedMessage.parse(JSON.parse(sent.message))
    expect(said).toEqual({
      log: 'test',
      decision: 'approve',
      run: 'r1',
      digest: 'sha256:plan-1',
      reason: 'seen it',
    })
    expect(nonce).not.toBe('')
    expect(Date.parse(expires)).not.toBeNaN()
    expect(verifies(key, sent)).toBe(true)
    expect(verifies(key, { ...sent, message: `${sent.message} ` })).toBe(false)
    expect(verifies(key, sent, 'file')).toBe(false)
  })

  test('is made with ~/.ssh/id_ed25519 when no key is named, and ~ is expanded in a name', async () => {
    const { run, fake, folder } = await createCliWithBot()
    fake.begin()
    expect((await run('reject', 'r1', '--yes')).err).toContain('error cli.sign')
    mkdirSync(join(folder, '.ssh'))
    cpSync(key, join(folder, '.ssh', 'id_ed25519'))
    expect(await run('reject', 'r1', '--yes')).toMatchObject({ code: 0, out: 'run r1: rejected\n' })
    expect((await run('reject', 'r1', '--yes', '--key=~/.ssh/id_ed25519')).code).toBe(0)
    expect(fake.seen.signed.map(({ message }) => SignedMessage.parse(JSON.parse(message)).decision)).toEqual([
      'reject',
      'reject',
    ])
  })

  test('asks on a terminal, and signs nothing after a no', async () => {
    const questions: string[] = []
    const answers = [false, true]
    const confirm = (question: string): Promise<boolean> => {
      questions.push(question)
      return Promise.resolve(answers.shift() ?? false)
    }
    const env = { FIREBREAK_STATE: '.', NO_COLOR: '1' }
    const { run, fake } = await createCliWithBot({ io: { interactive: true, confirm, env } })
    fake.begin()
    const no = await run('approve', 'r1', '--key', key)
    expect(no.code).toBe(1)
    expect(no.err).toContain('error cli.not-confirmed')
    expect(fake.seen.signed).toEqual([])
    expect((await run('approve', 'r1', '--key', key)).code).toBe(0)
    expect(questions).toEqual(['Approve exactly this plan?', 'Approve exactly this plan?'])
  })

  test('without a terminal needs --yes', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    const { code, err } = await run('approve', 'r1', '--key', key)
    expect(code).toBe(2)
    expect(err).toContain('--yes')
    expect(fake.seen.signed).toEqual([])
  })

  test.each([
    ['another digest', { digest: 'sha256:other' }],
    ['another run', { run: 'r2' }],
    ['the opposite', { decision: 'reject' }],
    ['no digest', { digest: undefined }],
    ['more than that', { also: 'this' }],
    ['a step of it only', { step: 'disable' }],
    ['another reason', { reason: 'because I am told to' }],
    ['no reason', { reason: undefined }],
    ['a playbook with it', { playbook: 'leaked-key' }],
  ])('is refused when the bot asks to sign %s', async (_, change) => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.answers.challenge = (message) => {
      const changed = Object.entries({ ...message, ...change })
      return Object.fromEntries(changed.filter(([, value]) => value !== undefined))
    }
    const { code, err } = await run('approve', 'r1', '--yes', '--key', key, '--reason', 'seen it')
    expect(code).toBe(1)
    expect(err).toContain('error cli.changed')
    expect(fake.seen.signed).toEqual([])
  })

  test.each([
    ['an approval of it', { decision: 'approve' }],
    ['another plan', { digest: 'sha256:other' }],
    ['another reason', { reason: 'because I am told to' }],
  ])('to act alone is refused when the bot asks to sign %s', async (_, change) => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.answers.challenge = (message) => ({ ...message, ...change })
    const { code, err } = await run('break-glass', 'r1', '--yes', '--key', key, '--reason', 'it burns')
    expect(code).toBe(1)
    expect(err).toContain('error cli.changed')
    expect(fake.seen.signed).toEqual([])
  })

  test('to act alone asks for just that on a terminal', async () => {
    const questions: string[] = []
    const confirm = (question: string): Promise<boolean> => {
      questions.push(question)
      return Promise.resolve(true)
    }
    const env = { FIREBREAK_STATE: '.', NO_COLOR: '1' }
    const { run, fake } = await createCliWithBot({ io: { interactive: true, confirm, env } })
    fake.begin()
    expect((await run('break-glass', 'r1', '--key', key, '--reason', 'it burns')).code).toBe(0)
    expect(questions).toEqual(['Act alone, without the others, on exactly this plan?'])
    const { nonce: _, expires: __, ...said } = SignedMessage.parse(JSON.parse(onlySigned(fake).message))
    expect(said).toEqual({
      log: 'test',
      decision: 'break-glass',
      run: 'r1',
      digest: 'sha256:plan-1',
      reason: 'it burns',
    })
  })

  test('with --digest is about that plan only', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    const other = await run('approve', 'r1', '--yes', '--key', key, '--digest', 'sha256:plan-0')
    expect(other).toMatchObject({ code: 1 })
    expect(other.err).toContain('error cli.changed')
    const same = await run('approve', 'r1', '--yes', '--key', key, '--digest', 'sha256:plan-1')
    expect(same.code).toBe(0)
    expect(fake.seen.signed).toHaveLength(1)
  })

  test('that the bot refuses exits 1 with its code and remedy', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.answers.signed = () => ({
      kind: 'refused',
      code: 'approval.own-request',
      message: 'you asked for it',
      remedy: 'Ask another person.',
    })
    const { code, err } = await run('approve', 'r1', '--yes', '--key', key)
    expect(code).toBe(1)
    expect(err).toContain('error approval.own-request: you asked for it\n  → Ask another person.\n')
  })

  test('about a run that waits for nothing is refused before anything is signed', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.finish('r1')
    const { code, err } = await run('approve', 'r1', '--yes', '--key', key)
    expect(code).toBe(1)
    expect(err).toContain('error cli.nothing-to-decide')
    expect(fake.seen.signed).toEqual([])
  })

  test.each([
    ['that is missing', () => missing],
    ['with a passphrase and nobody to ask', () => locked],
  ])('with a key %s is an error with a remedy', async (_, file) => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    const { code, err } = await run('approve', 'r1', '--yes', '--key', file())
    expect(code).toBe(1)
    expect(err).toContain('error cli.sign')
    expect(err).toContain('--key')
    expect(fake.seen.signed).toEqual([])
  })

  test('with --json prints only the outcome on standard output', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    const { out } = await run('approve', 'r1', '--yes', '--key', key, '--json')
    expect(JSON.parse(out)).toEqual({ kind: 'done' })
  })
})

describe.skipIf(!installed)('freeze, thaw, withdraw, review, cancel and undo', () => {
  test.each([
    [['freeze'], { decision: 'freeze' }, 'frozen'],
    [['thaw'], { decision: 'thaw' }, 'thawed'],
    [['withdraw', 'r1'], { decision: 'withdraw', run: 'r1' }, 'your approval is taken back'],
    [['review', 'r1'], { decision: 'review', run: 'r1' }, 'run r1: reviewed'],
    [['runs', 'cancel', 'r1'], { decision: 'cancel', run: 'r1' }, 'run r1 is being cancelled'],
    [['runs', 'undo', 'r1'], { decision: 'undo', run: 'r1' }, 'the undo of run r1 has begun as run r9'],
    [['runs', 'resume', 'r1'], { decision: 'resume', run: 'r1', answers: {} }, 'run r1 goes on'],
    [
      ['runs', 'resume', 'r1', '--applied', 'off', '--absent', 'all[0]', '--absent', 'all[1]'],
      { decision: 'resume', run: 'r1', answers: { off: 'applied', 'all[0]': 'absent', 'all[1]': 'absent' } },
      'run r1 goes on',
    ],
  ])('%j is signed', async (...[words, said, done]) => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.answers.signed = () => ({ kind: 'done', run: 'r9' })
    const { code, out } = await run(...words, '--key', key, '--reason', 'because')
    expect(out).toContain(done)
    expect(code).toBe(0)
    const sent = onlySigned(fake)
    const { nonce: _, expires: __, ...all } = SignedMessage.parse(JSON.parse(sent.message))
    expect(all).toEqual({ log: 'test', ...said, reason: 'because' })
    expect(verifies(key, sent)).toBe(true)
  })

  test.each([
    ['freeze', ['freeze'], { decision: 'thaw' }],
    ['thaw', ['thaw'], { decision: 'freeze' }],
    ['cancel', ['runs', 'cancel', 'r1'], { run: 'r2' }],
    ['withdrawal', ['withdraw', 'r1'], { decision: 'approve', digest: 'sha256:plan-1' }],
    ['review', ['review', 'r1'], { run: 'r2' }],
    ['undo', ['runs', 'undo', 'r1'], { decision: 'cancel' }],
    ['undo', ['runs', 'undo', 'r1'], { reason: 'another' }],
    ['resume', ['runs', 'resume', 'r1', '--applied', 'a'], { answers: { a: 'absent' } }],
  ])('a %s is not signed when the bot changes its text', async (...[, words, change]) => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.answers.challenge = (message) => ({ ...message, ...change })
    const { code, err } = await run(...words, '--key', key, '--reason', 'because')
    expect(code).toBe(1)
    expect(err).toContain('error cli.changed')
    expect(err).toContain('Nothing was signed')
    expect(fake.seen.signed).toEqual([])
  })

  test('a step that is said to be in place and absent is bad usage', async () => {
    const { run, fake } = await createCliWithBot()
    const both = ['--applied', 'off', '--absent', 'off']
    const { code, err } = await run('runs', 'resume', 'r1', '--reason', 'x', ...both)
    expect(err).toContain('one answer')
    expect(code).toBe(2)
    expect(fake.seen.signed).toEqual([])
  })

  test('a freeze without a reason is bad usage', async () => {
    const { run, fake } = await createCliWithBot()
    const { code, err } = await run('freeze', '--key', key)
    expect(code).toBe(2)
    expect(err).toContain('--reason')
    expect(fake.seen.signed).toEqual([])
  })

  test('a freeze that the bot turns into a decision about a run is not signed', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.answers.challenge = (message) => ({
      ...message,
      decision: 'approve',
      run: 'r1',
      digest: 'sha256:plan-1',
    })
    const { err } = await run('freeze', '--key', key, '--reason', 'x')
    expect(err).toContain('error cli.changed')
    expect(fake.seen.signed).toEqual([])
  })
})
