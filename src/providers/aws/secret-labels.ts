import type { Target } from '../../core/change.ts'
import { FirebreakError } from '../../core/errors.ts'
import { accountOf } from './arn.ts'
import type { SecretInfo, SecretVersion } from './secret-types.ts'

/** How many secrets the account has would take a right of its own to list them: no fleet is told. */
export function secretTarget({ arn, name, tags }: SecretInfo): Target {
  return { kind: 'aws.secret', id: arn, name, account: accountOf(arn), labels: tags }
}

export function labelled(versions: readonly SecretVersion[], stage: string): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(stage))
}

/** The version that programs read. A secret without one has no value yet. */
export function currentVersion(secret: SecretInfo, versions: readonly SecretVersion[]): string {
  const current = labelled(versions, 'AWSCURRENT')
  if (current !== undefined && !secret.deleted) return current.id
  const why = secret.deleted ? 'is scheduled for deletion' : 'has no value yet'
  throw new FirebreakError('provider.refused', `Secret ${secret.name} ${why}`, {
    remedy: 'Check that this is the secret that is meant.',
  })
}

/**
 * A rotation that has begun and not ended leaves AWSPENDING on a version that is not AWSCURRENT. The service refuses
 * another one then ("a previous rotation isn't complete"), and a new value written by us would race with it.
 */
export function unfinishedRotation(versions: readonly SecretVersion[]): SecretVersion | undefined {
  const pending = labelled(versions, 'AWSPENDING')
  return pending?.stages.includes('AWSCURRENT') === true ? undefined : pending
}

export function refuseUnfinishedRotation(secret: SecretInfo, versions: readonly SecretVersion[]): void {
  const pending = unfinishedRotation(versions)
  if (pending === undefined) return
  const text = `A rotation of secret ${secret.name} has begun and not ended: AWSPENDING is on version ${pending.id}, which is not current`
  throw new FirebreakError('provider.refused', text, {
    remedy: `Look at the log of its rotation function. If the rotation is dead, give it up with "aws secretsmanager update-secret-version-stage --secret-id ${secret.arn} --version-stage AWSPENDING --remove-from-version-id ${pending.id}", then run again.`,
  })
}
