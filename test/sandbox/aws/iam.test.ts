import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListUsersCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LEAKED_KEY, demoScenario } from '../../../src/sandbox/aws/scenario.ts'
import { startAws, type AwsSandbox } from '../../../src/sandbox/aws/server.ts'
import { clientsOf } from './clients.ts'
import { haveModels, modelOf } from './models.ts'

let aws: AwsSandbox
let iam: ReturnType<typeof clientsOf>['iam']

beforeEach(async () => {
  aws = await startAws({ seed: demoScenario(new Date()) })
  iam = clientsOf(aws).iam
})
afterEach(() => aws.close())

const leaked = { UserName: 'ci-deployer', AccessKeyId: LEAKED_KEY }

it('says whose key it is and when it was last used', async () => {
  const used = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: LEAKED_KEY }))
  expect(used).toMatchObject({
    UserName: 'ci-deployer',
    AccessKeyLastUsed: { ServiceName: 'bedrock', Region: 'us-east-1', LastUsedDate: expect.any(Date) },
  })
})

it('does not say whose a key of another account is', async () => {
  const foreign = new GetAccessKeyLastUsedCommand({ AccessKeyId: 'AKIAFOREIGNFOREIGN22' })
  await expect(iam.send(foreign)).rejects.toMatchObject({
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403 },
  })
})

it('switches a key off and on again', async () => {
  await iam.send(new UpdateAccessKeyCommand({ ...leaked, Status: 'Inactive' }))
  const list = await iam.send(new ListAccessKeysCommand({ UserName: 'ci-deployer' }))
  expect(list).toMatchObject({
    AccessKeyMetadata: [{ AccessKeyId: LEAKED_KEY, Status: 'Inactive' }],
    IsTruncated: false,
  })
  await iam.send(new UpdateAccessKeyCommand({ ...leaked, Status: 'Active' }))
  expect(aws.state.keys.get(LEAKED_KEY)?.status).toBe('Active')
})

it('lets a key that is off sign nothing', async () => {
  const secretAccessKey = aws.state.keys.get(LEAKED_KEY)?.secretAccessKey ?? ''
  const thief = clientsOf(aws, { accessKeyId: LEAKED_KEY, secretAccessKey }).sts
  expect(await thief.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/ci-deployer',
  })
  await iam.send(new UpdateAccessKeyCommand({ ...leaked, Status: 'Inactive' }))
  await expect(thief.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
  })
})

it('makes at most two keys for a user, and shows the secret of a key once', async () => {
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ci-deployer' }))
  expect(AccessKey?.AccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/)
  expect(AccessKey?.SecretAccessKey).toHaveLength(40)
  await expect(iam.send(new CreateAccessKeyCommand({ UserName: 'ci-deployer' }))).rejects.toMatchObject({
    name: 'LimitExceededException',
    $metadata: { httpStatusCode: 409 },
  })
  await iam.send(
    new DeleteAccessKeyCommand({ UserName: 'ci-deployer', AccessKeyId: AccessKey?.AccessKeyId ?? '' }),
  )
  expect(JSON.stringify(aws.requests)).not.toContain(AccessKey?.SecretAccessKey)
})

it('takes an absent user name as the user who signed', async () => {
  expect((await iam.send(new GetUserCommand({}))).User?.UserName).toBe('firebreak')
  const keys = await iam.send(new ListAccessKeysCommand({}))
  expect(keys.AccessKeyMetadata?.map(({ AccessKeyId }) => AccessKeyId)).toEqual([aws.accessKeyId])
})

it('gives users in pages, by path', async () => {
  const first = await iam.send(new ListUsersCommand({ MaxItems: 3 }))
  expect(first.Users?.map(({ UserName }) => UserName)).toEqual(['alice', 'ci-deployer', 'firebreak'])
  const rest = await iam.send(new ListUsersCommand({ MaxItems: 3, Marker: first.Marker ?? '' }))
  expect(rest).toMatchObject({
    Users: [{ Arn: 'arn:aws:iam::123456789012:user/ml/model-server' }],
    IsTruncated: false,
  })
  const serving = await iam.send(new ListUsersCommand({ PathPrefix: '/ml/' }))
  expect(serving.Users).toHaveLength(1)
})

it.skipIf(!haveModels)(
  'answers with errors that the model declares, by their wire code and status',
  async () => {
    const attempts = [
      new UpdateAccessKeyCommand({ UserName: 'nobody', AccessKeyId: LEAKED_KEY, Status: 'Inactive' }),
      new UpdateAccessKeyCommand({ UserName: 'alice', AccessKeyId: LEAKED_KEY, Status: 'Inactive' }),
      new UpdateAccessKeyCommand({ ...leaked, Status: 'Expired' }),
      new DeleteAccessKeyCommand({ UserName: 'nobody', AccessKeyId: LEAKED_KEY }),
      new ListAccessKeysCommand({ UserName: 'nobody' }),
      new GetUserCommand({ UserName: 'nobody' }),
    ]
    for (const attempt of attempts) await expect(iam.send(attempt as GetUserCommand)).rejects.toThrow()
    const { operations, shapes } = modelOf('iam')
    for (const { operation, errorCode, status } of aws.requests) {
      const declared = operations[operation]?.errors?.map(({ shape }) => shapes[shape]?.error) ?? []
      expect(declared, operation).toContainEqual(
        expect.objectContaining({ code: errorCode, httpStatusCode: status }),
      )
    }
  },
)

it('refuses a malformed argument as a ValidationError', async () => {
  const short = new UpdateAccessKeyCommand({ AccessKeyId: 'AKIA', Status: 'Inactive' })
  await expect(iam.send(short)).rejects.toMatchObject({
    name: 'ValidationError',
    message:
      "1 validation error detected: Value at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16",
  })
})
