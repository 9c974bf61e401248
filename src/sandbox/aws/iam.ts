import { randomBytes, randomInt } from 'node:crypto'
import { z } from 'zod'
import { AwsError } from './errors.ts'
import { operationsOf } from './operation.ts'
import { pageOf, type Page } from './paging.ts'
import { userArn, type AccessKey, type AwsState, type Call, type User } from './state.ts'
import type { WireObject } from './wire.ts'

const operation = operationsOf('iam', () => 'ValidationError')

// Constraints of the service model iam-2010-05-08; a test holds them against it.
const userName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w+=,.@-]+$/)
const accessKeyId = z
  .string()
  .min(16)
  .max(128)
  .regex(/^[\w]+$/)
const paged = {
  Marker: z
    .string()
    .min(1)
    .max(320)
    .regex(/^[\u0020-\u00FF]+$/)
    .optional(),
  MaxItems: z.coerce.number().int().min(1).max(1000).optional(),
}

/** Both lists give at most 100 items when MaxItems is absent (API reference). */
const DEFAULT_PAGE = 100
/** The quota AccessKeysPerUser, which cannot be raised. */
const KEYS_PER_USER = 2

export const iamOperations = {
  GetAccessKeyLastUsed: operation('GetAccessKeyLastUsed', {
    input: z.strictObject({ AccessKeyId: accessKeyId }),
    run: ({ AccessKeyId }, { world: { state }, caller }) => {
      const key = state.keys.get(AccessKeyId)
      if (key === undefined) throw foreignKey(state, { caller, accessKeyId: AccessKeyId })
      const { lastUsed } = key
      return {
        UserName: key.userName,
        AccessKeyLastUsed: {
          LastUsedDate: lastUsed?.date,
          ServiceName: lastUsed?.serviceName ?? 'N/A',
          Region: lastUsed?.region ?? 'N/A',
        },
      }
    },
  }),
  ListAccessKeys: operation('ListAccessKeys', {
    input: z.strictObject({ UserName: userName.optional(), ...paged }),
    run: (input, call) => {
      const user = findUser(call, input.UserName)
      const page = pageOrError(keysOf(call.world.state, user), { ...input, list: `keys ${user.userName}` })
      return { AccessKeyMetadata: page.items.map(keyMetadata), ...truncation(page) }
    },
  }),
  UpdateAccessKey: operation('UpdateAccessKey', {
    mutates: true,
    input: z.strictObject({
      UserName: userName.optional(),
      AccessKeyId: accessKeyId,
      Status: z.enum(['Active', 'Inactive', 'Expired']),
    }),
    run: (input, call) => {
      if (input.Status === 'Expired') {
        throw new AwsError(
          'InvalidInput',
          'The status of an access key can be set to Active or Inactive only.',
        )
      }
      findKey(call, input).status = input.Status
      return undefined
    },
  }),
  CreateAccessKey: operation('CreateAccessKey', {
    mutates: true,
    input: z.strictObject({ UserName: userName.optional() }),
    run: (input, call) => {
      const { state, now } = call.world
      const user = findUser(call, input.UserName)
      if (keysOf(state, user).length >= KEYS_PER_USER) {
        throw new AwsError(
          'LimitExceeded',
          `Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER}`,
          409,
        )
      }
      const key = newAccessKey(user.userName, now())
      state.keys.set(key.accessKeyId, key)
      return { AccessKey: { ...keyMetadata(key), SecretAccessKey: key.secretAccessKey } }
    },
  }),
  DeleteAccessKey: operation('DeleteAccessKey', {
    mutates: true,
    input: z.strictObject({ UserName: userName.optional(), AccessKeyId: accessKeyId }),
    run: (input, call) => {
      call.world.state.keys.delete(findKey(call, input).accessKeyId)
      return undefined
    },
  }),
  ListUsers: operation('ListUsers', {
    input: z.strictObject({
      PathPrefix: z
        .string()
        .min(1)
        .max(512)
        .regex(/^\u002F[\u0021-\u007F]*$/)
        .optional(),
      ...paged,
    }),
    run: (input, { world: { state } }) => {
      const prefix = input.PathPrefix ?? '/'
      const users = [...state.users.values()].filter((user) => user.path.startsWith(prefix))
      const sorted = users.sort((a, b) => (a.userName < b.userName ? -1 : 1))
      const page = pageOrError(sorted, { ...input, list: `users ${prefix}` })
      return { Users: page.items.map((user) => userShape(state, user)), ...truncation(page) }
    },
  }),
  GetUser: operation('GetUser', {
    input: z.strictObject({ UserName: userName.optional() }),
    // Tags come with one user, never with a list of them (API reference).
    run: (input, call) => {
      const user = findUser(call, input.UserName)
      return { User: { ...userShape(call.world.state, user), Tags: tagsOf(user) } }
    },
  }),
}

/** A key as IAM makes them: AKIA, then sixteen of A–Z and 2–7. */
export function newAccessKey(owner: string, created: Date): AccessKey {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const id = Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return {
    accessKeyId: `AKIA${id}`,
    userName: owner,
    secretAccessKey: randomBytes(30).toString('base64'),
    status: 'Active',
    created,
  }
}

/** An absent user name means the user whose key signed the request. */
function findUser({ world, caller }: Call, name: string | undefined): User {
  const wanted = name ?? caller.userName
  const user = world.state.users.get(wanted)
  if (user === undefined) throw noSuchEntity(`The user with name ${wanted} cannot be found.`)
  return user
}

function findKey(call: Call, input: { UserName?: string | undefined; AccessKeyId: string }): AccessKey {
  const user = findUser(call, input.UserName)
  const key = call.world.state.keys.get(input.AccessKeyId)
  if (key?.userName !== user.userName) {
    throw noSuchEntity(`The Access Key with id ${input.AccessKeyId} cannot be found.`)
  }
  return key
}

function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, 404)
}

type Asked = { readonly caller: AccessKey; readonly accessKeyId: string }

/** IAM answers AccessDenied, not NoSuchEntity, for a key that is not of this account: it does not say whose it is. */
function foreignKey(state: AwsState, { caller, accessKeyId }: Asked): AwsError {
  const arn = `arn:aws:iam::${state.account}:user/${caller.userName}`
  const text = `User: ${arn} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key ${accessKeyId}`
  return new AwsError('AccessDenied', text, 403)
}

function keysOf(state: AwsState, user: User): AccessKey[] {
  return [...state.keys.values()].filter((key) => key.userName === user.userName)
}

function keyMetadata(key: AccessKey): WireObject {
  return { UserName: key.userName, AccessKeyId: key.accessKeyId, Status: key.status, CreateDate: key.created }
}

function userShape(state: AwsState, user: User): WireObject {
  return {
    Path: user.path,
    UserName: user.userName,
    UserId: user.userId,
    Arn: userArn(state, user),
    CreateDate: user.created,
  }
}

function tagsOf({ tags }: User): WireObject['Tags'] {
  return tags.length === 0 ? undefined : tags
}

type Asking = {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
  readonly list: string
}

function pageOrError<T>(items: readonly T[], { Marker, MaxItems, list }: Asking): Page<T> {
  const page = pageOf(items, { list, size: MaxItems ?? DEFAULT_PAGE, token: Marker })
  if (page === undefined) throw new AwsError('ValidationError', 'Invalid Marker.')
  return page
}

function truncation(page: Page<unknown>): WireObject {
  return { IsTruncated: page.next !== undefined, Marker: page.next }
}
