/** An error as AWS would answer it: the wire code, the HTTP status, and the sentence. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
  }
}

/**
 * What the stand-in does not model it refuses, with a code that no real service has. 501, because the SDK retries only
 * 500, 502, 503 and 504.
 */
export function notModelled(what: string): AwsError {
  return new AwsError('NotModelledBySandbox', `The sandbox does not model ${what}.`, 501)
}
