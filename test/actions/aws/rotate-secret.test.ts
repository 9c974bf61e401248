import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { restoreSecretVersion } from '../../../src/actions/aws/restore-secret-version.ts'
import { rotateSecret } from '../../../src/actions/aws/rotate-secret.ts'
import { requestToken } from '../../../src/providers/aws/request-token.ts'
import type { AwsState, RotationFunction, Secret } from '../../../src/sandbox/aws/state.ts'
import { attach, putVersion } from '../../../src/sandbox/aws/secret-versions.ts'
import { bench, effects, expectNoSecretSeen, runner, type Bench } from './harness.ts'

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate'
const one = '11111111-1111-4111-8111-111111111111'
const other = '99999999-9999-4999-8999-999999999999'
const ours = requestToken('key-1')
const secretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/s-AbCdEf'

let at: Bench

async function open(
  rotation?: RotationFunction,
  versions = [{ id: one, stages: ['AWSCURRENT'], string: 'canary-one' }],
) {
  at = await bench({
    functions: rotation === undefined ? {} : { [functionArn]: rotation },
    secrets: [
      {
        name: 'prod/s',
        arn: secretArn,
        versions,
        ...(rotation === undefined ? {} : { rotationFunction: functionArn }),
      },
    ],
  })
}
afterEach(async () => {
  expectNoSecretSeen(at)
  await at.sandbox.close()
})

const rotate = () => runner(at, rotateSecret, { secretId: 'prod/s' })
const secret = (state: AwsState = at.sandbox.state): Secret => {
  const found = state.secrets.get(secretArn)
  if (found === undefined) throw new Error('the bench has the secret')
  return found
}
const stages = () => Object.fromEntries([...secret().versions.values()].map(({ id, stages }) => [id, stages]))
const somebodyRotates = () =>
  at.sandbox.mutate((state) => {
    const version = { id: other, value: { string: 'canary-other' }, stages: ['AWSCURRENT'] }
    putVersion(secret(state), version, new Date())
  })

describe('without a rotation function', () => {
  beforeEach(() => open())

  it('plans with reads only, and never asks for the value', async () => {
    const change = await rotate().plan()
    expect(change).toMatchObject({
      target: { kind: 'aws.secret', id: secretArn, name: 'prod/s' },
      before: { currentVersion: one },
      after: {
        currentVersion: 'a new version',
        valueFrom: 'a random value made by Secrets Manager (48 characters)',
      },
      version: one,
      confidence: 'predicted',
      output: { secretArn, secretName: 'prod/s', previousVersionId: one },
    })
    expect(effects(at)).toEqual([])
    expect(at.sandbox.requests.map(({ operation }) => operation)).not.toContain('GetSecretValue')
  })

  it('stages a value that the service made, then makes it current, and keeps the old one', async () => {
    const action = rotate()
    const change = await action.plan()
    expect(await action.probe(change)).toBe('absent')
    await action.apply(change)
    expect(effects(at)).toEqual(['PutSecretValue', 'UpdateSecretVersionStage'])
    expect(stages()).toEqual({ [one]: ['AWSPREVIOUS'], [ours]: ['AWSPENDING', 'AWSCURRENT'] })
    expect(secret().versions.get(ours)?.string).toMatch(/^[A-Za-z0-9]{48}$/)
    expect(await action.probe(change)).toBe('applied')
  })

  it('does nothing when it is repeated with the same key', async () => {
    const action = rotate()
    const change = await action.plan()
    await action.apply(change)
    const value = secret().versions.get(ours)?.string
    await action.apply(change)
    expect(effects(at)).toHaveLength(2)
    expect(secret().versions.get(ours)?.string).toBe(value)
  })

  it('tells the truth after a crash between its two writes, and a repeat finishes the work', async () => {
    const action = rotate()
    const change = await action.plan()
    at.sandbox.faults.add({
      operation: 'UpdateSecretVersionStage',
      fault: { kind: 'lost-request' },
      times: 1,
    })
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.timeout' })
    expect(stages()).toEqual({ [one]: ['AWSCURRENT'], [ours]: ['AWSPENDING'] })
    expect(await action.probe(change)).toBe('unknown')
    const staged = secret().versions.get(ours)?.string
    await action.apply(change)
    expect(await action.probe(change)).toBe('applied')
    expect(secret().versions.get(ours)?.string).toBe(staged)
    expect(secret().versions.size).toBe(2)
  })

  it('is safe when the answer to the first write was lost', async () => {
    const action = rotate()
    const change = await action.plan()
    at.sandbox.faults.add({ operation: 'PutSecretValue', fault: { kind: 'lost-answer' }, times: 1 })
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.timeout' })
    expect(await action.probe(change)).toBe('unknown')
    await action.apply(change)
    expect(await action.probe(change)).toBe('applied')
  })

  it('is applied, says the probe, when the answer to the second write was lost', async () => {
    const action = rotate()
    const change = await action.plan()
    at.sandbox.faults.add({ operation: 'UpdateSecretVersionStage', fault: { kind: 'lost-answer' }, times: 1 })
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.timeout' })
    expect(await action.probe(change)).toBe('applied')
  })

  it('does not write over somebody else, before it stages or after', async () => {
    const action = rotate()
    const change = await action.plan()
    somebodyRotates()
    expect(await action.probe(change)).toBe('changed')
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.conflict' })
    expect(effects(at)).toEqual([])
  })

  it('leaves no staged version behind when somebody changes the secret between its two writes', async () => {
    const action = rotate()
    const change = await action.plan()
    at.sandbox.faults.add({
      operation: 'UpdateSecretVersionStage',
      fault: { kind: 'latency', ms: 60 },
      times: 1,
    })
    const applying = action.apply(change)
    while (!secret().versions.has(ours)) await new Promise((resolve) => setTimeout(resolve, 2))
    somebodyRotates()
    await expect(applying).rejects.toMatchObject({ code: 'provider.conflict' })
    expect(stages()).toEqual({ [one]: ['AWSPREVIOUS'], [other]: ['AWSCURRENT'], [ours]: [] })
    expect(await action.probe(change)).toBe('changed')
    await expect(action.plan()).resolves.toMatchObject({ before: { currentVersion: other } })
  })

  it('leaves nothing behind when the second write is refused, and may be tried again', async () => {
    const action = rotate()
    const change = await action.plan()
    at.sandbox.faults.add({ operation: 'UpdateSecretVersionStage', fault: { kind: 'throttle' }, times: 1 })
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.throttled' })
    expect(stages()).toEqual({ [one]: ['AWSCURRENT'], [ours]: [] })
    expect(await action.probe(change)).toBe('absent')
    const again = await action.plan()
    await action.apply(again, 'key-2')
    expect(await action.probe(again, 'key-2')).toBe('applied')
  })

  it('is changed when somebody has moved on from our version', async () => {
    const action = rotate()
    const change = await action.plan()
    await action.apply(change)
    somebodyRotates()
    expect(await action.probe(change)).toBe('changed')
  })

  it('is undone by making the previous version current, and the secret can be rotated again', async () => {
    const action = rotate()
    const change = await action.plan()
    await action.apply(change)
    const undo = action.undo(change)
    expect(undo).toEqual({
      kind: 'inverse',
      action: restoreSecretVersion.name,
      input: { secretId: secretArn, versionId: one },
    })
    const back = runner(at, restoreSecretVersion, { secretId: secretArn, versionId: one })
    const restored = await back.plan()
    expect(restored).toMatchObject({ before: { currentVersion: ours }, after: { currentVersion: one } })
    expect(await back.probe(restored)).toBe('absent')
    await back.apply(restored)
    expect(stages()).toEqual({ [one]: ['AWSCURRENT'], [ours]: ['AWSPREVIOUS'] })
    expect(await back.probe(restored)).toBe('applied')
    expect((await back.plan()).before).toEqual((await back.plan()).after)
    expect(back.undo(restored)).toMatchObject({ input: { versionId: ours } })
    await expect(action.plan()).resolves.toMatchObject({ before: { currentVersion: one } })
  })

  it('is never undone after a leak or a compromise', async () => {
    const action = rotate()
    const change = await action.plan()
    expect(action.undo(change, 'leak')).toMatchObject({ kind: 'never' })
    expect(action.undo(change, 'compromise')).toMatchObject({ kind: 'never' })
  })

  it('refuses while another rotation is unfinished, and says how to end it', async () => {
    at.sandbox.mutate((state) => {
      const version = { id: other, created: new Date(), stages: [] }
      secret(state).versions.set(other, version)
      attach(secret(state), version, 'AWSPENDING')
    })
    await expect(rotate().plan()).rejects.toMatchObject({
      code: 'provider.refused',
      message: expect.stringContaining(other),
      remedy: expect.stringContaining(`--remove-from-version-id ${other}`),
    })
  })

  it('refuses a secret without a value, and one that does not exist', async () => {
    at.sandbox.mutate((state) => secret(state).versions.clear())
    await expect(rotate().plan()).rejects.toMatchObject({ code: 'provider.refused' })
    const nothing = runner(at, rotateSecret, { secretId: 'nothing' })
    await expect(nothing.plan()).rejects.toMatchObject({ code: 'provider.not-found' })
    at.sandbox.mutate((state) => {
      putVersion(secret(state), { id: one, value: { string: 'canary-one' }, stages: [] }, new Date())
    })
  })
})

describe('with a rotation function', () => {
  it('lets the function make the value, and waits until it is current', async () => {
    await open({ stepMs: 20 })
    const action = rotate()
    const change = await action.plan()
    expect(change.after).toEqual({ currentVersion: 'a new version', valueFrom: functionArn })
    expect(await action.probe(change)).toBe('absent')
    await action.apply(change)
    expect(effects(at)).toEqual(['RotateSecret'])
    expect(stages()).toEqual({ [one]: ['AWSPREVIOUS'], [ours]: ['AWSCURRENT'] })
    expect(await action.probe(change)).toBe('applied')
  })

  it('begins no second rotation when it is repeated with the same key', async () => {
    await open({ stepMs: 250 })
    const action = rotate()
    const change = await action.plan()
    at.sandbox.faults.add({ operation: 'RotateSecret', fault: { kind: 'lost-answer' }, times: 1 })
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.timeout' })
    expect(await action.probe(change)).toBe('unknown')
    await action.apply(change)
    expect(effects(at)).toEqual(['RotateSecret'])
    expect(secret().rotations).toHaveLength(1)
    expect(await action.probe(change)).toBe('applied')
  })

  it('is absent, and not waited for in vain, when AWS accepted and did nothing', async () => {
    await open({ stepMs: 5 })
    const action = rotate()
    const change = await action.plan()
    at.sandbox.faults.add({ operation: 'RotateSecret', fault: { kind: 'no-effect' } })
    vi.useFakeTimers({ toFake: ['performance'] })
    // Time flies as soon as the call has been made, whenever the waiting begins.
    const clock = setInterval(() => effects(at).length > 0 && vi.advanceTimersByTime(6000), 5)
    try {
      await expect(action.apply(change)).rejects.toThrow('no new version appeared')
    } finally {
      clearInterval(clock)
      vi.useRealTimers()
    }
    expect(await action.probe(change)).toBe('absent')
  })

  it('gives up at its deadline when the function is stuck, and the probe cannot tell', async () => {
    await open({ stepMs: 5, sticksAt: 'setSecret' })
    const action = rotate()
    const change = await action.plan()
    const applying = action.apply(change, 'key-1', AbortSignal.timeout(400))
    await expect(applying).rejects.toMatchObject({ code: 'provider.timeout' })
    expect(await action.probe(change)).toBe('unknown')
    await expect(action.plan()).rejects.toMatchObject({ code: 'provider.refused' })
  })

  it('notices when somebody gives the rotation up meanwhile', async () => {
    await open({ stepMs: 5, sticksAt: 'setSecret' })
    const action = rotate()
    const change = await action.plan()
    const applying = action.apply(change)
    while (secret().rotations.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    at.sandbox.mutate((state) => {
      for (const version of secret(state).versions.values()) {
        version.stages = version.stages.filter((stage) => stage !== 'AWSPENDING')
      }
    })
    await expect(applying).rejects.toMatchObject({ code: 'provider.refused' })
    expect(await action.probe(change)).toBe('absent')
  })

  it('does not rotate a secret that somebody has changed since', async () => {
    await open({ stepMs: 5 })
    const action = rotate()
    const change = await action.plan()
    somebodyRotates()
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.conflict' })
    expect(effects(at)).toEqual([])
    expect(await action.probe(change)).toBe('changed')
  })

  it('can be undone when the function leaves AWSPENDING on the current version', async () => {
    await open({ stepMs: 5, leavesPending: true })
    const action = rotate()
    await action.apply(await action.plan())
    expect(stages()).toEqual({ [one]: ['AWSPREVIOUS'], [ours]: ['AWSPENDING', 'AWSCURRENT'] })
    const back = runner(at, restoreSecretVersion, { secretId: 'prod/s', versionId: one })
    await back.apply(await back.plan())
    expect(stages()).toEqual({ [one]: ['AWSCURRENT'], [ours]: ['AWSPREVIOUS'] })
    await expect(action.plan()).resolves.toMatchObject({ before: { currentVersion: one } })
  })

  it('says in its plan that a schedule that is off would come on again', async () => {
    await open({ stepMs: 5 })
    at.sandbox.mutate((state) => {
      secret(state).rotationEnabled = false
    })
    expect((await rotate().plan()).note).toContain('switches it on again')
  })
})
