import { createHash } from 'node:crypto'
import { Node, Pod, type Kind } from '../kinds.ts'
import type { Store } from '../store.ts'
import {
  at,
  clone,
  fill,
  isTerminating,
  nameOf,
  namespaceOf,
  objAt,
  objsAt,
  strAt,
  type Obj,
  type Value,
} from '../value.ts'
import { ownerReference } from './owned.ts'

/** How pods behave. Tests turn these to make a rollout hang or a container linger. */
export type PodBehaviour = {
  /** Images that no node can pull: their pods stay Pending. */
  readonly brokenImages: Set<string>
  /** While true, deleted pods do not go away. */
  podsLinger: boolean
}

/** The pod that a controller makes from its template. */
export function podFrom(store: Store, kind: Kind, make: { owner: Obj; name: string; labels?: Obj }): Obj {
  const { owner, name, labels } = make
  const template = objAt(owner, 'spec', 'template')
  const pod = store.stamp(Pod, {
    metadata: {
      name,
      generateName: `${nameOf(owner)}-`,
      namespace: namespaceOf(owner) ?? '',
      labels: { ...objAt(template, 'metadata', 'labels'), ...labels },
      annotations: clone(objAt(template, 'metadata', 'annotations')),
      ownerReferences: [ownerReference(kind, owner)],
    },
    spec: clone(objAt(template, 'spec')),
    status: { phase: 'Pending', qosClass: 'Burstable' },
  })
  return store.add(Pod, pod)
}

function conditionsOf(store: Store, ready: boolean): Value {
  const now = store.time()
  const states = { Initialized: true, Ready: ready, ContainersReady: ready, PodScheduled: true }
  return Object.entries(states).map(([type, ok]) => ({
    type,
    status: ok ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: now,
  }))
}

function imageId(image: string): string {
  if (image.includes('@sha256:')) return image
  return `${image.replace(/:[^/:]+$/, '')}@sha256:${createHash('sha256').update(image).digest('hex')}`
}

function containerStatus(store: Store, container: Obj, broken: boolean): Value {
  const image = strAt(container, 'image') ?? ''
  const waiting = { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } }
  return {
    name: strAt(container, 'name') ?? '',
    state: broken ? waiting : { running: { startedAt: store.time() } },
    lastState: {},
    ready: !broken,
    restartCount: 0,
    image,
    imageID: broken ? '' : imageId(image),
    started: !broken,
  }
}

function schedule(store: Store, pod: Obj): boolean {
  if (at(pod, 'spec', 'nodeName') !== undefined) return true
  const node = store.list(Node).find((each) => at(each, 'spec', 'unschedulable') !== true)
  if (node === undefined) return false
  const spec = objAt(pod, 'spec')
  spec['nodeName'] = nameOf(node)
  fill(spec, 'serviceAccountName', 'default')
  return true
}

function start(store: Store, pod: Obj, behaviour: PodBehaviour): void {
  if (!schedule(store, pod)) return
  const containers = objsAt(pod, 'spec', 'containers')
  const broken = containers.some((each) => behaviour.brokenImages.has(strAt(each, 'image') ?? ''))
  const phase = broken ? 'Pending' : 'Running'
  const stuck = objsAt(pod, 'status', 'containerStatuses').some(
    (each) => at(each, 'state', 'waiting') !== undefined,
  )
  if (broken && stuck) return
  pod['status'] = {
    ...objAt(pod, 'status'),
    phase,
    conditions: conditionsOf(store, !broken),
    hostIP: '192.0.2.2',
    startTime: store.time(),
    containerStatuses: containers.map((container) => containerStatus(store, container, broken)),
  }
  store.replace(Pod, pod)
}

/** What a kubelet does: pods start, and deleted ones stop, one tick later. The grace period is not waited for. */
export function runPods(store: Store, behaviour: PodBehaviour): void {
  for (const pod of store.list(Pod)) {
    if (isTerminating(pod)) {
      if (!behaviour.podsLinger) store.remove(Pod, pod)
    } else if (strAt(pod, 'status', 'phase') === 'Pending') start(store, pod, behaviour)
  }
}
