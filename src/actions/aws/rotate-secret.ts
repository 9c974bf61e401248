import { z } from 'zod'
import { type ApplyContext, defineEffect } from '../../core/action.ts'
import { type Change, inverse, type Verdict } from '../../core/change.ts'
import { FirebreakError, isFirebreakError } from '../../core/errors.ts'
import { secretArn, secretId } from '../../providers/aws/fields.ts'
import { aws, type AwsClient } from '../../providers/aws/provider.ts'
import { requestToken } from '../../providers/aws/request-token.ts'
import {
  currentVersion,
  labelled,
  refuseUnfinishedRotation,
  secretTarget,
  unfinishedRotation,
} from '../../providers/aws/secret-labels.ts'
import { currentMoved } from '../../providers/aws/secret-writes.ts'
import { waitFor } from '../../providers/aws/wait.ts'

// A secret rotates in one of two ways.
//
// *By its rotation function*: one RotateSecret. The request token becomes the id of the new version, so a repeat starts
// nothing, and the probe knows our version from anybody else's.
//
// *By us, where there is no function*: the service makes a random value, we store it under AWSPENDING, then move
// AWSCURRENT to it. That is two writes, but one effect: programs read AWSCURRENT, so nothing changes for anybody until
// the second write, which is atomic and conditional on the planned version. After a crash between the two, the value
// exists but nobody uses it. The probe says `unknown` then: `absent` would hide a staged version that blocks the next
// rotation, `applied` would be a lie. A repeat with the same idempotency key finds the version by its id, keeps its
// value, and makes the move only; a repeat after the move finds the work done.

const FUNCTION_DEADLINE_MS = 120_000
/** A rotation that was accepted makes its version at once; one that shows none after this long was not begun. */
const APPEAR_MS = 5000
const staysReplaced = 'a value that is in strange hands is never made current again'
const byUs = 'a random value made by Secrets Manager'

const Planned = z.object({
  before: z.object({ currentVersion: z.string() }),
  after: z.object({ valueFrom: z.string() }),
})

const Input = z.strictObject({
  secretId,
  length: z
    .int()
    .min(16)
    .max(4096)
    .default(48)
    .describe('Letters and digits of the new value, where no rotation function makes it'),
})
type Context = ApplyContext<AwsClient> & { readonly input: z.infer<typeof Input> }

export const rotateSecret = defineEffect({
  name: 'aws.rotate-secret',
  title: 'Rotate a secret in Secrets Manager',
  effect: 'reversible',
  provider: aws,
  contract: 1,
  permissions: {
    plan: { aws: ['secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'] },
    apply: {
      aws: [
        'secretsmanager:RotateSecret',
        'lambda:InvokeFunction',
        'secretsmanager:GetRandomPassword',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
    },
  },
  input: Input,
  output: z.strictObject({
    secretArn,
    secretName: z.string().describe('Name of the secret'),
    previousVersionId: z.string().describe('The version that was current before'),
  }),
  plan: async ({ secretId, length }, { client: { secrets }, signal }) => {
    const secret = await secrets.describe(secretId, signal)
    const versions = await secrets.versions(secret.arn, signal)
    refuseUnfinishedRotation(secret, versions)
    const current = currentVersion(secret, versions)
    return {
      target: secretTarget(secret),
      before: { currentVersion: current },
      after: {
        currentVersion: 'a new version',
        valueFrom: secret.rotatedBy ?? `${byUs} (${length} characters)`,
      },
      version: current,
      confidence: 'predicted',
      output: { secretArn: secret.arn, secretName: secret.name, previousVersionId: current },
      note: noteOn(secret),
    }
  },
  apply: async (change, context) => {
    const { valueFrom } = Planned.parse(change).after
    await (valueFrom.startsWith(byUs) ? replaceValue(change, context) : rotateByFunction(change, context))
  },
  probe: async (change, context): Promise<Verdict> => {
    const token = requestToken(context.idempotencyKey)
    const versions = await context.client.secrets.versions(change.target.id, context.signal)
    const current = labelled(versions, 'AWSCURRENT')?.id
    const ours = versions.find(({ id }) => id === token)
    if (current === token) return 'applied'
    if (current !== Planned.parse(change).before.currentVersion) return 'changed'
    // A version without a label was given up: nobody reads it, and it blocks nothing.
    if (ours === undefined || ours.stages.length === 0) return 'absent'
    // Begun, not ended: a function at work or stuck, or the crash between our two writes.
    return ours.stages.includes('AWSPENDING') ? 'unknown' : 'changed'
  },
  deadlineMs: FUNCTION_DEADLINE_MS,
  settleMs: 5000,
  // The request token becomes the id of the new version, whichever way it is made.
  left: (_change, idempotencyKey) => ({ currentVersion: requestToken(idempotencyKey) }),
  neverUndone: { leak: staysReplaced, compromise: staysReplaced },
  undo: (change) =>
    inverse('aws.restore-secret-version', {
      secretId: change.target.id,
      versionId: Planned.parse(change).before.currentVersion,
    }),
})

function noteOn(secret: { readonly rotatedBy?: string; readonly rotationEnabled: boolean }): string {
  const reload = 'Programs must read the secret again.'
  if (secret.rotatedBy === undefined) {
    return `No rotation function: the whole value is replaced, whatever its form, and nothing is changed at the service that accepts it. ${reload}`
  }
  return secret.rotationEnabled ? reload : `The schedule is off; rotating switches it on again. ${reload}`
}

async function rotateByFunction(change: Change, context: Context): Promise<void> {
  const { secrets } = context.client
  const { signal } = context
  const token = requestToken(context.idempotencyKey)
  const secretId = change.target.id
  const versions = await secrets.versions(secretId, signal)
  if (!versions.some(({ id }) => id === token)) {
    // RotateSecret has no condition: look at the last moment whether this is still the secret that was planned.
    if (labelled(versions, 'AWSCURRENT')?.id !== change.version) throw currentMoved(secretId)
    await secrets.rotate({ secretId, token }, signal)
  }
  const giveUp = performance.now() + APPEAR_MS
  const isDone = async () => {
    const ours = (await secrets.versions(secretId, signal)).find(({ id }) => id === token)
    return ours === undefined ? notYet(giveUp) : isCurrent(ours.stages)
  }
  await waitFor('rotation', isDone, signal)
}

function notYet(giveUp: number): false {
  if (performance.now() < giveUp) return false
  throw new FirebreakError('provider.timeout', 'The rotation was accepted, but no new version appeared', {
    remedy: 'Probe the secret, and look at the log of its rotation function.',
  })
}

/** False while the rotation is at work; an error when somebody has ended it. */
function isCurrent(stages: readonly string[]): boolean {
  if (stages.includes('AWSCURRENT')) return true
  if (stages.includes('AWSPENDING')) return false
  throw new FirebreakError(
    'provider.refused',
    'The rotation was given up before its new version became current',
    {
      remedy:
        'See who took AWSPENDING off the version, and the log of the rotation function; then run again.',
    },
  )
}

async function replaceValue(change: Change, { client: { secrets }, signal, input, idempotencyKey }: Context) {
  const token = requestToken(idempotencyKey)
  const secretId = change.target.id
  const from = Planned.parse(change).before.currentVersion
  const versions = await secrets.versions(secretId, signal)
  const current = labelled(versions, 'AWSCURRENT')?.id
  if (current === token) return
  const staged = versions.some(({ id }) => id === token)
  if (!staged) {
    if (current !== from || unfinishedRotation(versions) !== undefined) throw currentMoved(secretId)
    await secrets.stageRandom({ secretId, token, length: input.length }, signal)
  }
  try {
    await secrets.moveCurrent({ secretId, from, to: token }, signal)
  } catch (error) {
    // Refused, so nothing moved: our staged version would look like a stuck rotation. If this fails too, the probe and
    // the next plan say so.
    if (isRefusal(error))
      await secrets.removePending({ secretId, from: token }, signal).catch(() => undefined)
    throw error
  }
}

/** The service has answered, and with no: unlike a lost answer, after which the move may have happened. */
function isRefusal(error: unknown): boolean {
  return !isFirebreakError(error, 'provider.timeout') && !isFirebreakError(error, 'provider.unavailable')
}
