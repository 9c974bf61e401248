import { z } from 'zod'
import { defineEffect } from '../../core/action.ts'
import { type Change, type Confidence, inverse, type Verdict } from '../../core/change.ts'
import { FirebreakError, isFirebreakError } from '../../core/errors.ts'
import { NamespaceName, ObjectName } from '../../providers/kubernetes/names.ts'
import { makerOf, scalerOf } from '../../providers/kubernetes/owners.ts'
import { kubernetes, type KubernetesClient } from '../../providers/kubernetes/provider.ts'
import { livePods, lookAgain } from '../../providers/kubernetes/running.ts'
import { absentOrUndone, seenBy, versionOf } from '../../providers/kubernetes/version.ts'
import { fleetOf, lostWith, workloadTarget } from '../../providers/kubernetes/target.ts'
import type { Workload, WorkloadRef } from '../../providers/kubernetes/workloads.ts'

const replicas = z.int().min(0).max(10_000)

const Input = z.strictObject({
  namespace: NamespaceName,
  kind: z.enum(['Deployment', 'StatefulSet']).describe('Kind of the workload'),
  name: ObjectName.describe('Name of the workload'),
  replicas: replicas.describe('Wanted number of pods; 0 stops it'),
})
type Input = z.infer<typeof Input>

/** What this action owns of a workload. */
const Owned = z.strictObject({ replicas })

type Context = { readonly client: KubernetesClient; readonly signal: AbortSignal }

/**
 * Sets how many pods a workload has, through its scale subresource. Down to zero is done when no pod runs any more. Who
 * would scale back is looked for beforehand, and seen afterwards.
 */
export const scale = defineEffect({
  name: 'kubernetes.scale',
  title: 'Scale a workload',
  effect: 'reversible',
  provider: kubernetes,
  contract: 1,
  permissions: {
    plan: {
      kubernetes: [
        { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'list'] },
        { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
        { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['list'] },
        { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: ['list'] },
      ],
    },
    // The server's dry run needs it too; without it a plan is predicted, not verified.
    apply: {
      kubernetes: [
        { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale'], verbs: ['patch'] },
      ],
    },
  },
  input: Input,
  output: z.strictObject({
    namespace: NamespaceName,
    kind: z.enum(['Deployment', 'StatefulSet']).describe('Kind of the workload'),
    name: ObjectName.describe('Name of the workload'),
    replicas: replicas.describe('Number of pods now wanted'),
    previousReplicas: replicas.describe('Number of pods wanted before'),
  }),
  plan,
  apply: async (change, { input, client, signal }) => {
    const wanted = Owned.parse(change.after).replicas
    await client.writes.scale(input, wanted, { signal, dryRun: false, seen: seenBy(change) })
  },
  probe: async (change, { input, client, signal }) => {
    const workload = await client.workloads.find(input, signal)
    const verdict = verdictOf(change, workload)
    if (verdict !== 'applied' || workload === undefined) return verdict
    const there = await podsAreThere({ client, signal }, input, workload)
    return there ? verdictOf(change, await lookAgain(client, input, signal)) : 'unknown'
  },
  deadlineMs: 10_000,
  // Pods have 30 s to stop unless they say otherwise.
  settleMs: 40_000,
  undo: (change, { input }) =>
    inverse('kubernetes.scale', { ...input, replicas: Owned.parse(change.before).replicas }),
})

async function plan(input: Input, { client, signal }: Context): Promise<Change> {
  const workload = await client.workloads.find(input, signal)
  if (workload === undefined) throw missing(input)
  const change = {
    target: workloadTarget(input.kind, workload),
    before: { replicas: workload.replicas },
    after: { replicas: input.replicas },
    version: versionOf(workload),
    output: { ...input, previousReplicas: workload.replicas },
  }
  if (workload.replicas === input.replicas) return { ...change, confidence: 'verified' }
  const made = makerOf(input, workload)
  const [scaled, fleet] = await Promise.all([
    scalerOf(client, input, { replicas: input.replicas, signal }),
    fleetOf(client, input, signal),
  ])
  const { confidence, note } = await rehearsed(input, { client, signal })
  const all = [...made, ...scaled, ...note].join(' ')
  return { ...change, ...fleet, ...lost(workload, input), confidence, ...(all === '' ? {} : { note: all }) }
}

/** Fewer pods: some of them end. Which ones is the controller's choice. */
function lost(workload: Workload, { replicas: wanted }: Input): Pick<Change, 'loses'> {
  const { replicas } = workload
  if (wanted >= replicas) return {}
  return lostWith(`${replicas - wanted} of ${replicas} pods`, workload)
}

/** The server's dry run, where the role of the bot permits it. */
async function rehearsed(
  input: Input,
  { client, signal }: Context,
): Promise<{ confidence: Confidence; note: string[] }> {
  try {
    const stored = await client.writes.scale(input, input.replicas, { signal, dryRun: true })
    if (stored !== input.replicas) throw altered(input, stored)
    return { confidence: 'verified', note: [] }
  } catch (error) {
    if (!isFirebreakError(error, 'provider.denied')) throw error
    return { confidence: 'predicted', note: [`Not tried on the server. ${error.message}.`] }
  }
}

function verdictOf(change: Change, workload: Workload | undefined): Verdict {
  if (workload?.uid !== change.target.id) return 'changed'
  if (workload.replicas === Owned.parse(change.after).replicas) return 'applied'
  if (workload.replicas !== Owned.parse(change.before).replicas) return 'changed'
  return absentOrUndone(workload, change)
}

/** Stopped means that nothing runs; started means that the pods exist, for they may take long to be ready. */
async function podsAreThere(
  { client, signal }: Context,
  { kind }: WorkloadRef,
  workload: Workload,
): Promise<boolean> {
  const pods = await livePods(client, { kind, workload }, signal)
  if (workload.replicas === 0) return pods.length === 0
  return pods.filter(({ stopping }) => !stopping).length === workload.replicas
}

function missing({ kind, namespace, name }: Input): FirebreakError {
  return new FirebreakError('provider.not-found', `there is no ${kind} ${namespace}/${name}`, {
    remedy: 'Check the name, the namespace and the cluster.',
  })
}

function altered({ kind, namespace, name, replicas }: Input, stored: number): FirebreakError {
  const message = `asked for ${replicas} pods of ${kind} ${namespace}/${name}, the server would set ${stored}`
  return new FirebreakError('provider.refused', message, {
    remedy:
      'Something on the server rewrites the count, such as an admission webhook: change its rule first.',
  })
}
