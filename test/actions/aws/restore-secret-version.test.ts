import { afterEach, beforeEach, expect, it } from 'vitest'
import { restoreSecretVersion } from '../../../src/actions/aws/restore-secret-version.ts'
import { attach, putVersion } from '../../../src/sandbox/aws/secret-versions.ts'
import { bench, effects, expectNoSecretSeen, runner, type Bench } from './harness.ts'

const old = '11111111-1111-4111-8111-111111111111'
const current = '22222222-2222-4222-8222-222222222222'
const other = '99999999-9999-4999-8999-999999999999'
const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/s-AbCdEf'

let at: Bench

beforeEach(async () => {
  at = await bench({
    secrets: [
      {
        name: 'prod/s',
        arn,
        tags: { team: 'serving' },
        versions: [
          { id: old, stages: ['AWSPREVIOUS'], string: 'canary-old' },
          { id: current, stages: ['AWSCURRENT'], string: 'canary-current' },
        ],
      },
    ],
  })
})
afterEach(async () => {
  expectNoSecretSeen(at)
  await at.sandbox.close()
})

const restore = (versionId = old) => runner(at, restoreSecretVersion, { secretId: 'prod/s', versionId })
const somebody = (stages: string[]) =>
  at.sandbox.mutate(({ secrets }) => {
    const secret = secrets.get(arn)
    if (secret === undefined) return
    putVersion(secret, { id: other, value: { string: 'canary-other' }, stages: [] }, new Date())
    const version = secret.versions.get(other)
    if (version !== undefined) for (const stage of stages) attach(secret, version, stage)
  })
const stages = () => {
  const versions = at.sandbox.state.secrets.get(arn)?.versions.values() ?? []
  return Object.fromEntries([...versions].map(({ id, stages }) => [id, stages]))
}

it('plans with reads only', async () => {
  expect(await restore().plan()).toEqual({
    target: {
      kind: 'aws.secret',
      id: arn,
      name: 'prod/s',
      account: '123456789012',
      labels: { team: 'serving' },
    },
    before: { currentVersion: current },
    after: { currentVersion: old },
    version: current,
    confidence: 'predicted',
    output: { secretArn: arn, versionId: old },
  })
  expect(effects(at)).toEqual([])
})

it('moves AWSCURRENT with one call, and its undo moves it back', async () => {
  const action = restore()
  const change = await action.plan()
  expect(await action.probe(change)).toBe('absent')
  await action.apply(change)
  expect(await action.probe(change)).toBe('applied')
  expect(effects(at)).toEqual(['UpdateSecretVersionStage'])
  expect(stages()).toEqual({ [old]: ['AWSCURRENT'], [current]: ['AWSPREVIOUS'] })
  const input = { secretId: arn, versionId: current }
  expect(action.undo(change)).toEqual({ kind: 'inverse', action: restoreSecretVersion.name, input })
  const forward = restore(current)
  await forward.apply(await forward.plan())
  expect(stages()).toEqual({ [old]: ['AWSPREVIOUS'], [current]: ['AWSCURRENT'] })
})

it('plans an empty change for the version that is current', async () => {
  const change = await restore(current).plan()
  expect(change.before).toEqual(change.after)
})

it('takes a meaningless AWSPENDING away, so that the secret does not look stuck afterwards', async () => {
  at.sandbox.mutate(({ secrets }) => void secrets.get(arn)?.versions.get(current)?.stages.push('AWSPENDING'))
  const action = restore()
  await action.apply(await action.plan())
  expect(stages()).toEqual({ [old]: ['AWSCURRENT'], [current]: ['AWSPREVIOUS'] })
})

it('does not write over somebody else', async () => {
  const action = restore()
  const change = await action.plan()
  somebody(['AWSCURRENT'])
  await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.conflict' })
  expect(await action.probe(change)).toBe('changed')
  expect(stages()[other]).toEqual(['AWSCURRENT'])
})

it('refuses while a rotation is unfinished', async () => {
  somebody(['AWSPENDING'])
  await expect(restore().plan()).rejects.toMatchObject({ code: 'provider.refused' })
})

it('refuses a version that is gone', async () => {
  await expect(restore(other).plan()).rejects.toMatchObject({ code: 'provider.not-found' })
})
