import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { actions } from '../../src/actions/index.ts'
import { demoScenario } from '../../src/sandbox/aws/scenario.ts'
import { startAws, type AwsSandbox } from '../../src/sandbox/aws/server.ts'
import { botUser, scenarioSeed } from '../../src/sandbox/kubernetes/scenario.ts'
import { startKubernetes, type KubernetesSandbox } from '../../src/sandbox/kubernetes/server.ts'
import { strAt } from '../../src/sandbox/kubernetes/value.ts'
import { startBot, type Bot, type BotOptions } from './bot.ts'
import { eventually } from './eventually.ts'

export type SandboxBot = {
  readonly bot: Bot
  readonly aws: AwsSandbox
  readonly kubernetes: KubernetesSandbox
  /** Every secret that the bot or the stand-ins hold, by where it came from. */
  readonly secrets: () => { readonly [where: string]: string }
  readonly close: () => Promise<void>
}

const folder = join(import.meta.dirname, '../../playbooks')
export const stockPlaybooks = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))

/** The real actions and stock playbooks against both stand-ins, with their scenario settled. */
export async function startSandboxBot(options: Partial<BotOptions> = {}): Promise<SandboxBot> {
  const aws = await startAws({ seed: demoScenario(new Date()) })
  const kubernetes = await startKubernetes({ seed: scenarioSeed(), tickMs: 2 })
  const phases = () => kubernetes.objects('Pod').map((pod) => strAt(pod, 'status', 'phase'))
  const running = (): boolean => phases().length === 16 && phases().every((phase) => phase === 'Running')
  await eventually(running, { what: 'the pods of the scenario' })
  const env = { AWS_CANARY: aws.secretAccessKey, KUBERNETES_CANARY: kubernetes.tokenFor(botUser) }
  const { region, url: endpoint, accessKeyId } = aws
  const credentials = { accessKeyId, secretAccessKey: { env: 'AWS_CANARY' } }
  const providers = {
    aws: { sandbox: { region, endpoint, credentials } },
    kubernetes: {
      sandbox: { server: kubernetes.url, token: { env: 'KUBERNETES_CANARY' }, steadyMs: 40 },
    },
  }
  const { config, ...rest } = options
  const bot = await startBot({
    actions,
    playbooks: stockPlaybooks,
    env,
    ...rest,
    config: { providers, ...config },
  })
  return {
    bot,
    aws,
    kubernetes,
    secrets: () => ({ ...env, ...valuesOf(aws) }),
    close: async () => {
      await bot.close()
      await aws.close()
      await kubernetes.close()
    },
  }
}

/** The secret values that the AWS stand-in holds now. */
function valuesOf({ state }: AwsSandbox): { [where: string]: string } {
  const found: { [where: string]: string } = {}
  for (const secret of state.secrets.values()) {
    for (const [id, version] of secret.versions.entries()) {
      if (typeof version.string === 'string') found[`${secret.name}/${id}`] = version.string
    }
  }
  return found
}
