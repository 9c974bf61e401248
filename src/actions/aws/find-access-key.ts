import { z } from 'zod'
import { defineRead } from '../../core/action.ts'
import { FirebreakError } from '../../core/errors.ts'
import { accessKeyId, userName } from '../../providers/aws/fields.ts'
import { aws } from '../../providers/aws/provider.ts'

export const findAccessKey = defineRead({
  name: 'aws.find-access-key',
  title: 'Find the owner of an IAM access key',
  effect: 'read',
  provider: aws,
  contract: 1,
  permissions: { plan: { aws: ['iam:GetAccessKeyLastUsed', 'iam:ListAccessKeys'] }, apply: {} },
  input: z.strictObject({ accessKeyId }),
  output: z.strictObject({
    accessKeyId,
    userName,
    status: z.enum(['Active', 'Inactive']).describe('Whether the key can be used'),
    created: z.string().optional().describe('When the key was made (ISO 8601)'),
    lastUsed: z
      .strictObject({
        service: z.string().describe('Service that was called'),
        region: z.string().describe('Region that was called'),
        date: z.string().describe('When (ISO 8601); IAM may be some hours late'),
      })
      .optional()
      .describe('The last use that IAM knows of'),
  }),
  run: async ({ accessKeyId }, { client: { accessKeys }, signal }) => {
    const { userName, lastUsed } = await accessKeys.ownerOf(accessKeyId, signal)
    const key = await accessKeys.find({ userName, accessKeyId }, signal)
    if (key === undefined) {
      throw new FirebreakError(
        'provider.not-found',
        `User ${userName} has no access key ${accessKeyId} any more`,
        {
          remedy: 'The key was deleted, so nobody can use it.',
        },
      )
    }
    return { ...key, ...(lastUsed === undefined ? {} : { lastUsed }) }
  },
})
