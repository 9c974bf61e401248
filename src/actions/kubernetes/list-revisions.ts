import { z } from 'zod'
import { defineRead } from '../../core/action.ts'
import { FirebreakError } from '../../core/errors.ts'
import { NamespaceName, ObjectName } from '../../providers/kubernetes/names.ts'
import { kubernetes } from '../../providers/kubernetes/provider.ts'
import { revisionsOf } from '../../providers/kubernetes/template.ts'

const Revision = z.strictObject({
  replicaSet: ObjectName.describe('Name of the ReplicaSet: give it to kubernetes.rollback'),
  revision: z.int().min(0).describe('Number of the revision; it changes when a revision is used again'),
  templateHash: z.string().describe('Hash label of its pods'),
  images: z.array(z.string()).describe('Container images'),
  replicas: z.int().min(0).describe('Number of its pods wanted'),
  current: z.boolean().describe('Whether this is what the Deployment runs now'),
})

/** The earlier versions of a Deployment that it can go back to. */
export const listRevisions = defineRead({
  name: 'kubernetes.list-revisions',
  title: 'List the revisions of a Deployment',
  effect: 'read',
  provider: kubernetes,
  contract: 1,
  permissions: {
    plan: {
      kubernetes: [
        { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] },
        { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list'] },
      ],
    },
    apply: {},
  },
  input: z.strictObject({
    namespace: NamespaceName,
    name: ObjectName.describe('Name of the Deployment'),
  }),
  output: z.strictObject({
    revisions: z.array(Revision).describe('Newest first'),
  }),
  run: async ({ namespace, name }, { client, signal }) => {
    const deployment = await client.workloads.find({ kind: 'Deployment', namespace, name }, signal)
    if (deployment === undefined) {
      throw new FirebreakError('provider.not-found', `there is no Deployment ${namespace}/${name}`, {
        remedy: 'Check the name, the namespace and the cluster.',
      })
    }
    const sets = await client.workloads.replicaSets(deployment, signal)
    const revisions = revisionsOf(deployment, sets).map(({ set, ...rest }) => ({
      replicaSet: set.name,
      replicas: set.replicas,
      ...rest,
    }))
    return { revisions }
  },
})
