import { z } from 'zod'
import { Secret } from '../../core/secret.ts'

const secret = z.instanceof(Secret)

/** One AWS account and region. Without `credentials` the SDK's default chain is used (environment, web identity, instance role). */
export const AwsConfig = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .describe('Region, such as eu-central-1'),
  endpoint: z
    .string()
    // Plain HTTP only to this machine: signatures and secret values travel in the requests.
    .regex(/^(https:\/\/[^\s/]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)\/?$/)
    .optional()
    .describe('Another endpoint for all services, such as a sandbox; https, or http on this machine'),
  credentials: z
    .strictObject({
      accessKeyId: z.union([z.string(), secret]).describe('Access key id'),
      secretAccessKey: secret.describe('Secret access key'),
      sessionToken: secret.optional().describe('Session token of temporary credentials'),
    })
    .optional()
    .describe('Static credentials; the default chain is used without'),
  timeoutMs: z.int().min(100).max(60_000).default(10_000).describe('Milliseconds for one request'),
  maxAttempts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('Attempts at a read; calls that change something are sent once'),
})
export type AwsConfig = z.infer<typeof AwsConfig>
