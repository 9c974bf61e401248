import { FirebreakError } from '../../core/errors.ts'
import { awsError, awsErrorName, calling } from './errors.ts'
import type { Manager, Move, Rotation, Staging } from './secret-types.ts'

export async function rotate(
  { sdk, writing }: Manager,
  { secretId, token }: Rotation,
  abortSignal: AbortSignal,
): Promise<void> {
  const command = new sdk.RotateSecretCommand({ SecretId: secretId, ClientRequestToken: token })
  await calling('secretsmanager:RotateSecret', () => writing.send(command, { abortSignal }))
}

export async function stageRandom(
  manager: Manager,
  staging: Staging,
  abortSignal: AbortSignal,
): Promise<void> {
  const command = new manager.sdk.PutSecretValueCommand({
    SecretId: staging.secretId,
    ClientRequestToken: staging.token,
    SecretString: await randomValue(manager, staging.length, abortSignal),
    VersionStages: ['AWSPENDING'],
  })
  try {
    await manager.writing.send(command, { abortSignal })
  } catch (error) {
    // An earlier attempt with this token has stored its own random value: as good as this one.
    if (awsErrorName(error) === 'ResourceExistsException') return
    throw awsError('secretsmanager:PutSecretValue', error)
  }
}

async function randomValue(
  { sdk, reading }: Manager,
  length: number,
  abortSignal: AbortSignal,
): Promise<string> {
  // Letters and digits only: a token with quotes or blanks breaks the first script that reads it.
  const command = new sdk.GetRandomPasswordCommand({ PasswordLength: length, ExcludePunctuation: true })
  const answer = await calling('secretsmanager:GetRandomPassword', () =>
    reading.send(command, { abortSignal }),
  )
  if (answer.RandomPassword?.length === length) return answer.RandomPassword
  throw new FirebreakError('provider.unavailable', 'AWS secretsmanager:GetRandomPassword gave no value', {
    remedy: 'Nothing was changed. Try again.',
  })
}

export async function moveCurrent(
  { sdk, writing }: Manager,
  { secretId, from, to }: Move,
  abortSignal: AbortSignal,
): Promise<void> {
  const move = { VersionStage: 'AWSCURRENT', RemoveFromVersionId: from, MoveToVersionId: to }
  const command = new sdk.UpdateSecretVersionStageCommand({ SecretId: secretId, ...move })
  try {
    await writing.send(command, { abortSignal })
  } catch (error) {
    // How the service answers when the label is not on `from`.
    if (awsErrorName(error) === 'InvalidParameterException') throw currentMoved(secretId)
    throw awsError('secretsmanager:UpdateSecretVersionStage', error)
  }
}

export async function removePending(
  { sdk, writing }: Manager,
  { secretId, from }: Omit<Move, 'to'>,
  abortSignal: AbortSignal,
): Promise<void> {
  const label = { VersionStage: 'AWSPENDING', RemoveFromVersionId: from }
  const command = new sdk.UpdateSecretVersionStageCommand({ SecretId: secretId, ...label })
  await calling('secretsmanager:UpdateSecretVersionStage', () => writing.send(command, { abortSignal }))
}

/** AWSCURRENT is not where it was when the change was planned. */
export function currentMoved(secretId: string): FirebreakError {
  const text = `The current version of secret ${secretId} is no longer the planned one`
  return new FirebreakError('provider.conflict', text, {
    remedy: 'Plan again: somebody else has changed the secret.',
  })
}
