import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Demo } from '../sandbox/slack/server.ts'
import type { World } from './world.ts'

type Door = { readonly alertUrl: () => string; readonly token: string }

/** What the demo's page has besides Slack: alerts to send, and the state of the cluster and the account. */
export function demoPage(world: World, door: Door): Demo {
  return {
    title: 'Firebreak demo',
    events: [
      {
        id: 'gpu-alert',
        label: 'Alert: GPU endpoint compromised',
        hint: 'Alertmanager reports odd egress from inference/llama-70b; the route proposes a run',
        fire: () => send(door, gpuAlert()),
      },
      {
        id: 'noise',
        label: 'Alert: nothing to act on',
        hint: 'An alert whose route says ignore: the log still records why nothing ran',
        fire: () => send(door, infoAlert()),
      },
      {
        id: 'autoscaler',
        label: 'An autoscaler fights back',
        hint: 'From now on something scales inference/embedder back up as soon as it is scaled down',
        fire: async () => {
          world.kubernetes.autoscaler({ namespace: 'inference', name: 'embedder', replicas: 2, afterMs: 300 })
          return 'Something now keeps inference/embedder at 2 replicas.'
        },
      },
    ],
    panels: [
      { id: 'deployments', title: 'Cluster: deployments', read: async () => deployments(world) },
      { id: 'keys', title: 'AWS: access keys', read: async () => world.aws.snapshot() },
    ],
  }
}

/** The webhook of Alertmanager 0.33, version 4, as it was measured. */
function envelope(alert: {
  labels: object
  annotations: object
  fingerprint: string
  startsAt: string
}): object {
  const { labels, annotations } = alert
  return {
    receiver: 'firebreak',
    status: 'firing',
    alerts: [{ status: 'firing', endsAt: '0001-01-01T00:00:00Z', generatorURL: '', ...alert }],
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'http://alertmanager.example:9093',
    version: '4',
    groupKey: '{}:{alertname="GpuEndpointCompromised"}',
    truncatedAlerts: 0,
    notification_reason: 'first notification',
  }
}

function gpuAlert(): object {
  return envelope({
    labels: {
      alertname: 'GpuEndpointCompromised',
      severity: 'critical',
      namespace: 'inference',
      deployment: 'llama-70b',
    },
    annotations: { summary: 'Egress to an unknown address from a GPU endpoint' },
    fingerprint: randomBytes(8).toString('hex'),
    startsAt: new Date().toISOString(),
  })
}

function infoAlert(): object {
  return envelope({
    labels: { alertname: 'GpuMemoryHigh', severity: 'info', namespace: 'inference' },
    annotations: { summary: 'GPU memory above 90 %' },
    fingerprint: randomBytes(8).toString('hex'),
    startsAt: new Date().toISOString(),
  })
}

const Answer = z.looseObject({
  outcomes: z.array(z.looseObject({ decision: z.string(), reason: z.string(), run: z.string().optional() })),
})

async function send({ alertUrl, token }: Door, body: object): Promise<string> {
  const response = await fetch(alertUrl(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  const answer = Answer.safeParse(await response.json())
  if (!answer.success) return `The bot answered ${response.status}.`
  return answer.data.outcomes
    .map(({ decision, reason, run }) => `${decision}: ${reason}${run === undefined ? '' : `, run ${run}`}`)
    .join('; ')
}

const Shown = z.looseObject({
  metadata: z.looseObject({ namespace: z.string(), name: z.string() }),
  spec: z.looseObject({
    replicas: z.number().default(1),
    template: z.looseObject({
      spec: z.looseObject({ containers: z.array(z.looseObject({ image: z.string() })) }),
    }),
  }),
  status: z.looseObject({ readyReplicas: z.number().default(0) }).default({ readyReplicas: 0 }),
})

function deployments({ kubernetes }: World): object[] {
  return kubernetes.objects('Deployment').map((object) => {
    const { metadata, spec, status } = Shown.parse(object)
    const image = spec.template.spec.containers[0]?.image ?? ''
    return {
      deployment: `${metadata.namespace}/${metadata.name}`,
      wanted: spec.replicas,
      ready: status.readyReplicas,
      image: image.replace(/^.*\//, '').slice(0, 28),
    }
  })
}
