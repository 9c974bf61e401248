import diagnostics from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { demoScenario } from '../../src/sandbox/aws/scenario.ts'
import { startAws } from '../../src/sandbox/aws/server.ts'
import { botUser, scenarioSeed } from '../../src/sandbox/kubernetes/scenario.ts'
import { startKubernetes } from '../../src/sandbox/kubernetes/server.ts'
import { now, serveRemote } from './remote.ts'

// The outside world, in a process of its own: an AWS account with keys to switch off, and a cluster.

export type Arrival = {
  /** When the request's headers had been read, on the monotonic clock. */
  readonly at: number
  readonly operation: string
  readonly mutates: boolean
  readonly params: { readonly [name: string]: string }
}

/** As many as runs at a time: a run holds its target. */
const KEYS = 100

const users = Array.from({ length: KEYS }, (_, i) => ({
  userName: `bench-${i}`,
  keys: [{ accessKeyId: `AKIABENCH${String(i).padStart(11, '0')}` }],
}))
const ids = users.flatMap(({ keys }) => keys.map(({ accessKeyId }) => accessKeyId))
const scenario = demoScenario(new Date())
const aws = await startAws({ seed: { ...scenario, users: [...(scenario.users ?? []), ...users] } })
const kubernetes = await startKubernetes({ seed: scenarioSeed() })

let times: number[] = []
let from = 0
let kubernetesCalls = 0
const awsPort = Number(new URL(aws.url).port)
diagnostics.subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage }
  if (request.socket.localPort === awsPort) times.push(now())
  else kubernetesCalls++
})

function setAll(status: 'Active' | 'Inactive'): void {
  aws.mutate(({ keys }) => {
    for (const id of ids) {
      const key = keys.get(id)
      if (key) key.status = status
    }
  })
}

const methods = {
  /** What `firebreak.yaml` says of this world, with the secrets that belong into the environment. */
  config: () => ({
    providers: {
      aws: {
        sandbox: {
          region: aws.region,
          endpoint: aws.url,
          credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: { env: 'BENCH_AWS_SECRET' } },
        },
      },
      kubernetes: { sandbox: { server: kubernetes.url, token: { env: 'BENCH_KUBERNETES_TOKEN' } } },
    },
    env: { BENCH_AWS_SECRET: aws.secretAccessKey, BENCH_KUBERNETES_TOKEN: kubernetes.tokenFor(botUser) },
    keys: ids,
  }),
  /** Switches every key on again and forgets what arrived. */
  reset: () => {
    setAll('Active')
    aws.faults.clear()
    times = []
    kubernetesCalls = 0
    from = aws.requests.length
  },
  /** AWS requests since the reset. They are logged as they are answered: in order only if they come one at a time. */
  arrivals: (): Arrival[] =>
    aws.requests.slice(from).map(({ operation, mutates, params }, i) => ({
      at: times[i] ?? NaN,
      operation,
      mutates,
      params: params as Arrival['params'],
    })),
  /** When each AWS request since the reset arrived, answered or not. */
  times: () => times,
  /** What calls whose answers are held back have done: every key is off. */
  switchOff: () => setAll('Inactive'),
  /** The services that have been called since the reset; `kubernetes` counts as one. */
  services: () => [
    ...new Set(aws.requests.slice(from).map(({ service }) => service)),
    ...(kubernetesCalls > 0 ? ['kubernetes'] : []),
  ],
  /** Calls of this operation (`*`: of any) get their answer this much later. */
  slow: ({ operation, ms }: { operation: string; ms: number }) =>
    aws.faults.add({ operation, fault: { kind: 'latency', ms } }),
}
export type World = typeof methods

serveRemote(methods, async () => {
  await aws.close()
  await kubernetes.close()
})
