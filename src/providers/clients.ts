import { FirebreakError } from '../core/errors.ts'
import type { Clients } from '../core/ports.ts'
import type { AnyProvider, ProviderName } from '../core/provider.ts'

/** Settings of every configured instance of every provider, before the provider's own schema has checked them. */
export type Settings = { readonly [provider in ProviderName]?: { readonly [instance: string]: unknown } }

/** Connects an instance on first use and keeps its client. Settings are checked when the program starts. */
export function createClients(providers: readonly AnyProvider[], settings: Settings): Clients {
  const parsed = new Map<string, { readonly provider: AnyProvider; readonly config: unknown }>()
  for (const provider of providers) {
    for (const [instance, setting] of Object.entries(settings[provider.name] ?? {})) {
      parsed.set(keyOf(provider.name, instance), { provider, config: parse(provider, instance, setting) })
    }
  }
  const connected = new Map<string, Promise<unknown>>()
  return {
    get: (name, instance) => {
      const key = keyOf(name, instance)
      const known = connected.get(key)
      if (known) return known
      const client = connect(parsed.get(key), name, instance)
      connected.set(key, client)
      // A failure to connect is not kept: the next step tries again.
      client.catch(() => connected.delete(key))
      return client
    },
    defaultInstance: (name) => {
      const instances = Object.keys(settings[name] ?? {})
      return instances.length === 1 ? (instances[0] ?? 'default') : 'default'
    },
  }
}

function keyOf(provider: string, instance: string): string {
  return `${provider}/${instance}`
}

function parse(provider: AnyProvider, instance: string, setting: unknown): unknown {
  const result = provider.config.safeParse(setting)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = ['providers', provider.name, instance, ...(issue?.path ?? [])].join('.')
  throw new FirebreakError('config.bad-value', `${where}: ${issue?.message}`, {
    remedy: 'Correct it in firebreak.yaml.',
  })
}

async function connect(
  entry: { readonly provider: AnyProvider; readonly config: unknown } | undefined,
  name: ProviderName,
  instance: string,
): Promise<unknown> {
  if (entry === undefined) {
    throw new FirebreakError('provider.not-configured', `There is no ${name} instance ${instance}`, {
      remedy: `Add it to firebreak.yaml: providers: { ${name}: { ${instance}: … } }.`,
    })
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed above by this provider's own schema
  return entry.provider.connect(entry.config as never)
}
