import { labelsOf } from './arn.ts'
import { calling } from './errors.ts'
import type { Manager, SecretInfo, SecretVersion } from './secret-types.ts'

export async function describe(
  { sdk, reading }: Manager,
  secretId: string,
  abortSignal: AbortSignal,
): Promise<SecretInfo> {
  const command = new sdk.DescribeSecretCommand({ SecretId: secretId })
  const answer = await calling('secretsmanager:DescribeSecret', () => reading.send(command, { abortSignal }))
  const {
    ARN: arn = '',
    Name: name = '',
    Tags,
    RotationLambdaARN,
    RotationEnabled = false,
    DeletedDate,
  } = answer
  const rotatedBy = RotationLambdaARN ?? (RotationEnabled ? 'managed' : undefined)
  return {
    arn,
    name,
    tags: labelsOf(Tags),
    ...(rotatedBy === undefined ? {} : { rotatedBy }),
    rotationEnabled: RotationEnabled,
    deleted: DeletedDate !== undefined,
  }
}

export async function versions(
  { sdk, reading }: Manager,
  secretId: string,
  abortSignal: AbortSignal,
): Promise<readonly SecretVersion[]> {
  const found: SecretVersion[] = []
  let token: string | undefined
  do {
    const more = token === undefined ? {} : { NextToken: token }
    const input = { SecretId: secretId, IncludeDeprecated: true, MaxResults: 100, ...more }
    const command = new sdk.ListSecretVersionIdsCommand(input)
    const page = await calling('secretsmanager:ListSecretVersionIds', () =>
      reading.send(command, { abortSignal }),
    )
    for (const { VersionId: id = '', VersionStages: stages = [] } of page.Versions ?? []) {
      found.push({ id, stages })
    }
    // An empty page that promises more would keep us here for ever.
    token = page.Versions?.length === 0 ? undefined : page.NextToken
  } while (token !== undefined)
  return found
}
