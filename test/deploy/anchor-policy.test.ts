import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'

const folder = join(import.meta.dirname, '../../deploy/aws')
const Policy = z.object({
  Statement: z.array(
    z.object({
      Effect: z.enum(['Allow', 'Deny']),
      Action: z.union([z.string(), z.array(z.string())]),
      Resource: z.string(),
    }),
  ),
})

function policy(name: string): z.infer<typeof Policy> {
  return Policy.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

it('the bot may do at its anchor what it does there, and cannot delete', () => {
  const { Statement } = policy('anchor-policy.json')
  expect(Statement.every(({ Effect }) => Effect === 'Allow')).toBe(true)
  // A put with a lock takes both of the puts; ListObjectsV2 is ListBucket.
  expect(Statement.flatMap(({ Action }) => Action).toSorted()).toEqual([
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
    's3:PutObjectRetention',
  ])
})

it('the bucket refuses what would hide a checkpoint, whoever asks', () => {
  const { Statement } = policy('anchor-bucket-policy.json')
  expect(
    Statement.every(({ Effect, Resource }) => Effect === 'Deny' && Resource.endsWith('/firebreak/*')),
  ).toBe(true)
  expect(new Set(Statement.flatMap(({ Action }) => Action))).toEqual(
    new Set(['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion']),
  )
})
