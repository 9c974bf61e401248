import type { z } from 'zod'

export type ProviderName = 'aws' | 'kubernetes' | 'slack' | 'firebreak'

/** An outside system that actions act on: how to configure it and how to open a client. */
export type Provider<Config extends z.ZodType = z.ZodType, Client = unknown> = {
  readonly name: ProviderName
  readonly config: Config
  /** Imports the SDK lazily, so that an unused provider costs nothing. */
  readonly connect: (config: z.infer<Config>) => Promise<Client>
  /** Who Firebreak is to this system, as the system itself says: for `doctor`. */
  readonly identity?: (client: Client, signal: AbortSignal) => Promise<string>
}

/** What the rest of the program sees of a provider, before its configuration is parsed. */
export type AnyProvider = {
  readonly name: ProviderName
  readonly config: z.ZodType
  readonly connect: (config: never) => Promise<unknown>
  readonly identity?: (client: never, signal: AbortSignal) => Promise<string>
}

export function defineProvider<Config extends z.ZodType, Client>(
  provider: Provider<Config, Client>,
): Provider<Config, Client> {
  return provider
}
