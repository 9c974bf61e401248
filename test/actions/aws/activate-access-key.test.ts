import { afterEach, beforeEach, expect, it } from 'vitest'
import { activateAccessKey } from '../../../src/actions/aws/activate-access-key.ts'
import { MODEL_SERVER_KEY, demoScenario } from '../../../src/sandbox/aws/scenario.ts'
import { bench, effects, expectNoSecretSeen, runner, type Bench } from './harness.ts'

let at: Bench

beforeEach(async () => {
  at = await bench(demoScenario(new Date()))
})
afterEach(async () => {
  expectNoSecretSeen(at)
  await at.sandbox.close()
})

const input = { userName: 'model-server', accessKeyId: MODEL_SERVER_KEY }
const status = () => at.sandbox.state.keys.get(MODEL_SERVER_KEY)?.status
const somebodySwitchesOff = () =>
  at.sandbox.mutate(({ keys }) => {
    const key = keys.get(MODEL_SERVER_KEY)
    if (key !== undefined) key.status = 'Inactive'
  })

it('plans with reads only, acts with one call, and is applied after', async () => {
  somebodySwitchesOff()
  const action = runner(at, activateAccessKey, input)
  const change = await action.plan()
  expect(change).toMatchObject({ before: { status: 'Inactive' }, after: { status: 'Active' } })
  expect(await action.probe(change)).toBe('absent')
  expect(effects(at)).toEqual([])
  await action.apply(change)
  expect(effects(at)).toEqual(['UpdateAccessKey'])
  expect(status()).toBe('Active')
  expect(await action.probe(change)).toBe('applied')
})

it('plans an empty change when the key is on already', async () => {
  const change = await runner(at, activateAccessKey, input).plan()
  expect(change.before).toEqual(change.after)
})

it('is undone by switching the key off, whatever the reason', async () => {
  const action = runner(at, activateAccessKey, input)
  const change = await action.plan()
  expect(action.undo(change, 'leak')).toEqual({ kind: 'inverse', action: 'aws.deactivate-access-key', input })
})

it('says changed when somebody has deleted the key', async () => {
  somebodySwitchesOff()
  const action = runner(at, activateAccessKey, input)
  const change = await action.plan()
  at.sandbox.mutate(({ keys }) => void keys.delete(MODEL_SERVER_KEY))
  expect(await action.probe(change)).toBe('changed')
  await expect(action.apply(change)).rejects.toMatchObject({ code: 'provider.not-found' })
})
