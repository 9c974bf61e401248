import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { activateAccessKey } from '../../../src/actions/aws/activate-access-key.ts'
import { deactivateAccessKey } from '../../../src/actions/aws/deactivate-access-key.ts'
import { LEAKED_KEY, MODEL_SERVER_KEY, demoScenario } from '../../../src/sandbox/aws/scenario.ts'
import { bench, effects, expectNoSecretSeen, runner, type Bench } from './harness.ts'

let at: Bench

beforeEach(async () => {
  at = await bench(demoScenario(new Date()))
})
afterEach(async () => {
  expectNoSecretSeen(at)
  await at.sandbox.close()
})

const input = { userName: 'ci-deployer', accessKeyId: LEAKED_KEY }
const status = () => at.sandbox.state.keys.get(LEAKED_KEY)?.status
const somebodySets = (status: 'Active' | 'Inactive') =>
  at.sandbox.mutate(({ keys }) => {
    const key = keys.get(LEAKED_KEY)
    if (key !== undefined) key.status = status
  })

describe('aws.deactivate-access-key', () => {
  it('plans with reads only, and owns nothing but the status', async () => {
    const change = await runner(at, deactivateAccessKey, input).plan()
    expect(change).toEqual({
      target: {
        kind: 'aws.access-key',
        id: `arn:aws:iam::123456789012:user/ci-deployer#${LEAKED_KEY}`,
        name: `${LEAKED_KEY} of ci-deployer`,
        account: '123456789012',
        labels: {},
      },
      before: { status: 'Active' },
      after: { status: 'Inactive' },
      version: 'Active',
      confidence: 'predicted',
      output: { ...input, status: 'Inactive' },
    })
    expect(effects(at)).toEqual([])
  })

  it('names the target by the ARN with its path', async () => {
    const server = { userName: 'model-server', accessKeyId: MODEL_SERVER_KEY }
    const { target } = await runner(at, deactivateAccessKey, server).plan()
    expect(target.id).toBe(`arn:aws:iam::123456789012:user/ml/model-server#${MODEL_SERVER_KEY}`)
  })

  it('is absent before, acts with one call, and is applied after', async () => {
    const action = runner(at, deactivateAccessKey, input)
    const change = await action.plan()
    expect(await action.probe(change)).toBe('absent')
    await action.apply(change)
    expect(status()).toBe('Inactive')
    expect(effects(at)).toEqual(['UpdateAccessKey'])
    expect(await action.probe(change)).toBe('applied')
  })

  it('plans an empty change when the key is off already', async () => {
    somebodySets('Inactive')
    const change = await runner(at, deactivateAccessKey, input).plan()
    expect(change.before).toEqual(change.after)
  })

  it('sends nothing when somebody was faster', async () => {
    const action = runner(at, deactivateAccessKey, input)
    const change = await action.plan()
    somebodySets('Inactive')
    await action.apply(change)
    expect(effects(at)).toEqual([])
  })

  it('says changed when somebody has deleted the key, and does not act', async () => {
    const action = runner(at, deactivateAccessKey, input)
    const change = await action.plan()
    at.sandbox.mutate(({ keys }) => void keys.delete(LEAKED_KEY))
    expect(await action.probe(change)).toBe('changed')
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.not-found' })
  })

  it('is found by the probe when the answer was lost, and not repeated by the SDK', async () => {
    const action = runner(at, deactivateAccessKey, input)
    const change = await action.plan()
    at.sandbox.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'lost-answer' }, times: 1 })
    await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.timeout' })
    expect(effects(at)).toEqual(['UpdateAccessKey'])
    expect(await action.probe(change)).toBe('applied')
  })

  it('is absent to the probe when AWS accepted and did nothing', async () => {
    const action = runner(at, deactivateAccessKey, input)
    const change = await action.plan()
    at.sandbox.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'no-effect' }, times: 1 })
    await action.apply(change)
    expect(await action.probe(change)).toBe('absent')
  })

  it('is undone by aws.activate-access-key, whose undo is this action', async () => {
    const action = runner(at, deactivateAccessKey, input)
    const change = await action.plan()
    await action.apply(change)
    const undo = action.undo(change)
    expect(undo).toEqual({ kind: 'inverse', action: activateAccessKey.name, input })
    const back = runner(at, activateAccessKey, input)
    const restored = await back.plan()
    expect(restored).toMatchObject({ before: { status: 'Inactive' }, after: { status: 'Active' } })
    await back.apply(restored)
    expect(status()).toBe('Active')
    expect(await back.probe(restored)).toBe('applied')
    expect(back.undo(restored)).toEqual({ kind: 'inverse', action: deactivateAccessKey.name, input })
  })

  it('is never undone after a leak or a compromise', async () => {
    const action = runner(at, deactivateAccessKey, input)
    const change = await action.plan()
    expect(action.undo(change, 'leak')).toMatchObject({ kind: 'never' })
    expect(action.undo(change, 'compromise')).toMatchObject({ kind: 'never' })
    expect(action.undo(change, 'defect')).toMatchObject({ kind: 'inverse' })
  })

  it('refuses the key that Firebreak itself uses', async () => {
    const own = { userName: 'firebreak', accessKeyId: at.sandbox.accessKeyId }
    await expect(runner(at, deactivateAccessKey, own).plan()).rejects.toMatchObject({
      code: 'guardrail.never-touch',
    })
  })

  it('says who is missing: the user, or the key', async () => {
    const nobody = runner(at, deactivateAccessKey, { ...input, userName: 'nobody' })
    await expect(nobody.plan()).rejects.toMatchObject({ code: 'provider.not-found' })
    const alice = runner(at, deactivateAccessKey, { ...input, userName: 'alice' })
    await expect(alice.plan()).rejects.toThrow(`User alice has no access key ${LEAKED_KEY}`)
  })
})
