import { isObj, type Obj, type Value } from './value.ts'

/** The fields a kind has. `true`: anything below is accepted unseen; a list holds the fields of its items. */
type Fields = true | { readonly [key: string]: Fields } | { readonly each: Fields; readonly list: true }

function keys(text: string, deep: Readonly<Record<string, Fields>> = {}): { readonly [key: string]: Fields } {
  const plain = Object.fromEntries(text.split(' ').map((key) => [key, true] as const))
  return { ...plain, ...deep }
}

function each(fields: Fields): Fields {
  return { each: fields, list: true }
}

const metadata = keys(
  'name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations ownerReferences finalizers managedFields',
)

const container = keys(
  'name image command args workingDir ports envFrom env resources resizePolicy restartPolicy restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty',
  { resources: keys('limits requests claims') },
)

const podSpec = keys(
  'volumes restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork hostPID hostIPC hostUsers shareProcessNamespace securityContext imagePullSecrets hostname subdomain setHostnameAsFQDN hostnameOverride affinity schedulerName tolerations hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints os schedulingGates resourceClaims resources',
  { containers: each(container), initContainers: each(container), ephemeralContainers: each(true) },
)

const template = { metadata, spec: podSpec }
const selector = keys('matchLabels matchExpressions')

function whole(spec: Fields): Fields {
  return { ...keys('kind apiVersion status'), metadata, spec }
}

const byKind: Readonly<Record<string, Fields>> = {
  Deployment: whole(
    keys('replicas minReadySeconds strategy revisionHistoryLimit paused progressDeadlineSeconds', {
      selector,
      template,
    }),
  ),
  ReplicaSet: whole(keys('replicas minReadySeconds', { selector, template })),
  StatefulSet: whole(
    keys(
      'replicas volumeClaimTemplates serviceName podManagementPolicy updateStrategy revisionHistoryLimit minReadySeconds persistentVolumeClaimRetentionPolicy ordinals',
      { selector, template },
    ),
  ),
  Pod: whole(podSpec),
  HorizontalPodAutoscaler: whole(
    keys('minReplicas maxReplicas metrics behavior', { scaleTargetRef: keys('kind name apiVersion') }),
  ),
  PodDisruptionBudget: whole(keys('minAvailable maxUnavailable unhealthyPodEvictionPolicy', { selector })),
  NetworkPolicy: whole(
    keys('policyTypes', {
      podSelector: selector,
      ingress: each(keys('ports', { from: each(keys('podSelector namespaceSelector ipBlock')) })),
      egress: each(keys('ports', { to: each(keys('podSelector namespaceSelector ipBlock')) })),
    }),
  ),
  Scale: whole(keys('replicas')),
}

function walk(value: Value, fields: Fields, path: string): { value: Value; unknown: string[] } {
  if (fields === true) return { value, unknown: [] }
  if ('list' in fields) {
    if (!Array.isArray(value)) return { value, unknown: [] }
    const items = value.map((item, i) =>
      walk(item, fields.each === undefined ? true : fields.each, `${path}[${i}]`),
    )
    return { value: items.map((item) => item.value), unknown: items.flatMap((item) => item.unknown) }
  }
  return isObj(value) ? walkObject(value, fields, path) : { value, unknown: [] }
}

function walkObject(value: Obj, fields: { readonly [key: string]: Fields }, path: string) {
  const kept: Obj = {}
  const unknown: string[] = []
  for (const [key, inner] of Object.entries(value)) {
    const known = fields[key]
    const here = path === '' ? key : `${path}.${key}`
    if (known === undefined) {
      unknown.push(here)
      continue
    }
    const walked = walk(inner, known, here)
    kept[key] = walked.value
    unknown.push(...walked.unknown)
  }
  return { value: kept, unknown }
}

/** Whether unknown fields of a kind can be told from known ones here; where not, `fieldValidation=Strict` is refused. */
export function knowsFields(kind: string): boolean {
  return byKind[kind] !== undefined
}

/** An object without the fields its kind does not have, and the paths of those fields. */
export function prune(
  kind: string,
  object: Obj,
): { readonly object: Obj; readonly unknown: readonly string[] } {
  const fields = byKind[kind]
  if (fields === undefined) return { object, unknown: [] }
  const walked = walk(object, fields, '')
  return { object: isObj(walked.value) ? walked.value : object, unknown: walked.unknown }
}
