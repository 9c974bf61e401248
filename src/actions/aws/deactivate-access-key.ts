import { z } from 'zod'
import { defineEffect } from '../../core/action.ts'
import { inverse } from '../../core/change.ts'
import { accessKeyId, userName } from '../../providers/aws/fields.ts'
import { applyStatus, planStatus, probeStatus, refuseOwnKey } from '../../providers/aws/key-status.ts'
import { aws } from '../../providers/aws/provider.ts'

const staysOff = 'a key that is in strange hands stays off'
const reads = ['iam:GetUser', 'iam:ListAccessKeys']

export const deactivateAccessKey = defineEffect({
  name: 'aws.deactivate-access-key',
  title: 'Deactivate an IAM access key',
  effect: 'reversible',
  provider: aws,
  contract: 1,
  permissions: { plan: { aws: reads }, apply: { aws: ['iam:UpdateAccessKey'] } },
  input: z.strictObject({ userName, accessKeyId }),
  output: z.strictObject({
    userName,
    accessKeyId,
    status: z.literal('Inactive').describe('The key can no longer be used'),
  }),
  plan: async (input, { client: { accessKeys }, signal }) => {
    await refuseOwnKey(input.accessKeyId, accessKeys)
    return planStatus({ ...input, status: 'Inactive' }, { accessKeys, signal })
  },
  apply: (_change, { input, client: { accessKeys }, signal }) =>
    applyStatus({ ...input, status: 'Inactive' }, { accessKeys, signal }),
  probe: (_change, { input, client: { accessKeys }, signal }) =>
    probeStatus({ ...input, status: 'Inactive' }, { accessKeys, signal }),
  deadlineMs: 15_000,
  // IAM is eventually consistent; AWS names no bound.
  settleMs: 5000,
  neverUndone: { leak: staysOff, compromise: staysOff },
  undo: (_change, { input }) =>
    inverse('aws.activate-access-key', { userName: input.userName, accessKeyId: input.accessKeyId }),
})
