import { AwsError } from './errors.ts'
import type { AwsState, Secret, SecretVersion } from './state.ts'

export const CURRENT = 'AWSCURRENT'
export const PENDING = 'AWSPENDING'
const PREVIOUS = 'AWSPREVIOUS'

export type SecretValue = { readonly string?: string; readonly binary?: string }

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message)
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message)
}

export function notFound(message = "Secrets Manager can't find the specified secret."): AwsError {
  return new AwsError('ResourceNotFoundException', message)
}

/** By name, by ARN, or by an ARN without its six random characters, as the service allows. */
export function findSecret(state: AwsState, id: string): Secret {
  const secrets = [...state.secrets.values()]
  const secret = secrets.find(({ arn, name }) => name === id || arn === id || arn.slice(0, -7) === id)
  if (secret === undefined) throw notFound()
  return secret
}

export function versionAt(secret: Secret, stage: string): SecretVersion | undefined {
  return [...secret.versions.values()].find(({ stages }) => stages.includes(stage))
}

export function hasValue(version: SecretVersion): boolean {
  return version.string !== undefined || version.binary !== undefined
}

/** A label sits on one version only; moving AWSCURRENT puts AWSPREVIOUS on the version that it left. */
export function attach(secret: Secret, version: SecretVersion, stage: string): void {
  const holder = versionAt(secret, stage)
  if (holder === version) return
  if (holder !== undefined) detach(holder, stage)
  version.stages.push(stage)
  if (stage !== CURRENT) return
  detach(version, PREVIOUS)
  if (holder !== undefined) attach(secret, holder, PREVIOUS)
}

export function detach(version: SecretVersion, stage: string): void {
  version.stages = version.stages.filter((other) => other !== stage)
}

type NewVersion = { readonly id: string; readonly value: SecretValue; readonly stages: readonly string[] }

/**
 * Stores a value under a version id, once: the same value again is the same request, another value is refused. A
 * placeholder without a value (a rotation in progress) takes its value this way.
 */
export function putVersion(secret: Secret, { id, value, stages }: NewVersion, now: Date): SecretVersion {
  const existing = secret.versions.get(id)
  if (existing !== undefined && hasValue(existing)) {
    if (sameValue(existing, value)) return existing
    throw tokenInUse(secret, id)
  }
  const version = existing ?? { id, created: now, stages: [] }
  Object.assign(version, value)
  secret.versions.set(id, version)
  for (const stage of stages) attach(secret, version, stage)
  // The first version with a value is current, whatever was asked for.
  if (versionAt(secret, CURRENT) === undefined) attach(secret, version, CURRENT)
  secret.lastChanged = now
  return version
}

export function tokenInUse(secret: Secret, token: string): AwsError {
  const text = `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`
  return new AwsError('ResourceExistsException', text)
}

function sameValue(version: SecretVersion, value: SecretValue): boolean {
  return version.string === value.string && version.binary === value.binary
}

type Move = {
  readonly VersionStage: string
  readonly RemoveFromVersionId?: string | undefined
  readonly MoveToVersionId?: string | undefined
}

/** UpdateSecretVersionStage: conditional on where the label is now, which is what makes it a safe write. */
export function moveStage(secret: Secret, move: Move): void {
  const { VersionStage: stage, MoveToVersionId: to } = move
  const holder = versionAt(secret, stage)
  const target = to === undefined ? undefined : secret.versions.get(to)
  if (to !== undefined && target === undefined) {
    throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${to}`)
  }
  if (holder !== target || holder === undefined) checkRemoval(move, holder)
  if (target !== undefined) return attach(secret, target, stage)
  if (stage === CURRENT) throw invalidParameter('The staging label AWSCURRENT can be moved, not removed.')
  if (holder !== undefined) detach(holder, stage)
}

function checkRemoval(
  { VersionStage: stage, RemoveFromVersionId: from }: Move,
  holder: SecretVersion | undefined,
): void {
  if (from !== undefined && holder?.id !== from) {
    throw invalidParameter(
      `The staging label ${stage} is not currently attached to version ${from}, referenced in RemoveFromVersionId.`,
    )
  }
  if (from === undefined && holder !== undefined) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    )
  }
}
