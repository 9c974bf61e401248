import { randomBytes, randomUUID } from 'node:crypto'
import type { AwsSeed, SeedUser } from './seed.ts'
import type { TrailEvent } from './state.ts'

/** The key that leaks in the demo: the example key of AWS's own documentation, so that no scanner takes it for real. */
export const LEAKED_KEY = 'AKIAIOSFODNN7EXAMPLE'
/** The key of `model-server`, likewise from AWS's documentation. */
export const MODEL_SERVER_KEY = 'AKIAI44QH8DHBEXAMPLE'

/** Milliseconds a rotation step takes in the demo: long enough to be seen, short enough to wait for. */
const STEP_MS = 400
const ACCOUNT = '123456789012'
const REGION = 'us-east-1'
const HOUR_MS = 3_600_000

/** The account of the demo: a leaked CI key, three secrets (one rotates by function, one does not, one is stuck). */
export function demoScenario(now: Date): AwsSeed {
  const ago = (hours: number) => new Date(now.getTime() - hours * HOUR_MS)
  const rotator = functionArn('rotate-inference-gateway')
  const broken = functionArn('rotate-stuck')
  return {
    account: ACCOUNT,
    region: REGION,
    users: users(ago),
    functions: {
      [rotator]: { stepMs: STEP_MS },
      [broken]: { stepMs: STEP_MS, sticksAt: 'setSecret' },
    },
    secrets: [
      { ...secret('prod/inference-gateway', 'Key of the inference gateway'), rotationFunction: rotator },
      secret('prod/model-registry-token', 'Token for the model registry'),
      stuckSecret(broken),
    ],
    events: leakedKeyEvents(ago),
  }
}

function users(ago: (hours: number) => Date): readonly SeedUser[] {
  const leaked = { date: ago(0.2), serviceName: 'bedrock', region: REGION }
  const serving = { date: ago(0.1), serviceName: 's3', region: REGION }
  return [
    {
      userName: 'ci-deployer',
      keys: [{ accessKeyId: LEAKED_KEY, created: ago(24 * 200), lastUsed: leaked }],
    },
    {
      userName: 'model-server',
      path: '/ml/',
      keys: [{ accessKeyId: MODEL_SERVER_KEY, created: ago(24 * 40), lastUsed: serving }],
    },
    { userName: 'alice' },
  ]
}

function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`
}

function secret(name: string, description: string) {
  return { name, description, versions: [{ stages: ['AWSCURRENT'], string: madeUp() }] }
}

/** Its last rotation failed in setSecret: AWSPENDING sits on a version that never became current. */
function stuckSecret(rotationFunction: string) {
  const stuck = secret('prod/stuck', 'Its last rotation never ended')
  return {
    ...stuck,
    rotationFunction,
    versions: [...stuck.versions, { stages: ['AWSPENDING'], string: madeUp() }],
  }
}

function madeUp(): string {
  return randomBytes(18).toString('base64url')
}

/** What the leaked key did: usual deployments, then calls from elsewhere that no pipeline makes. */
function leakedKeyEvents(ago: (hours: number) => Date): TrailEvent[] {
  const usual = '198.51.100.7'
  const foreign = '203.0.113.66'
  const calls = [
    [30, 'ecr.amazonaws.com', 'PutImage', usual, false],
    [26, 'eks.amazonaws.com', 'DescribeCluster', usual, true],
    [6, 'ecr.amazonaws.com', 'PutImage', usual, false],
    [1.1, 'sts.amazonaws.com', 'GetCallerIdentity', foreign, true],
    [1, 'iam.amazonaws.com', 'ListUsers', foreign, true],
    [0.9, 'secretsmanager.amazonaws.com', 'ListSecrets', foreign, true],
    [0.5, 'bedrock.amazonaws.com', 'ListFoundationModels', foreign, true],
    [0.3, 'bedrock.amazonaws.com', 'PutUseCaseForModelAccess', foreign, false],
    [0.2, 'bedrock.amazonaws.com', 'InvokeModel', foreign, true],
  ] as const
  return calls.map(([hours, eventSource, eventName, sourceIPAddress, readOnly]) =>
    trailEvent({ time: ago(hours), eventSource, eventName, sourceIPAddress, readOnly }),
  )
}

type Made = {
  readonly time: Date
  readonly eventSource: string
  readonly eventName: string
  readonly sourceIPAddress: string
  readonly readOnly: boolean
}

/** An event of `ci-deployer`, with the record as CloudTrail writes it (record version 1.09). */
function trailEvent({ time, eventSource, eventName, sourceIPAddress, readOnly }: Made): TrailEvent {
  const eventId = randomUUID()
  const userName = 'ci-deployer'
  const arn = `arn:aws:iam::${ACCOUNT}:user/${userName}`
  const record = {
    eventVersion: '1.09',
    userIdentity: { type: 'IAMUser', arn, accountId: ACCOUNT, accessKeyId: LEAKED_KEY, userName },
    eventTime: time.toISOString().replace(/\.\d+Z$/, 'Z'),
    eventSource,
    eventName,
    awsRegion: REGION,
    sourceIPAddress,
    userAgent: sourceIPAddress.startsWith('203.') ? 'python-requests/2.32' : 'aws-cli/2.17.0',
    readOnly,
    eventID: eventId,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
  }
  return {
    eventId,
    eventName,
    eventSource,
    time,
    readOnly,
    accessKeyId: LEAKED_KEY,
    userName,
    resources: [],
    record: JSON.stringify(record),
  }
}
