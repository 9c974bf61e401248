import { definition, deployment, gpuNode, image, namespace, podTemplate, statefulSet } from './manifests.ts'

/** The service account of the bot in the scenario; its token: `sandbox.tokenFor(botUser)`. */
export const botUser = 'system:serviceaccount:firebreak:firebreak'

/** The uid of fraud-model: its earlier ReplicaSets name it as their owner. */
const FRAUD_UID = '5f0d9c3e-6f4c-4a43-9d52-0d1c7b7f2a11'
const fraud = { namespace: 'inference', name: 'fraud-model' }
const fraudShape = (version: number) => ({ image: image('fraud', version), replicas: 2, gpus: 1 })

/** An earlier revision of fraud-model, scaled to zero, as its controller would have left it. */
function earlier(version: number, hash: string): object {
  const { metadata, ...template }: { metadata?: object } = podTemplate(fraud, fraudShape(version))
  const labels = { app: fraud.name, 'pod-template-hash': hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace: fraud.namespace,
      name: `${fraud.name}-${hash}`,
      labels,
      annotations: {
        'deployment.kubernetes.io/revision': String(version),
        'deployment.kubernetes.io/desired-replicas': '2',
        'deployment.kubernetes.io/max-replicas': '3',
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: fraud.name,
          uid: FRAUD_UID,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  }
}

/** A model with three revisions: the third runs, the first two can be gone back to. */
function fraudModel(): object[] {
  const current = {
    ...deployment(fraud, fraudShape(3)),
    metadata: { ...fraud, uid: FRAUD_UID, labels: { app: fraud.name } },
  }
  return [current, earlier(1, '5c9d7b6f84'), earlier(2, '6f8b5d7c49')]
}

/** A Deployment that a HorizontalPodAutoscaler scales. */
function autoscaled(): object[] {
  const place = { namespace: 'inference', name: 'reranker' }
  return [
    deployment(place, { image: image('reranker', 4), replicas: 2, gpus: 1 }),
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: place,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: place.name },
        minReplicas: 1,
        maxReplicas: 4,
      },
    },
  ]
}

/** A Deployment that KEDA scales: a count of anybody else would not last. */
function kedaScaled(): object[] {
  const place = { namespace: 'inference', name: 'batch-embedder' }
  return [
    definition('keda.sh', 'v1alpha1', 'ScaledObject'),
    deployment(place, { image: image('embedder', 7), replicas: 1, gpus: 1 }),
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: place,
      spec: { scaleTargetRef: { name: place.name }, minReplicaCount: 1, maxReplicaCount: 6 },
    },
  ]
}

/** A KServe model and the Deployment that its controller made and restores. */
function kserved(): object[] {
  const place = { namespace: 'inference', name: 'ranker-predictor' }
  const uid = '0b6f1f0e-0c55-4c1e-8f3d-9a3b0f6b7c22'
  const apiVersion = 'serving.kserve.io/v1beta1'
  const owner = { apiVersion, kind: 'InferenceService', name: 'ranker', uid, controller: true }
  return [
    definition('serving.kserve.io', 'v1beta1', 'InferenceService'),
    {
      apiVersion,
      kind: 'InferenceService',
      metadata: { namespace: 'inference', name: 'ranker', uid },
      spec: {
        predictor: { minReplicas: 1, maxReplicas: 3, model: { modelFormat: { name: 'huggingface' } } },
      },
    },
    {
      ...deployment(place, { image: image('ranker', 2), replicas: 1, gpus: 1 }),
      metadata: {
        ...place,
        labels: { app: place.name, 'serving.kserve.io/inferenceservice': 'ranker' },
        ownerReferences: [owner],
      },
    },
  ]
}

/** A pod that nothing controls: it holds a GPU, and no count stops it. */
function notebook(): object {
  const place = { namespace: 'training', name: 'notebook' }
  const shape = { image: image('notebook', 1), replicas: 1, gpus: 1 }
  return { apiVersion: 'v1', kind: 'Pod', ...podTemplate(place, shape), metadata: place }
}

/** What the bot may do: what its actions need and nothing else. A test compares this with what they declare. */
export const botRules = [
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'patch'] },
  { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['get', 'list'] },
  { apiGroups: ['apps'], resources: ['statefulsets/scale'], verbs: ['patch'] },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['list'] },
  { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: ['list'] },
] as const

function bot(): object[] {
  const name = 'firebreak'
  const rbac = 'rbac.authorization.k8s.io'
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: name, name } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules: botRules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', namespace: name, name }],
    },
  ]
}

function inference(name: string) {
  return { namespace: 'inference', name }
}

/** A small AI platform: model servers on GPUs, a gateway on CPUs, training, and the bot with the least rights it needs. */
export function scenarioSeed(): object[] {
  return [
    ...['inference', 'training', 'firebreak'].map(namespace),
    ...['gpu-1', 'gpu-2', 'gpu-3'].map(gpuNode),
    deployment(inference('llama-70b'), {
      image: image('llama-70b', 5),
      replicas: 3,
      gpus: 4,
      args: ['--model=/models/llama-70b', '--tensor-parallel-size=4'],
    }),
    deployment(inference('embedder'), { image: image('embedder', 7), replicas: 2, gpus: 1 }),
    deployment(inference('gateway'), { image: image('gateway', 9), replicas: 2, gpus: 0 }),
    ...fraudModel(),
    ...autoscaled(),
    ...kedaScaled(),
    ...kserved(),
    statefulSet(
      { namespace: 'training', name: 'finetune' },
      { image: image('trainer', 6), replicas: 2, gpus: 4 },
    ),
    notebook(),
    ...bot(),
  ]
}
