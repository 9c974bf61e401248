import type { z } from 'zod'
import type { Secret } from './secret.ts'

export type ProviderName = 'aws' | 'kubernetes' | 'slack' | 'firebreak'

/**
 * A thing that Firebreak cannot run without, so that no action touches it (P8). `kind` and `namespace` must fit a target where
 * they are given, and `id` or `name` where one of them is; a namespace alone means everything in it. `*` stands for any
 * characters.
 */
export type OwnNeed = {
  readonly kind?: string
  readonly id?: string
  readonly name?: string
  readonly namespace?: string
  /** What Firebreak needs it for, in words. */
  readonly why: string
}

/** What of a system Firebreak cannot run without, as far as anybody can tell. */
export type OwnAnswer = {
  readonly needs: readonly OwnNeed[]
  /** What could not be found out, each with the reason: what was known of it before goes on to hold. */
  readonly unknown: readonly string[]
}

export type OwnQuestion = {
  readonly signal: AbortSignal
  /** Of the database that the journal lies in: a system that may run it looks for its host there. */
  readonly databaseUrl?: Secret
}

/** An outside system that actions act on: how to configure it and how to open a client. */
export type Provider<Config extends z.ZodType = z.ZodType, Client = unknown> = {
  readonly name: ProviderName
  readonly config: Config
  /** Imports the SDK lazily, so that an unused provider costs nothing. */
  readonly connect: (config: z.infer<Config>) => Promise<Client>
  /** Who Firebreak is to this system, as the system itself says: for `doctor`. */
  readonly identity?: (client: Client, signal: AbortSignal) => Promise<string>
  /** Reads only. Throws where not even who Firebreak is can be found out. */
  readonly own?: (client: Client, question: OwnQuestion) => Promise<OwnAnswer>
}

/** What the rest of the program sees of a provider, before its configuration is parsed. */
export type AnyProvider = {
  readonly name: ProviderName
  readonly config: z.ZodType
  readonly connect: (config: never) => Promise<unknown>
  readonly identity?: (client: never, signal: AbortSignal) => Promise<string>
  readonly own?: (client: never, question: OwnQuestion) => Promise<OwnAnswer>
}

export function defineProvider<Config extends z.ZodType, Client>(
  provider: Provider<Config, Client>,
): Provider<Config, Client> {
  return provider
}
