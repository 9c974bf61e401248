import type * as Sdk from '@aws-sdk/client-secrets-manager'

export type SecretInfo = {
  readonly arn: string
  readonly name: string
  readonly tags: { readonly [tag: string]: string }
  /** ARN of the rotation function; `managed` for a secret that another AWS service rotates. */
  readonly rotatedBy?: string
  /** False when a rotation function is configured but its schedule is switched off. */
  readonly rotationEnabled: boolean
  /** Scheduled for deletion: the service refuses everything but restoring it. */
  readonly deleted: boolean
}

export type SecretVersion = { readonly id: string; readonly stages: readonly string[] }

export type Rotation = { readonly secretId: string; readonly token: string }
export type Staging = Rotation & { readonly length: number }
export type Move = { readonly secretId: string; readonly from: string; readonly to: string }

/** What actions need of Secrets Manager. No method returns a secret value: none can leave the provider (P9). */
export type Secrets = {
  readonly describe: (secretId: string, signal: AbortSignal) => Promise<SecretInfo>
  /** All versions, those without a label included. */
  readonly versions: (secretId: string, signal: AbortSignal) => Promise<readonly SecretVersion[]>
  /** Begins a rotation by the secret's function. The token becomes the new version's id; a repeat begins nothing. */
  readonly rotate: (rotation: Rotation, signal: AbortSignal) => Promise<void>
  /**
   * Stores a random value, made by the service, under AWSPENDING. The token becomes the version's id. When that version
   * exists already, nothing happens: its value was made by an earlier attempt.
   */
  readonly stageRandom: (staging: Staging, signal: AbortSignal) => Promise<void>
  /** Moves AWSCURRENT on condition that it is on `from`; `provider.conflict` otherwise. */
  readonly moveCurrent: (move: Move, signal: AbortSignal) => Promise<void>
  /** Takes AWSPENDING off a version. */
  readonly removePending: (label: Omit<Move, 'to'>, signal: AbortSignal) => Promise<void>
}

/** `writing` never repeats a call by itself. */
export type Manager = {
  readonly sdk: typeof Sdk
  readonly reading: Sdk.SecretsManagerClient
  readonly writing: Sdk.SecretsManagerClient
}
