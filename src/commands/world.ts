import { startAws, type AwsSandbox } from '../sandbox/aws/server.ts'
import { demoScenario } from '../sandbox/aws/scenario.ts'
import { botUser, scenarioSeed } from '../sandbox/kubernetes/scenario.ts'
import { startKubernetes, type KubernetesSandbox } from '../sandbox/kubernetes/server.ts'

/** Stand-ins for the outside systems, seeded with the demo's scenario, on addresses of this machine only. */
export type World = {
  readonly aws: AwsSandbox
  readonly kubernetes: KubernetesSandbox
  /** What `firebreak.yaml` says of them; the secrets are in `env`. */
  readonly providers: object
  readonly env: { readonly [name: string]: string }
  readonly close: () => Promise<void>
}

export async function startWorld(): Promise<World> {
  const aws = await startAws({ seed: demoScenario(new Date()) })
  const kubernetes = await startKubernetes({ seed: scenarioSeed() })
  const { region, url: endpoint, accessKeyId } = aws
  return {
    aws,
    kubernetes,
    providers: {
      aws: {
        sandbox: {
          region,
          endpoint,
          credentials: { accessKeyId, secretAccessKey: { env: 'SANDBOX_AWS_SECRET' } },
        },
      },
      kubernetes: { sandbox: { server: kubernetes.url, token: { env: 'SANDBOX_KUBERNETES_TOKEN' } } },
    },
    env: {
      SANDBOX_AWS_SECRET: aws.secretAccessKey,
      SANDBOX_KUBERNETES_TOKEN: kubernetes.tokenFor(botUser),
    },
    close: async () => {
      await aws.close()
      await kubernetes.close()
    },
  }
}
