import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const folder = join(
  process.env['FIREBREAK_SHARED_DATA'] ?? join(import.meta.dirname, '../../../../shared/data'),
  'aws-models',
)

/** Whether the service models are at hand. With CI set their absence is a failure, not a skip. */
export const haveModels = existsSync(folder)
if (!haveModels) {
  if (process.env['CI'] !== undefined) throw new Error(`CI needs the AWS service models in ${folder}`)
  console.log(`skipped: tests against the AWS service models (no folder ${folder})`)
}

export type Shape = {
  readonly type: string
  readonly required?: readonly string[]
  readonly members?: { readonly [name: string]: { readonly shape: string } }
  readonly member?: { readonly shape: string }
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly error?: { readonly code: string; readonly httpStatusCode: number }
}

export type Model = {
  readonly metadata: { readonly targetPrefix?: string; readonly apiVersion: string }
  readonly operations: {
    readonly [name: string]: {
      readonly input?: { readonly shape: string }
      readonly output?: { readonly shape: string; readonly resultWrapper?: string }
      readonly errors?: readonly { readonly shape: string }[]
    }
  }
  readonly shapes: { readonly [name: string]: Shape }
}

const files = {
  iam: 'iam.2010-05-08.service-2.json.gz',
  sts: 'sts.2011-06-15.service-2.json.gz',
  secretsmanager: 'secretsmanager.2017-10-17.service-2.json.gz',
  cloudtrail: 'cloudtrail.2013-11-01.service-2.json.gz',
} as const

/** botocore's model of a service: what its arguments must be and which errors it declares. */
export function modelOf(service: string): Model {
  const name = files[service as keyof typeof files]
  return JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString())
}

export type Example = { readonly input?: object; readonly output?: object; readonly title: string }

export function examplesOf(service: 'iam' | 'secretsmanager'): { [operation: string]: Example[] } {
  const name = files[service].replace('service-2.json.gz', 'examples-1.json')
  return JSON.parse(readFileSync(join(folder, name), 'utf8')).examples
}
