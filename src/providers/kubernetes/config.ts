import { z } from 'zod'
import { Secret } from '../../core/secret.ts'

const common = {
  timeoutMs: z.int().min(100).max(60_000).default(10_000).describe('Milliseconds for one request'),
  steadyMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(1_500)
    .describe('Milliseconds for which a change must stay before it counts as done'),
}

/** Plain HTTP only to this machine: the token travels in every request. */
const server = z.string().regex(/^(https:\/\/[^\s/]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)\/?$/)

/** One cluster, reached in one of three ways. */
export const KubernetesConfig = z.union([
  z.strictObject({
    kubeconfig: z.string().min(1).describe('Path of a kubeconfig file'),
    context: z.string().min(1).optional().describe("Its context; without, the file's current one"),
    ...common,
  }),
  z.strictObject({
    inCluster: z.literal(true).describe('Use the service account of the pod that Firebreak runs in'),
    ...common,
  }),
  z.strictObject({
    server: server.describe('URL of the API server; https, or http on this machine'),
    token: z.instanceof(Secret).describe('Bearer token'),
    caFile: z.string().min(1).optional().describe('Path of the certificate authority of the server, in PEM'),
    ...common,
  }),
])
export type KubernetesConfig = z.infer<typeof KubernetesConfig>
