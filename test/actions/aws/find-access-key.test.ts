import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findAccessKey } from '../../../src/actions/aws/find-access-key.ts'
import { LEAKED_KEY, demoScenario } from '../../../src/sandbox/aws/scenario.ts'
import { bench, effects, expectNoSecretSeen, type Bench } from './harness.ts'

let at: Bench

beforeEach(async () => {
  at = await bench(demoScenario(new Date()))
})
afterEach(async () => {
  expectNoSecretSeen(at)
  expect(effects(at)).toEqual([])
  await at.sandbox.close()
})

const find = async (accessKeyId: string) => {
  const output = await findAccessKey.run(findAccessKey.input.parse({ accessKeyId }), at)
  at.seen.push(output)
  return findAccessKey.output.parse(output)
}

describe('aws.find-access-key', () => {
  it('names the owner, the status and the last use', async () => {
    expect(await find(LEAKED_KEY)).toEqual({
      accessKeyId: LEAKED_KEY,
      userName: 'ci-deployer',
      status: 'Active',
      created: expect.stringMatching(/^\d{4}-.*Z$/),
      lastUsed: { service: 'bedrock', region: 'us-east-1', date: expect.stringMatching(/Z$/) },
    })
  })

  it('leaves the last use out when there was none', async () => {
    at.sandbox.mutate(({ keys }) => void delete keys.get(LEAKED_KEY)?.lastUsed)
    expect(await find(LEAKED_KEY)).not.toHaveProperty('lastUsed')
  })

  it('says that a key of another account is out of reach', async () => {
    await expect(find('AKIAFOREIGNFOREIGN22')).rejects.toMatchObject({
      code: 'provider.denied',
      remedy: expect.stringContaining('account'),
    })
  })

  it('refuses what is no access key id', () => {
    expect(findAccessKey.input.safeParse({ accessKeyId: 'AKIA; drop' }).success).toBe(false)
  })
})
