import { z } from 'zod'
import type { Connection } from './connection.ts'

const Review = z.looseObject({
  status: z.looseObject({
    userInfo: z.looseObject({
      username: z.string(),
      extra: z.record(z.string(), z.array(z.string())).nullish(),
    }),
  }),
})

/** Who Firebreak is to a cluster, and what its token says of where it runs. */
export type Self = {
  readonly username: string
  /** The service account, where it is one. */
  readonly account?: { readonly namespace: string; readonly name: string }
  /** Of a token that is bound to a pod, as those are that pods find mounted. The node is told since Kubernetes 1.30. */
  readonly pod?: string
  readonly node?: string
}

/**
 * The user that the API server takes Firebreak for (SelfSubjectReview). Nothing is stored, with or without a dry run; as one
 * it is so for every reader of the cluster's audit log too.
 */
export async function whoAmI(connection: Connection, signal: AbortSignal): Promise<Self> {
  const operation = 'create selfsubjectreviews'
  const answer = await connection.objects({ operation, signal }, async (api, options): Promise<unknown> => {
    const review = { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews' }
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    return api.createClusterCustomObject({ ...review, body, dryRun: 'All' }, options)
  })
  const { username, extra } = Review.parse(answer).status.userInfo
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  const [pod] = extra?.['authentication.kubernetes.io/pod-name'] ?? []
  const [node] = extra?.['authentication.kubernetes.io/node-name'] ?? []
  return {
    username,
    ...(namespace === undefined || name === undefined ? {} : { account: { namespace, name } }),
    ...(pod === undefined ? {} : { pod }),
    ...(node === undefined ? {} : { node }),
  }
}
