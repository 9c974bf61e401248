import { z } from 'zod'

// Constraints of the service model secretsmanager-2017-10-17; a test holds them against it. What the model has and these
// schemas leave out (replica regions, filters, external rotation) is refused as not modelled.

const SecretId = z.string().min(1).max(2048)
const ClientRequestToken = z.string().min(32).max(64).optional()
const VersionId = z.string().min(32).max(64)
const Stage = z.string().min(1).max(256)
const NextToken = z.string().min(1).max(4096).optional()
const MaxResults = z.number().int().min(1).max(100).optional()
const value = {
  SecretString: z.string().min(1).max(65_536).optional(),
  /** Base64 on the wire; the model's limit is of the decoded bytes. */
  SecretBinary: z.base64().min(1).max(87_384).optional(),
}
const described = {
  Description: z.string().max(2048).optional(),
  KmsKeyId: z.string().min(0).max(2048).optional(),
}

export const BySecretId = z.strictObject({ SecretId })

export const GetSecretValueRequest = z.strictObject({
  SecretId,
  VersionId: VersionId.optional(),
  VersionStage: Stage.optional(),
})

export const PutSecretValueRequest = z.strictObject({
  SecretId,
  ClientRequestToken,
  ...value,
  VersionStages: z.array(Stage).min(1).max(20).optional(),
})

export const UpdateSecretRequest = z.strictObject({ SecretId, ClientRequestToken, ...value, ...described })

export const UpdateSecretVersionStageRequest = z.strictObject({
  SecretId,
  VersionStage: Stage,
  RemoveFromVersionId: VersionId.optional(),
  MoveToVersionId: VersionId.optional(),
})

export const RotateSecretRequest = z.strictObject({
  SecretId,
  ClientRequestToken,
  RotationLambdaARN: z.string().min(0).max(2048).optional(),
  RotationRules: z
    .strictObject({
      AutomaticallyAfterDays: z.number().int().min(1).max(1000).optional(),
      Duration: z
        .string()
        .min(2)
        .max(3)
        .regex(/^[0-9]+h$/)
        .optional(),
      ScheduleExpression: z
        .string()
        .min(1)
        .max(256)
        .regex(/^[0-9A-Za-z()#?*\-/, ]+$/)
        .optional(),
    })
    .optional(),
  RotateImmediately: z.boolean().optional(),
})

export const ListSecretVersionIdsRequest = z.strictObject({
  SecretId,
  MaxResults,
  NextToken,
  IncludeDeprecated: z.boolean().optional(),
})

export const ListSecretsRequest = z.strictObject({
  MaxResults,
  NextToken,
  SortOrder: z.enum(['asc', 'desc']).optional(),
  /** Nothing is ever deleted here, so this changes nothing. */
  IncludePlannedDeletion: z.boolean().optional(),
})

export const CreateSecretRequest = z.strictObject({
  Name: z.string().min(1).max(512),
  ClientRequestToken,
  ...value,
  ...described,
  Tags: z
    .array(
      z.strictObject({
        Key: z.string().min(1).max(128).optional(),
        Value: z.string().min(0).max(256).optional(),
      }),
    )
    .optional(),
})
