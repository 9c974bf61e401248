import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { GetUserCommand, IAMClient, ListRolesCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam'
import {
  DeleteSecretCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LEAKED_KEY, demoScenario } from '../../../src/sandbox/aws/scenario.ts'
import { startAws, type AwsSandbox } from '../../../src/sandbox/aws/server.ts'
import { clientsOf, until } from './clients.ts'

let aws: AwsSandbox

beforeEach(async () => {
  aws = await startAws({ seed: demoScenario(new Date()) })
})
afterEach(() => aws.close())

const off = new UpdateAccessKeyCommand({
  UserName: 'ci-deployer',
  AccessKeyId: LEAKED_KEY,
  Status: 'Inactive',
})
const status = () => aws.state.keys.get(LEAKED_KEY)?.status

describe('signatures', () => {
  it('refuses a wrong secret key, in the words of each protocol', async () => {
    const { iam, secrets } = clientsOf(aws, { accessKeyId: aws.accessKeyId, secretAccessKey: 'wrong' })
    await expect(iam.send(new GetUserCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    })
    await expect(secrets.send(new ListSecretsCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('refuses a key it does not know', async () => {
    const { iam, secrets } = clientsOf(aws, { accessKeyId: 'AKIAUNKNOWNUNKNOWN22', secretAccessKey: 'any' })
    await expect(iam.send(new GetUserCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
    await expect(secrets.send(new ListSecretsCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
  })

  it('refuses a request without a signature', async () => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.ListSecrets',
    }
    const response = await fetch(aws.url, { method: 'POST', headers, body: '{}' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' })
  })

  it('refuses temporary credentials, which it does not have, and a signature for another service', async () => {
    const { accessKeyId, secretAccessKey, url: endpoint, region } = aws
    const credentials = { accessKeyId, secretAccessKey }
    const temporary = new IAMClient({
      endpoint,
      region,
      credentials: { ...credentials, sessionToken: 'any' },
    })
    await expect(temporary.send(new GetUserCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    })
    const { iam } = clientsOf(aws)
    const options = { name: 'scope', step: 'finalizeRequest', priority: 'low' } as const
    iam.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { headers: Record<string, string> }
        const authorization = request.headers['authorization'] ?? ''
        request.headers['authorization'] = authorization.replace('/iam/', '/sts/')
        return next(args)
      },
      options,
    )
    await expect(iam.send(new GetUserCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      message: "Credential should be scoped to correct service: 'iam'.",
    })
  })

  it('refuses an old signature', async () => {
    const { accessKeyId, secretAccessKey, url: endpoint, region } = aws
    const credentials = { accessKeyId, secretAccessKey }
    const options = { endpoint, region, credentials, maxAttempts: 1, systemClockOffset: -6 * 60_000 }
    await expect(new IAMClient(options).send(new GetUserCommand({}))).rejects.toThrow('Signature expired')
  })

  it('refuses a body that was changed after signing', async () => {
    const { secrets } = clientsOf(aws)
    secrets.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: Uint8Array }
        const text = new TextDecoder().decode(request.body)
        request.body = Buffer.from(text.replace('prod/stuck', 'prod/other'))
        return next(args)
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    const put = new PutSecretValueCommand({ SecretId: 'prod/stuck', SecretString: 'canary' })
    await expect(secrets.send(put)).rejects.toMatchObject({ name: 'InvalidSignatureException' })
  })
})

describe('what is not modelled', () => {
  it('is refused with an error that says so', async () => {
    const { iam, secrets } = clientsOf(aws)
    await expect(iam.send(new ListRolesCommand({}))).rejects.toMatchObject({
      name: 'NotModelledBySandbox',
      message: 'The sandbox does not model iam:ListRoles.',
    })
    await expect(secrets.send(new DeleteSecretCommand({ SecretId: 'prod/stuck' }))).rejects.toThrow(
      'The sandbox does not model secretsmanager:DeleteSecret.',
    )
    const filtered = new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['prod'] }] })
    await expect(secrets.send(filtered)).rejects.toThrow(
      'does not model Filters of secretsmanager:ListSecrets',
    )
    expect((await fetch(aws.url)).status).toBe(501)
  })

  it('never breaks the process: broken JSON and a huge body are answered', async () => {
    const headers = { 'x-amz-target': 'secretsmanager.ListSecrets' }
    const broken = await fetch(aws.url, { method: 'POST', headers, body: '{' })
    expect(await broken.json()).toMatchObject({ __type: 'SerializationException' })
    const huge = await fetch(aws.url, { method: 'POST', headers, body: 'x'.repeat(1_100_000) })
    expect(huge.status).toBe(413)
  })
})

describe('CloudTrail', () => {
  const byKey = { LookupAttributes: [{ AttributeKey: 'AccessKeyId' as const, AttributeValue: LEAKED_KEY }] }

  it('finds the events of a key, newest first, in pages', async () => {
    const { trail } = clientsOf(aws)
    const first = await trail.send(new LookupEventsCommand({ ...byKey, MaxResults: 6 }))
    expect(first.Events?.[0]).toMatchObject({ EventName: 'InvokeModel', EventTime: expect.any(Date) })
    const rest = await trail.send(
      new LookupEventsCommand({ ...byKey, MaxResults: 6, NextToken: first.NextToken ?? '' }),
    )
    expect(rest.Events).toHaveLength(3)
    const StartTime = new Date(Date.now() - 2 * 3_600_000)
    const recent = await trail.send(new LookupEventsCommand({ ...byKey, StartTime }))
    expect(recent.Events).toHaveLength(6)
  })

  it('refuses what the service refuses', async () => {
    const { trail } = clientsOf(aws)
    const attempts = [
      [{ ...byKey, MaxResults: 51 }, 'InvalidMaxResultsException'],
      [{ ...byKey, NextToken: 'bogus' }, 'InvalidNextTokenException'],
      [{ StartTime: new Date(Date.now() - 91 * 24 * 3_600_000) }, 'InvalidTimeRangeException'],
      [
        { LookupAttributes: [...byKey.LookupAttributes, ...byKey.LookupAttributes] },
        'InvalidLookupAttributesException',
      ],
    ] as const
    for (const [input, name] of attempts) {
      await expect(trail.send(new LookupEventsCommand(input as object))).rejects.toMatchObject({ name })
    }
  })
})

describe('faults', () => {
  it('throttles and fails as often as told', async () => {
    const { iam, secrets } = clientsOf(aws)
    aws.faults.add({ operation: '*', fault: { kind: 'throttle' }, times: 2 })
    await expect(iam.send(off)).rejects.toMatchObject({ name: 'Throttling' })
    await expect(secrets.send(new ListSecretsCommand({}))).rejects.toMatchObject({
      name: 'ThrottlingException',
    })
    aws.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'error', status: 503 }, times: 1 })
    await expect(iam.send(off)).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } })
    expect(status()).toBe('Active')
    await iam.send(off)
    expect(status()).toBe('Inactive')
  })

  it('loses a request before, or an answer after the effect', async () => {
    const { iam } = clientsOf(aws)
    aws.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'lost-request' }, times: 1 })
    await expect(iam.send(off)).rejects.toThrow()
    expect(status()).toBe('Active')
    aws.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'lost-answer' }, times: 1 })
    await expect(iam.send(off)).rejects.toThrow()
    expect(status()).toBe('Inactive')
    expect(aws.requests.map((request) => request.status)).toEqual([0, 0])
  })

  it('accepts without effect, or with a late one', async () => {
    const { iam } = clientsOf(aws)
    aws.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'no-effect' }, times: 1 })
    await iam.send(off)
    expect(status()).toBe('Active')
    aws.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'late-effect', ms: 20 }, times: 1 })
    await iam.send(off)
    expect(status()).toBe('Active')
    await until(() => status() === 'Inactive')
  })

  it('answers late', async () => {
    const { iam } = clientsOf(aws)
    aws.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'latency', ms: 30 }, times: 1 })
    const start = performance.now()
    await iam.send(off)
    expect(performance.now() - start).toBeGreaterThan(25)
  })
})

it('logs every call without secret values, and shows none in its snapshot', async () => {
  const { secrets } = clientsOf(aws)
  const canary = 'canary-5d1f'
  await secrets.send(
    new PutSecretValueCommand({ SecretId: 'prod/model-registry-token', SecretString: canary }),
  )
  expect(aws.requests.at(-1)).toMatchObject({
    service: 'secretsmanager',
    operation: 'PutSecretValue',
    params: { SecretId: 'prod/model-registry-token', SecretString: '[redacted]' },
    accessKeyId: aws.accessKeyId,
    mutates: true,
    status: 200,
  })
  const shown = JSON.stringify([aws.requests, aws.snapshot()])
  const values = [...aws.state.secrets.values()].flatMap(({ versions }) =>
    [...versions.values()].map((v) => v.string),
  )
  expect(values).toContain(canary)
  for (const value of [...values, aws.secretAccessKey]) expect(shown).not.toContain(value)
})

it('lets somebody else change the account', () => {
  aws.mutate((state) => {
    const key = state.keys.get(LEAKED_KEY)
    if (key !== undefined) key.status = 'Inactive'
  })
  expect(status()).toBe('Inactive')
})
