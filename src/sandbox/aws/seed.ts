import { randomUUID } from 'node:crypto'
import { newAccessKey } from './iam.ts'
import { secretArn } from './secret-create.ts'
import type {
  AccessKey,
  AwsState,
  KeyStatus,
  RotationFunction,
  Secret,
  SecretVersion,
  TrailEvent,
  User,
} from './state.ts'

type SeedKey = {
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly status?: KeyStatus
  readonly created?: Date
  readonly lastUsed?: { readonly date: Date; readonly serviceName: string; readonly region: string }
}

type SeedVersion = {
  readonly id?: string
  readonly stages: readonly string[]
  /** Absent: a placeholder without a value, as a failed rotation leaves it. */
  readonly string?: string
}

type Tags = { readonly [tag: string]: string }

type SeedSecret = {
  readonly name: string
  readonly arn?: string
  readonly description?: string
  /** ARN of one of the seed's functions. */
  readonly rotationFunction?: string
  readonly tags?: Tags
  readonly versions: readonly SeedVersion[]
}

export type SeedUser = {
  readonly userName: string
  readonly path?: string
  readonly tags?: Tags
  readonly keys?: readonly SeedKey[]
}

export type AwsSeed = {
  readonly account?: string
  readonly region?: string
  readonly users?: readonly SeedUser[]
  readonly secrets?: readonly SeedSecret[]
  readonly functions?: { readonly [arn: string]: RotationFunction }
  readonly events?: readonly TrailEvent[]
}

/** The account that AWS uses in its own examples. */
const ACCOUNT = '123456789012'

export function stateFrom(seed: AwsSeed, now: Date): AwsState {
  const {
    account = ACCOUNT,
    region = 'us-east-1',
    users = [],
    secrets = [],
    functions = {},
    events = [],
  } = seed
  const state: AwsState = {
    account,
    region,
    users: new Map(),
    keys: new Map(),
    secrets: new Map(),
    functions: new Map(Object.entries(functions)),
    events: [...events],
  }
  for (const user of users) seedUser(state, user, now)
  for (const secret of secrets) addSecret(state, secret, now)
  return state
}

function seedUser(
  state: AwsState,
  { userName, path = '/', tags = {}, keys = [] }: SeedUser,
  now: Date,
): void {
  addUser(state, { userName, path, tags: tagList(tags) }, now)
  for (const key of keys) addKey(state, seededKey(userName, key, now))
}

export function addUser(state: AwsState, user: Pick<User, 'userName' | 'path' | 'tags'>, now: Date): void {
  const userId = `AIDA${randomUUID().replaceAll('-', '').slice(0, 17).toUpperCase()}`
  state.users.set(user.userName, { ...user, userId, created: now })
}

function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

export function addKey(state: AwsState, key: AccessKey): void {
  state.keys.set(key.accessKeyId, key)
}

function seededKey(userName: string, seed: SeedKey, now: Date): AccessKey {
  const { lastUsed, ...given } = seed
  return {
    ...newAccessKey(userName, now),
    ...given,
    ...(lastUsed === undefined ? {} : { lastUsed: { ...lastUsed } }),
  }
}

function addSecret(state: AwsState, seed: SeedSecret, now: Date): void {
  const arn = seed.arn ?? secretArn(state, seed.name)
  const versions = seed.versions.map((version) => seededVersion(version, now))
  const secret: Secret = {
    arn,
    name: seed.name,
    created: now,
    lastChanged: now,
    versions: new Map(versions.map((version) => [version.id, version])),
    tags: tagList(seed.tags ?? {}),
    rotations: [],
    ...(seed.description === undefined ? {} : { description: seed.description }),
    ...(seed.rotationFunction === undefined ? {} : rotation(seed.rotationFunction)),
  }
  state.secrets.set(arn, secret)
}

function rotation(
  rotationFunction: string,
): Pick<Secret, 'rotationFunction' | 'rotationEnabled' | 'rotationRules'> {
  return { rotationFunction, rotationEnabled: true, rotationRules: { AutomaticallyAfterDays: 30 } }
}

function seededVersion({ id, stages, string }: SeedVersion, created: Date): SecretVersion {
  return { id: id ?? randomUUID(), created, stages: [...stages], ...(string === undefined ? {} : { string }) }
}
