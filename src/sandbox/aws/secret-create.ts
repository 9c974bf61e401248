import { randomInt } from 'node:crypto'
import { invalidParameter } from './secret-versions.ts'
import type { AwsState, Secret, World } from './state.ts'

type Wanted = {
  readonly Name: string
  readonly Description?: string | undefined
  readonly KmsKeyId?: string | undefined
  readonly Tags?:
    | readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]
    | undefined
}

/** The secret of this name, made when there is none. */
export function createSecret(world: World, wanted: Wanted): { secret: Secret; known: boolean } {
  const known = [...world.state.secrets.values()].find(({ name }) => name === wanted.Name)
  if (known !== undefined) return { secret: known, known: true }
  if (!/^[A-Za-z0-9/_+=.@!-]+$/.test(wanted.Name)) {
    throw invalidParameter(
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    )
  }
  const secret: Secret = {
    arn: secretArn(world.state, wanted.Name),
    name: wanted.Name,
    created: world.now(),
    lastChanged: world.now(),
    versions: new Map(),
    rotations: [],
    tags: (wanted.Tags ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value })),
    ...(wanted.Description === undefined ? {} : { description: wanted.Description }),
    ...(wanted.KmsKeyId === undefined ? {} : { kmsKeyId: wanted.KmsKeyId }),
  }
  world.state.secrets.set(secret.arn, secret)
  return { secret, known: false }
}

/** The ARN ends with a hyphen and six random characters, so that a secret made anew is another thing. */
export function secretArn(state: Pick<AwsState, 'account' | 'region'>, name: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  const suffix = Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return `arn:aws:secretsmanager:${state.region}:${state.account}:secret:${name}-${suffix}`
}
