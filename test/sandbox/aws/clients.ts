import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { IAMClient } from '@aws-sdk/client-iam'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { STSClient } from '@aws-sdk/client-sts'
import type { AwsSandbox } from '../../../src/sandbox/aws/server.ts'

type Credentials = { accessKeyId: string; secretAccessKey: string }

/** The real SDK clients, pointed at the stand-in by nothing but `endpoint`. */
export function clientsOf(aws: AwsSandbox, credentials: Credentials = aws) {
  const { accessKeyId, secretAccessKey } = credentials
  const config = {
    endpoint: aws.url,
    region: aws.region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  }
  return {
    iam: new IAMClient(config),
    sts: new STSClient(config),
    secrets: new SecretsManagerClient(config),
    trail: new CloudTrailClient(config),
  }
}

/** Waits until the condition holds, at most two seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 2000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('the condition did not come true within 2 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
