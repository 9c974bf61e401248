import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../../src/core/errors.ts'
import { Secret } from '../../../src/core/secret.ts'
import { AwsConfig } from '../../../src/providers/aws/config.ts'
import { awsError } from '../../../src/providers/aws/errors.ts'
import { aws } from '../../../src/providers/aws/provider.ts'
import { requestToken } from '../../../src/providers/aws/request-token.ts'
import { LEAKED_KEY, demoScenario } from '../../../src/sandbox/aws/scenario.ts'
import { startAws, type AwsSandbox } from '../../../src/sandbox/aws/server.ts'

let sandbox: AwsSandbox

beforeEach(async () => {
  sandbox = await startAws({ seed: demoScenario(new Date()) })
})
afterEach(() => sandbox.close())

const signal = () => AbortSignal.timeout(10_000)
const connect = (more: object = {}, secretAccessKey = sandbox.secretAccessKey) =>
  aws.connect(
    AwsConfig.parse({
      region: sandbox.region,
      endpoint: sandbox.url,
      credentials: { accessKeyId: sandbox.accessKeyId, secretAccessKey: new Secret(secretAccessKey) },
      ...more,
    }),
  )
const key = { userName: 'ci-deployer', accessKeyId: LEAKED_KEY }

const base = { region: 'eu-central-1' }
const ok = (endpoint: string) => AwsConfig.safeParse({ ...base, endpoint }).success

describe('the configuration', () => {
  it('is strict', () => {
    expect(AwsConfig.safeParse(base).success).toBe(true)
    expect(AwsConfig.safeParse({ ...base, regoin: 'x' }).success).toBe(false)
    expect(AwsConfig.safeParse({ region: 'Frankfurt' }).success).toBe(false)
    const plain = { accessKeyId: LEAKED_KEY, secretAccessKey: 'a text and no Secret' }
    expect(AwsConfig.safeParse({ ...base, credentials: plain }).success).toBe(false)
  })

  it('takes plain HTTP on this machine only', () => {
    expect(ok('http://127.0.0.1:4566')).toBe(true)
    expect(ok('https://vpce-1.secretsmanager.eu-central-1.vpce.amazonaws.com')).toBe(true)
    expect(ok('http://169.254.169.254')).toBe(false)
    expect(ok('http://127.0.0.1.example.com')).toBe(false)
  })
})

describe('errors', () => {
  it('says provider.unavailable when nobody listens', async () => {
    const { accessKeys } = await connect({ maxAttempts: 1 })
    await sandbox.close()
    await expect(accessKeys.user('alice', signal())).rejects.toMatchObject({
      code: 'provider.unavailable',
    })
  })

  const cases = [
    ['throttle', 'provider.throttled'],
    ['error', 'provider.unavailable'],
    // The SDK calls a broken connection a TimeoutError: the call may have had its effect.
    ['lost-request', 'provider.timeout'],
  ] as const
  for (const [kind, code] of cases) {
    it(`says ${code} after the fault "${kind}"`, async () => {
      const { accessKeys } = await connect({ maxAttempts: 1 })
      const fault = kind === 'error' ? { kind, status: 500 as const } : { kind }
      sandbox.faults.add({ operation: 'GetUser', fault })
      await expect(accessKeys.user('alice', signal())).rejects.toMatchObject({ code })
    })
  }

  it('says provider.timeout when there is no answer in time, or the caller gives up', async () => {
    const { accessKeys } = await connect({ timeoutMs: 100, maxAttempts: 1 })
    sandbox.faults.add({ operation: '*', fault: { kind: 'latency', ms: 1000 } })
    await expect(accessKeys.user('alice', signal())).rejects.toMatchObject({ code: 'provider.timeout' })
    const patient = await connect({ maxAttempts: 1 })
    const soon = AbortSignal.timeout(30)
    await expect(patient.accessKeys.user('alice', soon)).rejects.toMatchObject({
      code: 'provider.timeout',
    })
  })

  it('blames the credentials in both protocols', async () => {
    const { accessKeys, secrets } = await connect({}, 'wrong')
    for (const call of [accessKeys.user('alice', signal()), secrets.describe('prod/stuck', signal())]) {
      await expect(call).rejects.toMatchObject({
        code: 'provider.denied',
        message: expect.stringContaining('credentials are not valid'),
        remedy: expect.stringContaining('switched off'),
      })
    }
  })

  it('keeps what the service said out: it may repeat a secret', () => {
    const raw = Object.assign(new Error('Value canary-77 at secretString is not valid'), {
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400, requestId: 'r-1' },
      $response: { body: 'canary-77' },
    })
    const error = awsError('secretsmanager:PutSecretValue', raw)
    expect(error).toBeInstanceOf(FirebreakError)
    expect(error.message).toBe(
      'AWS secretsmanager:PutSecretValue: the request was refused (ValidationException, 400, r-1)',
    )
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary-77')
    const odd = Object.assign(new Error('x'), {
      name: 'canary-77 <script>',
      $metadata: { requestId: 'canary 77' },
    })
    expect(awsError('iam:GetUser', odd).message).not.toContain('canary')
  })
})

describe('retries', () => {
  it('sends reads again, as often as configured', async () => {
    const { accessKeys } = await connect({ maxAttempts: 3 })
    sandbox.faults.add({ operation: 'GetUser', fault: { kind: 'error', status: 503 }, times: 2 })
    expect((await accessKeys.user('alice', signal())).arn).toContain('user/alice')
    expect(sandbox.requests).toHaveLength(3)
  })

  it('never sends a call that changes something again by itself', async () => {
    const { accessKeys, secrets } = await connect({ maxAttempts: 5 })
    sandbox.faults.add({ operation: '*', fault: { kind: 'throttle' } })
    const off = accessKeys.setStatus({ ...key, status: 'Inactive' }, signal())
    await expect(off).rejects.toMatchObject({ code: 'provider.throttled' })
    const rotation = secrets.rotate(
      { secretId: 'prod/inference-gateway', token: requestToken('k') },
      signal(),
    )
    await expect(rotation).rejects.toMatchObject({ code: 'provider.throttled' })
    expect(sandbox.requests).toHaveLength(2)
  })
})

it('makes of one idempotency key always the same token, shaped like a UUID', () => {
  expect(requestToken('a')).toBe(requestToken('a'))
  expect(requestToken('a')).not.toBe(requestToken('b'))
  for (let i = 0; i < 50; i++) {
    expect(requestToken(`key-${i}`)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  }
})

it('keeps the value of an earlier attempt with the same token', async () => {
  const { secrets } = await connect()
  const staging = { secretId: 'prod/model-registry-token', token: requestToken('k'), length: 20 }
  await secrets.stageRandom(staging, signal())
  const version = () =>
    [...sandbox.state.secrets.values()]
      .map(({ versions }) => versions.get(staging.token)?.string)
      .find(Boolean)
  const value = version()
  expect(value).toHaveLength(20)
  await secrets.stageRandom(staging, signal())
  expect(version()).toBe(value)
})

it('gives up no secret through its client', async () => {
  const client = await connect()
  await client.secrets.describe('prod/stuck', signal())
  expect(inspect(client, { depth: 12, showHidden: true })).not.toContain(sandbox.secretAccessKey)
})
