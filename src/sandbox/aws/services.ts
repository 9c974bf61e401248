import { cloudTrailOperations } from './cloudtrail.ts'
import { iamOperations } from './iam.ts'
import type { Operation } from './operation.ts'
import { secretsManagerOperations } from './secrets-manager.ts'
import type { Dialect } from './signature.ts'
import { stsOperations } from './sts.ts'

export type Service = {
  /** As in the credential scope of a signature. */
  readonly name: string
  readonly dialect: Dialect
  /** Query protocol: the API version that tells services on one endpoint apart, and the XML name space. */
  readonly version?: string
  readonly namespace?: string
  /** JSON protocol: what stands before the dot in X-Amz-Target. */
  readonly target?: string
  readonly operations: { readonly [name: string]: Operation }
}

export const services: readonly Service[] = [
  {
    name: 'iam',
    dialect: 'query',
    version: '2010-05-08',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: iamOperations,
  },
  {
    name: 'sts',
    dialect: 'query',
    version: '2011-06-15',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: stsOperations,
  },
  {
    name: 'secretsmanager',
    dialect: 'json',
    target: 'secretsmanager',
    operations: secretsManagerOperations,
  },
  {
    name: 'cloudtrail',
    dialect: 'json',
    // The model's target prefix; clients send it with or without its Java package.
    target: 'CloudTrail_20131101',
    operations: cloudTrailOperations,
  },
]
