import type * as Sdk from '@aws-sdk/client-iam'
import { labelsOf } from './arn.ts'
import type { AwsConfig } from './config.ts'
import { calling } from './errors.ts'
import { lazy } from './lazy.ts'
import { clientOptions } from './options.ts'

export type KeyStatus = 'Active' | 'Inactive'
export type KeyId = { readonly userName: string; readonly accessKeyId: string }
export type AccessKey = KeyId & { readonly status: KeyStatus; readonly created?: string }
type LastUsed = { readonly service: string; readonly region: string; readonly date: string }
type User = { readonly arn: string; readonly tags: { readonly [tag: string]: string } }
type KeyOwner = { readonly userName: string; readonly lastUsed?: LastUsed }

/** What actions need of IAM. The signal ends the call. */
export type AccessKeys = {
  /** The user who owns the key, and when it was last used. IAM knows it for a key of this account only. */
  readonly ownerOf: (accessKeyId: string, signal: AbortSignal) => Promise<KeyOwner>
  readonly user: (userName: string, signal: AbortSignal) => Promise<User>
  /** Undefined when the user has no such key. */
  readonly find: (key: KeyId, signal: AbortSignal) => Promise<AccessKey | undefined>
  readonly setStatus: (key: KeyId & { readonly status: KeyStatus }, signal: AbortSignal) => Promise<void>
  /** The access key id that Firebreak itself signs with. */
  readonly own: () => Promise<string>
}

type Iam = {
  readonly sdk: typeof Sdk
  readonly reading: Sdk.IAMClient
  readonly writing: Sdk.IAMClient
}

export function accessKeysOf(config: AwsConfig): AccessKeys {
  const iam = lazy(async (): Promise<Iam> => {
    const sdk = await import('@aws-sdk/client-iam')
    const { reading, writing } = clientOptions(config)
    return { sdk, reading: new sdk.IAMClient(reading), writing: new sdk.IAMClient(writing) }
  })
  return {
    ownerOf: async (accessKeyId, signal) => ownerOf(await iam(), accessKeyId, signal),
    user: async (userName, signal) => getUser(await iam(), userName, signal),
    find: async (key, signal) => find(await iam(), key, signal),
    setStatus: async (key, signal) => setStatus(await iam(), key, signal),
    own: async () => {
      const { reading } = await iam()
      return (await calling('credentials', () => reading.config.credentials())).accessKeyId
    },
  }
}

async function ownerOf(
  { sdk, reading }: Iam,
  accessKeyId: string,
  abortSignal: AbortSignal,
): Promise<KeyOwner> {
  const command = new sdk.GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId })
  const answer = await calling('iam:GetAccessKeyLastUsed', () => reading.send(command, { abortSignal }))
  const { UserName: userName = '', AccessKeyLastUsed: used } = answer
  if (used?.LastUsedDate === undefined) return { userName }
  const { ServiceName: service = '', Region: region = '', LastUsedDate } = used
  return { userName, lastUsed: { service, region, date: LastUsedDate.toISOString() } }
}

/** GetUser tells the tags too, with no right but its own; ListUsers would not. */
async function getUser({ sdk, reading }: Iam, userName: string, abortSignal: AbortSignal): Promise<User> {
  const command = new sdk.GetUserCommand({ UserName: userName })
  const { User } = await calling('iam:GetUser', () => reading.send(command, { abortSignal }))
  return { arn: User?.Arn ?? '', tags: labelsOf(User?.Tags) }
}

async function find(iam: Iam, key: KeyId, signal: AbortSignal): Promise<AccessKey | undefined> {
  const keys = await list(iam, key.userName, signal)
  const found = keys.find(({ AccessKeyId }) => AccessKeyId === key.accessKeyId)
  if (found === undefined) return undefined
  const { Status, CreateDate } = found
  // An expired key signs nothing, like an inactive one.
  const status = Status === 'Active' ? 'Active' : 'Inactive'
  return { ...key, status, ...(CreateDate === undefined ? {} : { created: CreateDate.toISOString() }) }
}

/** All keys of a user. A user has two at most: a server that goes on giving pages is not believed for ever. */
async function list({ sdk, reading }: Iam, userName: string, abortSignal: AbortSignal) {
  const keys: Sdk.AccessKeyMetadata[] = []
  let marker: string | undefined
  for (let page = 0; page < 10; page++) {
    const more = marker === undefined ? {} : { Marker: marker }
    const command = new sdk.ListAccessKeysCommand({ UserName: userName, ...more })
    const answer = await calling('iam:ListAccessKeys', () => reading.send(command, { abortSignal }))
    keys.push(...(answer.AccessKeyMetadata ?? []))
    marker = answer.Marker
    if (answer.IsTruncated !== true || marker === undefined) break
  }
  return keys
}

async function setStatus(
  { sdk, writing }: Iam,
  { userName, accessKeyId, status }: KeyId & { readonly status: KeyStatus },
  abortSignal: AbortSignal,
): Promise<void> {
  const input = { UserName: userName, AccessKeyId: accessKeyId, Status: status }
  const command = new sdk.UpdateAccessKeyCommand(input)
  await calling('iam:UpdateAccessKey', () => writing.send(command, { abortSignal }))
}
