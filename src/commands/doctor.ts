import { actions } from '../actions/index.ts'
import type { Config } from '../config/config.ts'
import { FirebreakError } from '../core/errors.ts'
import type { AnyProvider } from '../core/provider.ts'
import type { DoctorPart } from '../core/wire.ts'
import { onCallParts } from '../app/on-call.ts'
import { createOwnNeeds } from '../app/own-needs.ts'
import { createClients } from '../providers/clients.ts'

const TIMEOUT_MS = 10_000

type Asked = {
  readonly slack: { readonly ready: () => boolean } | undefined
  readonly journal: () => Promise<DoctorPart>
  readonly outside?: { readonly doctor: () => readonly DoctorPart[] }
}
type Slack = Asked['slack']

/** The configured parts, who the bot is to each, and whether they answer. Each is asked now. */
export async function doctor(config: Config, { slack, journal, outside }: Asked): Promise<DoctorPart[]> {
  const providers = [...new Set(Object.values(actions).map(({ provider }) => provider))]
  const clients = createClients(providers, config.providers)
  const asked = providers.flatMap((provider) =>
    provider.identity === undefined || provider.name === 'slack' || provider.name === 'firebreak'
      ? []
      : Object.keys(config.providers[provider.name]).map((instance) => ask(provider, instance, clients)),
  )
  const own = createOwnNeeds({ providers, clients, config })
  const [parts, onCall] = await Promise.all([
    Promise.all(asked),
    onCallParts(config, { now: Date.now }),
    own.refresh(),
  ])
  const fixed = [await journal(), slackPart(config, slack)]
  return [...fixed, ...parts, ...onCall, ...own.parts(), ...(outside?.doctor() ?? [])]
}

function slackPart(config: Config, slack: Slack): DoctorPart {
  if (config.slack === undefined) return { name: 'slack', identity: 'not configured', ok: true }
  const ok = slack?.ready() ?? false
  const remedy = 'Check the tokens, and that no other process uses the same app token.'
  return { name: 'slack', identity: `posts to ${config.slack.channel}`, ok, ...(ok ? {} : { remedy }) }
}

async function ask(
  provider: AnyProvider,
  instance: string,
  clients: ReturnType<typeof createClients>,
): Promise<DoctorPart> {
  const name = `${provider.name}/${instance}`
  try {
    const client = await clients.get(provider.name, instance)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by this provider's own connect
    const identity = await provider.identity?.(client as never, AbortSignal.timeout(TIMEOUT_MS))
    return { name, identity: identity ?? '', ok: true }
  } catch (error) {
    const problem = error instanceof FirebreakError ? error : undefined
    return {
      name,
      identity: '',
      ok: false,
      detail: problem?.message ?? 'no answer',
      remedy: problem?.remedy ?? 'See the log of the bot.',
    }
  }
}
