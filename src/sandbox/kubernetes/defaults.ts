import { clone, fill, isObj, objAt, objsAt, put, strAt, at, type Obj } from './value.ts'
import { nameOf } from './value.ts'

function containerDefaults(container: Obj): void {
  const image = strAt(container, 'image') ?? ''
  fill(container, 'terminationMessagePath', '/dev/termination-log')
  fill(container, 'terminationMessagePolicy', 'File')
  fill(container, 'imagePullPolicy', /(^|\/)[^/:@]+$|:latest$/.test(image) ? 'Always' : 'IfNotPresent')
  fill(container, 'resources', {})
}

function podSpecDefaults(spec: Obj): void {
  for (const container of [...objsAt(spec, 'containers'), ...objsAt(spec, 'initContainers')]) {
    containerDefaults(container)
  }
  fill(spec, 'restartPolicy', 'Always')
  fill(spec, 'terminationGracePeriodSeconds', 30)
  fill(spec, 'dnsPolicy', 'ClusterFirst')
  fill(spec, 'securityContext', {})
  fill(spec, 'schedulerName', 'default-scheduler')
}

function templateDefaults(object: Obj): Obj {
  const spec = objAt(object, 'spec')
  object['spec'] = spec
  fill(spec, 'replicas', 1)
  const pod = at(spec, 'template', 'spec')
  if (isObj(pod)) podSpecDefaults(pod)
  return spec
}

function deployment(object: Obj): void {
  const spec = templateDefaults(object)
  fill(spec, 'strategy', { type: 'RollingUpdate' })
  const strategy = objAt(spec, 'strategy')
  if (strategy['type'] === 'RollingUpdate') {
    fill(strategy, 'rollingUpdate', {})
    fill(objAt(strategy, 'rollingUpdate'), 'maxUnavailable', '25%')
    fill(objAt(strategy, 'rollingUpdate'), 'maxSurge', '25%')
  }
  fill(spec, 'revisionHistoryLimit', 10)
  fill(spec, 'progressDeadlineSeconds', 600)
  fill(object, 'status', {})
}

function statefulSet(object: Obj): void {
  const spec = templateDefaults(object)
  fill(spec, 'podManagementPolicy', 'OrderedReady')
  fill(spec, 'updateStrategy', { type: 'RollingUpdate', rollingUpdate: { partition: 0 } })
  fill(spec, 'revisionHistoryLimit', 10)
  fill(object, 'status', { replicas: 0, availableReplicas: 0 })
}

function pod(object: Obj): void {
  const spec = objAt(object, 'spec')
  podSpecDefaults(spec)
  fill(spec, 'serviceAccountName', 'default')
  fill(spec, 'enableServiceLinks', true)
  fill(spec, 'priority', 0)
  fill(object, 'status', { phase: 'Pending', qosClass: 'BestEffort' })
}

function networkPolicy(object: Obj): void {
  const spec = objAt(object, 'spec')
  fill(spec, 'policyTypes', spec['egress'] === undefined ? ['Ingress'] : ['Ingress', 'Egress'])
}

function definition(object: Obj): void {
  const spec = objAt(object, 'spec')
  const names = objAt(spec, 'names')
  fill(names, 'singular', (strAt(names, 'kind') ?? '').toLowerCase())
  fill(names, 'listKind', `${strAt(names, 'kind')}List`)
  fill(spec, 'conversion', { strategy: 'None' })
  fill(object, 'status', {
    acceptedNames: clone(names),
    conditions: [
      { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
      {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ],
  })
}

function autoscaler(object: Obj): void {
  const spec = objAt(object, 'spec')
  fill(spec, 'minReplicas', 1)
  const cpu = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
  }
  fill(spec, 'metrics', [cpu])
  fill(object, 'status', { desiredReplicas: 0, currentMetrics: null })
}

function service(object: Obj): void {
  const spec = objAt(object, 'spec')
  fill(spec, 'type', 'ClusterIP')
  fill(spec, 'sessionAffinity', 'None')
  for (const port of objsAt(spec, 'ports')) {
    fill(port, 'protocol', 'TCP')
    fill(port, 'targetPort', port['port'] ?? 0)
  }
  fill(object, 'status', { loadBalancer: {} })
}

const byKind: Readonly<Record<string, (object: Obj) => void>> = {
  Deployment: deployment,
  StatefulSet: statefulSet,
  ReplicaSet: (object) => {
    templateDefaults(object)
    fill(object, 'status', { replicas: 0 })
  },
  Pod: pod,
  Service: service,
  NetworkPolicy: networkPolicy,
  HorizontalPodAutoscaler: autoscaler,
  CustomResourceDefinition: definition,
  Namespace: (object) => {
    put(object, ['metadata', 'labels', 'kubernetes.io/metadata.name'], nameOf(object))
    fill(object, 'spec', { finalizers: ['kubernetes'] })
    fill(object, 'status', { phase: 'Active' })
  },
  PodDisruptionBudget: (object) => {
    fill(object, 'status', { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 })
  },
  Node: (object) => {
    fill(object, 'spec', {})
    fill(object, 'status', {})
  },
}

/** Gives an object the values that the server fills in. Works in place. */
export function applyDefaults(kind: string, object: Obj): void {
  byKind[kind]?.(object)
}
