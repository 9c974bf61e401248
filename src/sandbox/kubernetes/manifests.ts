/** Manifests of the scenario, in short form. */

export type Place = { readonly namespace: string; readonly name: string }

type Shape = {
  readonly image: string
  readonly replicas: number
  /** GPUs of each pod; 0 for a workload on CPUs. */
  readonly gpus: number
  readonly args?: readonly string[]
}

/** An image as production names it: by digest. The digest is made of the version, so that people can tell them apart. */
export function image(name: string, version: number): string {
  const digest = String(version).repeat(64).slice(0, 64)
  return `registry.example.com/models/${name}@sha256:${digest}`
}

export function podTemplate({ name }: Place, { image, gpus, args = [] }: Shape): object {
  const amounts = { cpu: '4', memory: '32Gi', ...(gpus === 0 ? {} : { 'nvidia.com/gpu': String(gpus) }) }
  const container = {
    name: 'server',
    image,
    ...(args.length === 0 ? {} : { args }),
    ports: [{ containerPort: 8000, name: 'http' }],
    resources: gpus === 0 ? { requests: amounts } : { requests: amounts, limits: amounts },
  }
  return {
    metadata: { labels: { app: name } },
    spec: { containers: [container], terminationGracePeriodSeconds: 30 },
  }
}

function workload(kind: string, place: Place, shape: Shape): object {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { ...place, labels: { app: place.name } },
    spec: {
      replicas: shape.replicas,
      selector: { matchLabels: { app: place.name } },
      template: podTemplate(place, shape),
      ...(kind === 'StatefulSet' ? { serviceName: place.name } : {}),
    },
  }
}

export function deployment(place: Place, shape: Shape): object {
  return workload('Deployment', place, shape)
}

export function statefulSet(place: Place, shape: Shape): object {
  return workload('StatefulSet', place, shape)
}

export function namespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

export function gpuNode(name: string): object {
  const capacity = { cpu: '96', memory: '1024Gi', 'nvidia.com/gpu': '8', pods: '110' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3' } },
    status: { capacity, allocatable: capacity, conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

/** A CustomResourceDefinition without a scale subresource, as KEDA and KServe publish theirs. */
export function definition(group: string, version: string, kind: string): object {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } }
  const plural = `${kind.toLowerCase()}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
    },
  }
}
