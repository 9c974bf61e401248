import { userArn, type AwsState } from './state.ts'

/** The account as a page may show it: plain JSON, no secret value, no secret access key. */
export type AwsSnapshot = {
  readonly account: string
  readonly region: string
  readonly users: readonly {
    readonly userName: string
    readonly arn: string
    readonly keys: readonly {
      readonly accessKeyId: string
      readonly status: string
      readonly lastUsed?: string
    }[]
  }[]
  readonly secrets: readonly {
    readonly name: string
    readonly arn: string
    readonly rotationFunction?: string
    readonly rotation?: { readonly step?: string; readonly outcome: string }
    readonly versions: readonly { readonly id: string; readonly stages: readonly string[] }[]
  }[]
}

export function snapshotOf(state: AwsState): AwsSnapshot {
  return {
    account: state.account,
    region: state.region,
    users: [...state.users.values()].map((user) => ({
      userName: user.userName,
      arn: userArn(state, user),
      keys: [...state.keys.values()].filter((key) => key.userName === user.userName).map(keyView),
    })),
    secrets: [...state.secrets.values()].map(secretView),
  }
}

function keyView(key: AwsState['keys'] extends Map<string, infer Key> ? Key : never) {
  const { accessKeyId, status, lastUsed } = key
  return { accessKeyId, status, ...(lastUsed === undefined ? {} : { lastUsed: lastUsed.date.toISOString() }) }
}

function secretView(secret: AwsState['secrets'] extends Map<string, infer Secret> ? Secret : never) {
  const { name, arn, rotationFunction } = secret
  const last = secret.rotations.at(-1)
  const step = last?.steps.at(-1)
  return {
    name,
    arn,
    ...(rotationFunction === undefined ? {} : { rotationFunction }),
    ...(last === undefined
      ? {}
      : { rotation: { outcome: last.outcome, ...(step === undefined ? {} : { step }) } }),
    versions: [...secret.versions.values()].map(({ id, stages }) => ({ id, stages: [...stages] })),
  }
}
