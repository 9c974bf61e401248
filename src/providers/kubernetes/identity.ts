import { z } from 'zod'
import type { Connection } from './connection.ts'

const Review = z.looseObject({ status: z.looseObject({ userInfo: z.looseObject({ username: z.string() }) }) })

/** The user that the API server takes Firebreak for (SelfSubjectReview). */
export async function whoAmI(connection: Connection, signal: AbortSignal): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const answer = await connection.objects(
    { operation: 'create selfsubjectreviews', signal },
    (api, options) =>
      api.createClusterCustomObject(
        { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews', body },
        options,
      ),
  )
  return Review.parse(answer).status.userInfo.username
}
