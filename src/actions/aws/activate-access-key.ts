import { z } from 'zod'
import { defineEffect } from '../../core/action.ts'
import { inverse } from '../../core/change.ts'
import { accessKeyId, userName } from '../../providers/aws/fields.ts'
import { applyStatus, planStatus, probeStatus } from '../../providers/aws/key-status.ts'
import { aws } from '../../providers/aws/provider.ts'

const reads = ['iam:GetUser', 'iam:ListAccessKeys']

export const activateAccessKey = defineEffect({
  name: 'aws.activate-access-key',
  title: 'Activate an IAM access key',
  effect: 'reversible',
  provider: aws,
  contract: 1,
  permissions: { plan: { aws: reads }, apply: { aws: ['iam:UpdateAccessKey'] } },
  input: z.strictObject({ userName, accessKeyId }),
  output: z.strictObject({
    userName,
    accessKeyId,
    status: z.literal('Active').describe('The key can be used'),
  }),
  plan: (input, { client: { accessKeys }, signal }) =>
    planStatus({ ...input, status: 'Active' }, { accessKeys, signal }),
  apply: (_change, { input, client: { accessKeys }, signal }) =>
    applyStatus({ ...input, status: 'Active' }, { accessKeys, signal }),
  probe: (_change, { input, client: { accessKeys }, signal }) =>
    probeStatus({ ...input, status: 'Active' }, { accessKeys, signal }),
  deadlineMs: 15_000,
  // IAM is eventually consistent; AWS names no bound.
  settleMs: 5000,
  undo: (_change, { input }) =>
    inverse('aws.deactivate-access-key', { userName: input.userName, accessKeyId: input.accessKeyId }),
})
