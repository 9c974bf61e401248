import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
  type PutSecretValueCommandInput,
  type UpdateSecretCommandInput,
} from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startAws, type AwsSandbox } from '../../../src/sandbox/aws/server.ts'
import { clientsOf, until } from './clients.ts'
import { haveModels, modelOf } from './models.ts'

const quick = 'arn:aws:lambda:us-east-1:123456789012:function:quick'
const stuck = 'arn:aws:lambda:us-east-1:123456789012:function:stuck'

let aws: AwsSandbox
let secrets: ReturnType<typeof clientsOf>['secrets']

beforeEach(async () => {
  aws = await startAws({
    seed: { functions: { [quick]: { stepMs: 2 }, [stuck]: { stepMs: 2, sticksAt: 'testSecret' } } },
  })
  secrets = clientsOf(aws).secrets
})
afterEach(() => aws.close())

const create = (name: string, more: object = {}) =>
  secrets.send(new CreateSecretCommand({ Name: name, ...more }))
const value = (id: string, more: object = {}) =>
  secrets.send(new GetSecretValueCommand({ SecretId: id, ...more }))
const put = (input: PutSecretValueCommandInput) => secrets.send(new PutSecretValueCommand(input))
const update = (input: UpdateSecretCommandInput) => secrets.send(new UpdateSecretCommand(input))
const password = async (input: object) =>
  (await secrets.send(new GetRandomPasswordCommand(input))).RandomPassword ?? ''
const stages = async (id: string) =>
  (await secrets.send(new DescribeSecretCommand({ SecretId: id }))).VersionIdsToStages ?? {}

describe('behaviours verified against real AWS', () => {
  it('refuses a second secret of the same name', async () => {
    await create('dup', { SecretString: 'a' })
    await expect(create('dup', { SecretString: 'a' })).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: 'The operation failed because the secret dup already exists.',
    })
  })

  it('takes a repeated CreateSecret with the same token as the same request', async () => {
    const request = { SecretString: 'a', ClientRequestToken: randomUUID() }
    const { $metadata: _first, ...first } = await create('dup', request)
    const { $metadata: _again, ...again } = await create('dup', request)
    expect(again).toEqual(first)
  })

  it('refuses CreateSecret with the same token and another value', async () => {
    const ClientRequestToken = randomUUID()
    const { ARN } = await create('dup', { SecretString: 'a', ClientRequestToken })
    await expect(create('dup', { SecretString: 'b', ClientRequestToken })).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: `You can't use ClientRequestToken ${ClientRequestToken} because that value is already in use for a version of secret ${ARN}.`,
    })
  })

  for (const [operation, store] of Object.entries({ PutSecretValue: put, UpdateSecret: update })) {
    it(`takes a repeated ${operation} with the same token and value as the same request`, async () => {
      await create('s', { SecretString: 'old' })
      const request = { SecretId: 's', SecretString: 'new', ClientRequestToken: randomUUID() }
      const first = await store(request)
      const again = await store(request)
      expect(again.VersionId).toBe(first.VersionId)
      expect(Object.keys(await stages('s'))).toHaveLength(2)
    })

    it(`refuses ${operation} with the same token and another value`, async () => {
      await create('s', { SecretString: 'old' })
      const ClientRequestToken = randomUUID()
      await store({ SecretId: 's', SecretString: 'new', ClientRequestToken })
      const other = store({ SecretId: 's', SecretString: 'other', ClientRequestToken })
      await expect(other).rejects.toMatchObject({ name: 'ResourceExistsException' })
      expect((await value('s')).SecretString).toBe('new')
    })
  }

  it('rotates by create, set, test, finish, and the old version becomes AWSPREVIOUS', async () => {
    const { VersionId: old = '' } = await create('s', { SecretString: 'old' })
    const { VersionId: fresh = '' } = await secrets.send(
      new RotateSecretCommand({
        SecretId: 's',
        RotationLambdaARN: quick,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    )
    await until(async () => (await stages('s'))[fresh]?.includes('AWSCURRENT') ?? false)
    expect(await stages('s')).toEqual({ [old]: ['AWSPREVIOUS'], [fresh]: ['AWSCURRENT'] })
    const [secret] = aws.state.secrets.values()
    expect(secret?.rotations[0]?.steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret'])
    expect((await value('s')).SecretString).not.toBe('old')
  })

  it('runs only testSecret on an AWSPENDING copy when it must not rotate immediately', async () => {
    const { VersionId: old = '' } = await create('s', { SecretString: 'old' })
    const { VersionId: copy = '' } = await secrets.send(
      new RotateSecretCommand({ SecretId: 's', RotationLambdaARN: stuck, RotateImmediately: false }),
    )
    expect(await stages('s')).toEqual({ [old]: ['AWSCURRENT'], [copy]: ['AWSPENDING'] })
    expect((await value('s', { VersionStage: 'AWSPENDING' })).SecretString).toBe('old')
    const [secret] = aws.state.secrets.values()
    expect(secret?.rotations[0]?.steps).toEqual(['testSecret'])
  })

  it('removes the copy when that test has passed', async () => {
    const { VersionId: old = '' } = await create('s', { SecretString: 'old' })
    const request = { SecretId: 's', RotationLambdaARN: quick, RotateImmediately: false }
    await secrets.send(new RotateSecretCommand(request))
    const [secret] = aws.state.secrets.values()
    await until(() => secret?.rotations[0]?.outcome === 'done')
    expect(secret?.rotations[0]?.steps).toEqual(['testSecret'])
    expect(await stages('s')).toEqual({ [old]: ['AWSCURRENT'] })
  })

  it('adds AWSPREVIOUS to the version that AWSCURRENT is moved from', async () => {
    const { VersionId: one = '' } = await create('s', { SecretString: 'one' })
    const { VersionId: two = '' } = await secrets.send(
      new PutSecretValueCommand({ SecretId: 's', SecretString: 'two', VersionStages: ['AWSPENDING'] }),
    )
    const move = { SecretId: 's', VersionStage: 'AWSCURRENT', MoveToVersionId: two, RemoveFromVersionId: one }
    await secrets.send(new UpdateSecretVersionStageCommand(move))
    expect(await stages('s')).toEqual({ [one]: ['AWSPREVIOUS'], [two]: ['AWSPENDING', 'AWSCURRENT'] })
  })

  it('refuses to move AWSCURRENT without RemoveFromVersionId', async () => {
    const { VersionId: one } = await create('s', { SecretString: 'one' })
    const { VersionId: two = '' } = await secrets.send(
      new PutSecretValueCommand({ SecretId: 's', SecretString: 'two', VersionStages: ['AWSPENDING'] }),
    )
    const move = { SecretId: 's', VersionStage: 'AWSCURRENT', MoveToVersionId: two }
    await expect(secrets.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${one}, so you must explicitly reference that version in RemoveFromVersionId.`,
    })
  })
})

describe('rotation', () => {
  it('needs a rotation function', async () => {
    await create('s', { SecretString: 'a' })
    await expect(secrets.send(new RotateSecretCommand({ SecretId: 's' }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'No Lambda rotation function ARN is associated with this secret.',
    })
  })

  it('begins nothing for a token that was used before', async () => {
    await create('s', { SecretString: 'a' })
    const request = { SecretId: 's', RotationLambdaARN: quick, ClientRequestToken: randomUUID() }
    await secrets.send(new RotateSecretCommand(request))
    const again = await secrets.send(new RotateSecretCommand(request))
    expect(again.VersionId).toBe(request.ClientRequestToken)
    const [secret] = aws.state.secrets.values()
    expect(secret?.rotations).toHaveLength(1)
  })

  it('refuses another rotation while AWSPENDING sits on a version that is not current', async () => {
    await create('s', { SecretString: 'a' })
    await secrets.send(new RotateSecretCommand({ SecretId: 's', RotationLambdaARN: stuck }))
    const [secret] = aws.state.secrets.values()
    await until(() => secret?.rotations[0]?.steps.at(-1) === 'testSecret')
    await expect(secrets.send(new RotateSecretCommand({ SecretId: 's' }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "A previous rotation isn't complete. That rotation will be reattempted.",
    })
    await secrets.send(new CancelRotateSecretCommand({ SecretId: 's' }))
    const described = await secrets.send(new DescribeSecretCommand({ SecretId: 's' }))
    expect(described).toMatchObject({ RotationEnabled: false, RotationLambdaARN: stuck })
  })
})

describe('reading', () => {
  it('finds a secret by name, by ARN, and by ARN without its random end', async () => {
    const { ARN = '' } = await create('prod/s', { SecretString: 'a' })
    for (const id of ['prod/s', ARN, ARN.slice(0, -7)]) expect((await value(id)).SecretString).toBe('a')
  })

  it('says exactly what it cannot find', async () => {
    await expect(value('nothing')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    })
    await create('empty')
    await expect(value('empty')).rejects.toThrow(
      "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    )
    const nil = '00000000-0000-0000-0000-000000000000'
    await expect(value('empty', { VersionId: nil })).rejects.toThrow(
      `Secrets Manager can't find the specified secret value for VersionId: ${nil}`,
    )
    const { VersionId } = await create('s', { SecretString: 'a' })
    await expect(value('s', { VersionId, VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'You provided a VersionStage that is not associated to the provided VersionId.',
    })
  })

  it('keeps bytes as bytes', async () => {
    await create('s', { SecretBinary: new Uint8Array([0, 255, 7]) })
    expect((await value('s')).SecretBinary).toEqual(new Uint8Array([0, 255, 7]))
  })

  it('gives long lists in pages, and refuses the token of another list', async () => {
    for (let i = 0; i < 5; i++) await create(`s${i}`, { SecretString: 'a' })
    const page = await secrets.send(new ListSecretsCommand({ MaxResults: 3 }))
    expect(page.SecretList).toHaveLength(3)
    const { NextToken } = page
    const rest = await secrets.send(new ListSecretsCommand({ MaxResults: 3, NextToken: NextToken ?? '' }))
    expect(rest.SecretList).toHaveLength(2)
    const wrong = new ListSecretVersionIdsCommand({ SecretId: 's1', NextToken: NextToken ?? '' })
    await expect(secrets.send(wrong)).rejects.toMatchObject({ name: 'InvalidNextTokenException' })
  })

  it('makes random passwords of the length and the kinds that were asked for', async () => {
    expect(await password({})).toHaveLength(32)
    expect(await password({ PasswordLength: 64, ExcludePunctuation: true })).toMatch(/^[A-Za-z0-9]{64}$/)
    const digits = {
      PasswordLength: 10,
      ExcludePunctuation: true,
      ExcludeUppercase: true,
      ExcludeLowercase: true,
    }
    expect(await password({ ...digits, ExcludeCharacters: '0123' })).toMatch(/^[4-9]{10}$/)
    await expect(password({ PasswordLength: 3 })).rejects.toMatchObject({ name: 'InvalidParameterException' })
  })
})

it('puts AWSCURRENT on a first version whatever stage was asked for', async () => {
  await create('empty')
  const put = new PutSecretValueCommand({
    SecretId: 'empty',
    SecretString: 'a',
    VersionStages: ['AWSPENDING'],
  })
  expect((await secrets.send(put)).VersionStages).toEqual(['AWSPENDING', 'AWSCURRENT'])
})

it.skipIf(!haveModels)('answers only with errors that the model declares for the operation', async () => {
  await create('s', { SecretString: 'a' })
  const unused = randomUUID()
  const attempts = [
    new PutSecretValueCommand({ SecretId: 's' }),
    new PutSecretValueCommand({ SecretId: 's', SecretString: 'a', ClientRequestToken: 'short' }),
    new PutSecretValueCommand({ SecretId: 'nothing', SecretString: 'a' }),
    new RotateSecretCommand({ SecretId: 's' }),
    new RotateSecretCommand({ SecretId: 's', RotationRules: { AutomaticallyAfterDays: 1001 } }),
    new CancelRotateSecretCommand({ SecretId: 's' }),
    new UpdateSecretVersionStageCommand({
      SecretId: 's',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: unused,
    }),
    new UpdateSecretVersionStageCommand({
      SecretId: 's',
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: unused,
    }),
    new DescribeSecretCommand({ SecretId: '' }),
    new ListSecretVersionIdsCommand({ SecretId: 's', NextToken: 'bogus' }),
  ]
  // Each command has its own type; the list is only ever sent.
  for (const attempt of attempts)
    await expect(secrets.send(attempt as DescribeSecretCommand)).rejects.toThrow()
  const { operations } = modelOf('secretsmanager')
  const failed = aws.requests.filter(({ status }) => status !== 200)
  expect(failed).toHaveLength(attempts.length)
  for (const { operation, errorCode } of failed) {
    expect(
      operations[operation]?.errors?.map(({ shape }) => shape),
      operation,
    ).toContain(errorCode)
  }
})
