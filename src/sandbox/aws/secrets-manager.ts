import { randomUUID } from 'node:crypto'
import { AwsError } from './errors.ts'
import { operationsOf } from './operation.ts'
import { pageOf, type Page } from './paging.ts'
import { RandomPasswordRequest, randomPassword } from './random-password.ts'
import { beginRotation, cancelRotation } from './rotation.ts'
import { createSecret } from './secret-create.ts'
import * as schema from './secret-schemas.ts'
import {
  CURRENT,
  findSecret,
  invalidParameter,
  invalidRequest,
  moveStage,
  notFound,
  putVersion,
  tokenInUse,
  versionAt,
  hasValue,
  type SecretValue,
} from './secret-versions.ts'
import type { Secret, SecretVersion } from './state.ts'
import type { WireObject } from './wire.ts'

const operation = operationsOf('secretsmanager', (member) =>
  member === 'NextToken' ? 'InvalidNextTokenException' : 'InvalidParameterException',
)

export const secretsManagerOperations = {
  DescribeSecret: operation('DescribeSecret', {
    input: schema.BySecretId,
    run: ({ SecretId }, { world: { state } }) => {
      const secret = findSecret(state, SecretId)
      return { ...summary(secret), VersionIdsToStages: stagesByVersion(secret) }
    },
  }),
  GetSecretValue: operation('GetSecretValue', {
    input: schema.GetSecretValueRequest,
    run: (input, { world: { state, now } }) => {
      const secret = findSecret(state, input.SecretId)
      const version = findVersion(secret, input)
      // The service keeps the day, not the hour.
      secret.lastAccessed = new Date(now().toISOString().slice(0, 10))
      return {
        ...identity(secret),
        VersionId: version.id,
        SecretString: version.string,
        SecretBinary: version.binary,
        VersionStages: version.stages,
        CreatedDate: version.created,
      }
    },
  }),
  PutSecretValue: operation('PutSecretValue', {
    mutates: true,
    input: schema.PutSecretValueRequest,
    run: (input, { world: { state, now } }) => {
      const secret = findSecret(state, input.SecretId)
      const value = valueOf(input)
      if (value === undefined) throw invalidRequest('You must provide either SecretString or SecretBinary.')
      const id = input.ClientRequestToken ?? randomUUID()
      const version = putVersion(secret, { id, value, stages: input.VersionStages ?? [CURRENT] }, now())
      return { ...identity(secret), VersionId: version.id, VersionStages: version.stages }
    },
  }),
  UpdateSecret: operation('UpdateSecret', {
    mutates: true,
    input: schema.UpdateSecretRequest,
    run: (input, { world: { state, now } }) => {
      const secret = findSecret(state, input.SecretId)
      const value = valueOf(input)
      const id = input.ClientRequestToken ?? randomUUID()
      if (value !== undefined) putVersion(secret, { id, value, stages: [CURRENT] }, now())
      if (input.Description !== undefined) secret.description = input.Description
      if (input.KmsKeyId !== undefined) secret.kmsKeyId = input.KmsKeyId
      secret.lastChanged = now()
      return { ...identity(secret), VersionId: value === undefined ? undefined : id }
    },
  }),
  UpdateSecretVersionStage: operation('UpdateSecretVersionStage', {
    mutates: true,
    input: schema.UpdateSecretVersionStageRequest,
    run: (input, { world: { state, now } }) => {
      const secret = findSecret(state, input.SecretId)
      moveStage(secret, input)
      secret.lastChanged = now()
      return identity(secret)
    },
  }),
  RotateSecret: operation('RotateSecret', {
    mutates: true,
    input: schema.RotateSecretRequest,
    run: (input, { world }) => {
      const secret = findSecret(world.state, input.SecretId)
      if (input.RotationLambdaARN !== undefined) secret.rotationFunction = input.RotationLambdaARN
      if (input.RotationRules !== undefined) secret.rotationRules = definedOnly(input.RotationRules)
      const token = input.ClientRequestToken ?? randomUUID()
      beginRotation(world, secret, { token, immediately: input.RotateImmediately ?? true })
      if (secret.rotationRules !== undefined) secret.rotationEnabled = true
      return { ...identity(secret), VersionId: token }
    },
  }),
  CancelRotateSecret: operation('CancelRotateSecret', {
    mutates: true,
    input: schema.BySecretId,
    run: ({ SecretId }, { world: { state } }) => {
      const secret = findSecret(state, SecretId)
      cancelRotation(secret)
      return { ...identity(secret), VersionId: versionAt(secret, CURRENT)?.id }
    },
  }),
  GetRandomPassword: operation('GetRandomPassword', {
    input: RandomPasswordRequest,
    run: (input) => ({ RandomPassword: randomPassword(input) }),
  }),
  ListSecretVersionIds: operation('ListSecretVersionIds', {
    input: schema.ListSecretVersionIdsRequest,
    run: (input, { world: { state } }) => {
      const secret = findSecret(state, input.SecretId)
      const all = input.IncludeDeprecated === true
      const versions = [...secret.versions.values()].filter(({ stages }) => all || stages.length > 0)
      const page = pageOrError(versions, { ...input, list: `versions ${secret.arn} ${all}` })
      return { ...identity(secret), Versions: page.items.map(versionShape), NextToken: page.next }
    },
  }),
  ListSecrets: operation('ListSecrets', {
    input: schema.ListSecretsRequest,
    run: (input, { world: { state } }) => {
      const newestFirst = [...state.secrets.values()].sort(
        (a, b) => b.created.getTime() - a.created.getTime(),
      )
      const secrets = input.SortOrder === 'asc' ? newestFirst.toReversed() : newestFirst
      const page = pageOrError(secrets, { ...input, list: `secrets ${input.SortOrder ?? 'desc'}` })
      return { SecretList: page.items.map(listEntry), NextToken: page.next }
    },
  }),
  CreateSecret: operation('CreateSecret', {
    mutates: true,
    input: schema.CreateSecretRequest,
    run: (input, { world }) => {
      const id = input.ClientRequestToken ?? randomUUID()
      const value = valueOf(input)
      const { secret, known } = createSecret(world, input)
      if (known && !sameRequest(secret, { id, value })) {
        if (secret.versions.has(id)) throw tokenInUse(secret, id)
        const text = `The operation failed because the secret ${secret.name} already exists.`
        throw new AwsError('ResourceExistsException', text)
      }
      if (!known && value !== undefined) putVersion(secret, { id, value, stages: [CURRENT] }, world.now())
      return { ...identity(secret), VersionId: value === undefined ? undefined : id }
    },
  }),
}

type Value = { readonly SecretString?: string | undefined; readonly SecretBinary?: string | undefined }

function valueOf({ SecretString, SecretBinary }: Value): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    )
  }
  if (SecretString !== undefined) return { string: SecretString }
  return SecretBinary === undefined ? undefined : { binary: SecretBinary }
}

function sameRequest(secret: Secret, { id, value }: { id: string; value: SecretValue | undefined }): boolean {
  const version = secret.versions.get(id)
  return version !== undefined && version.string === value?.string && version.binary === value?.binary
}

type Wanted = { readonly VersionId?: string | undefined; readonly VersionStage?: string | undefined }

function findVersion(secret: Secret, { VersionId, VersionStage }: Wanted): SecretVersion {
  const stage = VersionStage ?? (VersionId === undefined ? CURRENT : undefined)
  const version =
    VersionId === undefined ? versionAt(secret, stage ?? CURRENT) : secret.versions.get(VersionId)
  if (version === undefined || !hasValue(version)) {
    const which = VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${VersionId}`
    throw notFound(`Secrets Manager can't find the specified secret value for ${which}`)
  }
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.')
  }
  return version
}

function identity(secret: Secret): WireObject {
  return { ARN: secret.arn, Name: secret.name }
}

function summary(secret: Secret): WireObject {
  return {
    ...identity(secret),
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    RotationEnabled: secret.rotationEnabled,
    RotationLambdaARN: secret.rotationFunction,
    RotationRules: secret.rotationRules,
    LastRotatedDate: secret.lastRotated,
    LastChangedDate: secret.lastChanged,
    LastAccessedDate: secret.lastAccessed,
    CreatedDate: secret.created,
    Tags: secret.tags,
  }
}

function listEntry(secret: Secret): WireObject {
  return { ...summary(secret), SecretVersionsToStages: stagesByVersion(secret) }
}

function versionShape(version: SecretVersion): WireObject {
  const stages = version.stages.length === 0 ? undefined : version.stages
  return { VersionId: version.id, VersionStages: stages, CreatedDate: version.created }
}

/** Versions without a label are deprecated: DescribeSecret leaves them out. */
function stagesByVersion(secret: Secret): WireObject | undefined {
  const labelled = [...secret.versions.values()].filter(({ stages }) => stages.length > 0)
  if (labelled.length === 0) return undefined
  return Object.fromEntries(labelled.map(({ id, stages }) => [id, stages]))
}

type Asking = {
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
  readonly list: string
}

/** Lists give at most 100 items when MaxResults is absent. */
function pageOrError<T>(items: readonly T[], { NextToken, MaxResults, list }: Asking): Page<T> {
  const page = pageOf(items, { list, size: MaxResults ?? 100, token: NextToken })
  if (page === undefined) throw new AwsError('InvalidNextTokenException', 'Invalid NextToken.')
  return page
}

function definedOnly(rules: {
  readonly [name: string]: string | number | undefined
}): NonNullable<Secret['rotationRules']> {
  return Object.fromEntries(Object.entries(rules).filter(([, rule]) => rule !== undefined))
}
