import * as iam from '@aws-sdk/client-iam'
import type { Arrival } from './world-process.ts'

/** The calls of a run, made directly with the SDK: what the outside world alone costs. */
export type Bare = { readonly run: (calls: readonly Arrival[]) => Promise<void>; readonly close: () => void }

export function createBare(options: iam.IAMClientConfig): Bare {
  const client = new iam.IAMClient(options)
  return {
    run: async (calls) => {
      for (const { operation, params } of calls) {
        // oxlint-disable-next-line no-await-in-loop -- in the order of the run
        await send(client, operation, params)
      }
    },
    close: () => client.destroy(),
  }
}

async function send(client: iam.IAMClient, operation: string, params: Arrival['params']): Promise<unknown> {
  const { UserName, AccessKeyId, Status } = params
  switch (operation) {
    case 'GetAccessKeyLastUsed':
      return client.send(new iam.GetAccessKeyLastUsedCommand({ AccessKeyId }))
    case 'ListAccessKeys':
      return client.send(new iam.ListAccessKeysCommand({ UserName }))
    case 'GetUser':
      return client.send(new iam.GetUserCommand({ UserName }))
    case 'UpdateAccessKey':
      return client.send(
        new iam.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: Status as iam.StatusType }),
      )
    default:
      throw new Error(`the bench does not know how to make the call ${operation}`)
  }
}
