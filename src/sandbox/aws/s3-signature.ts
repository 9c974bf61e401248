import { createHash } from 'node:crypto'
import { AwsError } from './errors.ts'
import type { S3Request } from './s3-operations.ts'
import { authenticate } from './signature.ts'
import type { AccessKey } from './state.ts'

type Signer = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region: string }

/** Checks that one key has signed a request; the codes are S3's, which differ from the other services'. */
export function signerOf({ accessKeyId, secretAccessKey }: Signer): (request: S3Request) => void {
  const key: AccessKey = {
    accessKeyId,
    secretAccessKey,
    userName: 'firebreak',
    created: new Date(0),
    status: 'Active',
  }
  const keys = new Map([[accessKeyId, key]])
  return ({ method, rawUrl, headers, body }) => {
    const said = headers['x-amz-content-sha256']
    if (said !== createHash('sha256').update(body).digest('hex')) {
      const text = "The provided 'x-amz-content-sha256' header does not match what was computed."
      throw new AwsError('XAmzContentSHA256Mismatch', text)
    }
    try {
      authenticate({ method, url: rawUrl, headers, body }, { dialect: 'query', service: 's3', keys })
    } catch (error) {
      throw error instanceof AwsError ? inWordsOfS3(error) : error
    }
  }
}

function inWordsOfS3(error: AwsError): AwsError {
  if (error.code === 'InvalidClientTokenId') {
    const text = 'The AWS Access Key Id you provided does not exist in our records.'
    return new AwsError('InvalidAccessKeyId', text, 403)
  }
  return error.code === 'MissingAuthenticationToken'
    ? new AwsError('AccessDenied', 'Access Denied', 403)
    : error
}
