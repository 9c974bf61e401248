import { z } from 'zod'

// Fields that several actions share: an output of one fits the input of another, pattern included.

export const accessKeyId = z
  .string()
  .regex(/^AKIA[A-Z0-9]{16}$/)
  .describe('Id of a long-term access key')

/** Pattern and length of the IAM API reference. */
export const userName = z
  .string()
  .regex(/^[\w+=,.@-]{1,64}$/)
  .describe('Name of the IAM user who owns the key')

export const secretId = z.string().describe('Name or ARN of the secret')

export const secretArn = z.string().describe('ARN of the secret')
