import { z } from 'zod'
import { defineEffect } from '../../core/action.ts'
import { type Change, type Confidence, inverse, type Verdict } from '../../core/change.ts'
import { FirebreakError, isFirebreakError } from '../../core/errors.ts'
import { NamespaceName, ObjectName } from '../../providers/kubernetes/names.ts'
import { makerOf } from '../../providers/kubernetes/owners.ts'
import { kubernetes, type KubernetesClient } from '../../providers/kubernetes/provider.ts'
import { livePods } from '../../providers/kubernetes/running.ts'
import {
  type Revision,
  revisionsOf,
  templateDigest,
  withoutHash,
} from '../../providers/kubernetes/template.ts'
import { fleetOf, lostWith, workloadTarget } from '../../providers/kubernetes/target.ts'
import { absentOrUndone, seenBy, versionOf } from '../../providers/kubernetes/version.ts'
import type { Workload, WorkloadRef } from '../../providers/kubernetes/workloads.ts'

const Input = z.strictObject({
  namespace: NamespaceName,
  name: ObjectName.describe('Name of the Deployment'),
  replicaSet: ObjectName.describe(
    'Name of the earlier ReplicaSet to go back to; see kubernetes.list-revisions',
  ),
})
type Input = z.infer<typeof Input>

/**
 * What this action owns of a Deployment: its pod template, named by digest. Hash and images are there for people, and
 * the name of the ReplicaSet for the way back. The number of a revision is not: it changes when a revision is used again.
 */
const Owned = z.strictObject({
  replicaSet: z.string(),
  templateHash: z.string(),
  template: z.string(),
  images: z.array(z.string()),
})

type Context = { readonly client: KubernetesClient; readonly signal: AbortSignal }
type Found = { readonly deployment: Workload; readonly from: Revision; readonly to: Revision }

/** Puts the pod template of an earlier ReplicaSet back into its Deployment. Done when only its pods run. */
export const rollback = defineEffect({
  name: 'kubernetes.rollback',
  title: 'Roll a Deployment back',
  effect: 'reversible',
  provider: kubernetes,
  contract: 1,
  permissions: {
    plan: {
      kubernetes: [
        { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] },
        { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      ],
    },
    // The server's dry run needs it too; without it a plan is predicted, not verified.
    apply: { kubernetes: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'] }] },
  },
  input: Input,
  output: z.strictObject({
    namespace: NamespaceName,
    name: ObjectName.describe('Name of the Deployment'),
    replicaSet: ObjectName.describe('ReplicaSet whose template is now used'),
    images: z.array(z.string()).describe('Container images now used'),
    previousReplicaSet: ObjectName.describe('ReplicaSet whose template was used before'),
    previousImages: z.array(z.string()).describe('Container images used before'),
  }),
  plan,
  apply: async (change, { input, client, signal }) => {
    const { to } = await find(input, { client, signal })
    if (templateDigest(to.set.template) !== Owned.parse(change.after).template) throw edited(input)
    const how = { signal, dryRun: false, seen: seenBy(change) } as const
    await client.writes.setTemplate(refOf(input), withoutHash(to.set.template), how)
  },
  probe,
  deadlineMs: 15_000,
  // Large models take minutes to load before their pods are ready.
  settleMs: 300_000,
  undo: (change, { input }) =>
    inverse('kubernetes.rollback', { ...input, replicaSet: Owned.parse(change.before).replicaSet }),
})

function refOf({ namespace, name }: Input): WorkloadRef {
  return { kind: 'Deployment', namespace, name }
}

async function find(input: Input, { client, signal }: Context): Promise<Found> {
  const deployment = await client.workloads.find(refOf(input), signal)
  if (deployment === undefined) throw missing(`Deployment ${input.namespace}/${input.name}`)
  const revisions = revisionsOf(deployment, await client.workloads.replicaSets(deployment, signal))
  const to = revisions.find(({ set }) => set.name === input.replicaSet)
  if (to === undefined)
    throw missing(`ReplicaSet ${input.replicaSet} of Deployment ${input.namespace}/${input.name}`)
  const from = revisions.find(({ current }) => current)
  if (from === undefined) throw unsettled(input)
  return { deployment, from, to }
}

function ownedOf({ set, templateHash, images }: Revision): z.infer<typeof Owned> {
  return { replicaSet: set.name, templateHash, images, template: templateDigest(set.template) }
}

async function plan(input: Input, context: Context): Promise<Change> {
  const found = await find(input, context)
  const { deployment, from, to } = found
  const { namespace, name } = input
  const change = {
    target: workloadTarget('Deployment', deployment),
    before: ownedOf(from),
    after: ownedOf(to),
    version: versionOf(deployment),
    output: {
      namespace,
      name,
      replicaSet: to.set.name,
      images: to.images,
      previousReplicaSet: from.set.name,
      previousImages: from.images,
    },
  }
  if (to.current) return { ...change, confidence: 'verified' }
  if (deployment.paused) throw paused(input)
  const notes = makerOf(refOf(input), deployment)
  const [{ confidence, note }, fleet] = await Promise.all([
    rehearsed(input, found, context),
    fleetOf(context.client, refOf(input), context.signal),
  ])
  const all = [...notes, ...note].join(' ')
  return { ...change, ...fleet, ...lost(deployment), confidence, ...(all === '' ? {} : { note: all }) }
}

/** Every pod is replaced. */
function lost(deployment: Workload): Pick<Change, 'loses'> {
  const { replicas } = deployment
  return replicas === 0 ? {} : lostWith('all its pods', deployment)
}

/** The server's dry run, where the role of the bot permits it. What it would store must be what was meant. */
async function rehearsed(
  input: Input,
  { to }: Found,
  { client, signal }: Context,
): Promise<{ confidence: Confidence; note: string[] }> {
  try {
    const template = withoutHash(to.set.template)
    const stored = await client.writes.setTemplate(refOf(input), template, { signal, dryRun: true })
    if (templateDigest(stored.template) !== templateDigest(to.set.template)) throw altered(input)
    return { confidence: 'verified', note: [] }
  } catch (error) {
    if (!isFirebreakError(error, 'provider.denied')) throw error
    return { confidence: 'predicted', note: [`Not tried on the server. ${error.message}.`] }
  }
}

async function probe(
  change: Change,
  { input, client, signal }: Context & { readonly input: Input },
): Promise<Verdict> {
  const deployment = await client.workloads.find(refOf(input), signal)
  if (deployment?.uid !== change.target.id) return 'changed'
  const template = templateDigest(deployment.template)
  if (template === Owned.parse(change.after).template) {
    return (await isRolledOut(deployment, { client, signal })) ? 'applied' : 'unknown'
  }
  return template === Owned.parse(change.before).template ? absentOrUndone(deployment, change) : 'changed'
}

/** The controller has seen the template, every wanted pod comes from it and is available, and no other pod is left. */
async function isRolledOut(deployment: Workload, { client, signal }: Context): Promise<boolean> {
  const { generation, replicas, status } = deployment
  if (status.observedGeneration < generation || status.availableReplicas !== replicas) return false
  const sets = await client.workloads.replicaSets(deployment, signal)
  const current = revisionsOf(deployment, sets).find((revision) => revision.current)
  const pods = await livePods(client, { kind: 'Deployment', workload: deployment }, signal)
  return pods.length === replicas && pods.every(({ controller }) => controller?.uid === current?.set.uid)
}

function missing(what: string): FirebreakError {
  return new FirebreakError('provider.not-found', `there is no ${what}`, {
    remedy: 'Check the names; kubernetes.list-revisions shows what a Deployment can go back to.',
  })
}

function refused(message: string, remedy: string): FirebreakError {
  return new FirebreakError('provider.refused', message, { remedy })
}

function unsettled({ namespace, name }: Input): FirebreakError {
  const message = `Deployment ${namespace}/${name} was just changed: its controller has not yet made a ReplicaSet for it`
  return refused(message, 'Try again in a few seconds. If it stays so, look at the controller manager.')
}

function paused({ namespace, name }: Input): FirebreakError {
  const message = `Deployment ${namespace}/${name} is paused, so another template would change nothing`
  return refused(message, 'Resume it first: kubectl rollout resume.')
}

function altered({ namespace, name }: Input): FirebreakError {
  const message = `the server would not store the earlier template of Deployment ${namespace}/${name} as it is`
  return refused(
    message,
    'Something rewrites it, such as an admission webhook. Roll back by hand and compare.',
  )
}

function edited({ replicaSet }: Input): FirebreakError {
  const message = `the template of ReplicaSet ${replicaSet} was changed since the plan`
  return new FirebreakError('provider.conflict', message, { remedy: 'Read and approve the new plan.' })
}
