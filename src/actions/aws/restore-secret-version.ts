import { z } from 'zod'
import { defineEffect } from '../../core/action.ts'
import { inverse, type Verdict } from '../../core/change.ts'
import { FirebreakError } from '../../core/errors.ts'
import { secretArn, secretId } from '../../providers/aws/fields.ts'
import { aws } from '../../providers/aws/provider.ts'
import {
  currentVersion,
  labelled,
  refuseUnfinishedRotation,
  secretTarget,
} from '../../providers/aws/secret-labels.ts'

const Planned = z.object({
  before: z.object({ currentVersion: z.string() }),
  after: z.object({ currentVersion: z.string() }),
})

export const restoreSecretVersion = defineEffect({
  name: 'aws.restore-secret-version',
  title: 'Make an earlier version of a secret current again',
  effect: 'reversible',
  provider: aws,
  contract: 1,
  permissions: {
    plan: { aws: ['secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'] },
    apply: { aws: ['secretsmanager:UpdateSecretVersionStage'] },
  },
  input: z.strictObject({ secretId, versionId: z.string().describe('Id of the version to make current') }),
  output: z.strictObject({ secretArn, versionId: z.string().describe('The version that is current now') }),
  plan: async ({ secretId, versionId }, { client: { secrets }, signal }) => {
    const secret = await secrets.describe(secretId, signal)
    const versions = await secrets.versions(secret.arn, signal)
    refuseUnfinishedRotation(secret, versions)
    if (!versions.some(({ id }) => id === versionId)) {
      throw new FirebreakError('provider.not-found', `Secret ${secret.name} has no version ${versionId}`, {
        remedy:
          'Secrets Manager deletes versions that have no label. Store the value anew, or rotate the secret.',
      })
    }
    const current = currentVersion(secret, versions)
    return {
      target: secretTarget(secret),
      before: { currentVersion: current },
      after: { currentVersion: versionId },
      version: current,
      confidence: 'predicted',
      output: { secretArn: secret.arn, versionId },
      ...(secret.rotatedBy === undefined
        ? {}
        : {
            note: 'A rotation function has changed the credential at its service: the old value may not work there.',
          }),
    }
  },
  apply: async (change, { client: { secrets }, signal }) => {
    const planned = Planned.parse(change)
    const { id: secretId } = change.target
    const from = planned.before.currentVersion
    const versions = await secrets.versions(secretId, signal)
    // A rotation may leave AWSPENDING on the current version. There it means nothing; left behind on a version that is
    // no longer current it would look like a stuck rotation, so it goes first.
    if (labelled(versions, 'AWSPENDING')?.id === from) await secrets.removePending({ secretId, from }, signal)
    await secrets.moveCurrent({ secretId, from, to: planned.after.currentVersion }, signal)
  },
  probe: async (change, { client: { secrets }, signal }): Promise<Verdict> => {
    const planned = Planned.parse(change)
    const current = labelled(await secrets.versions(change.target.id, signal), 'AWSCURRENT')?.id
    if (current === planned.after.currentVersion) return 'applied'
    return current === planned.before.currentVersion ? 'absent' : 'changed'
  },
  deadlineMs: 20_000,
  settleMs: 5000,
  undo: (change) =>
    inverse('aws.restore-secret-version', {
      secretId: change.target.id,
      versionId: Planned.parse(change).before.currentVersion,
    }),
})
