import { inspect } from 'node:util'
import { expect } from 'vitest'
import type { EffectAction } from '../../../src/core/action.ts'
import type { Change } from '../../../src/core/change.ts'
import { Secret } from '../../../src/core/secret.ts'
import { AwsConfig } from '../../../src/providers/aws/config.ts'
import { aws, type AwsClient } from '../../../src/providers/aws/provider.ts'
import type { AwsSeed } from '../../../src/sandbox/aws/seed.ts'
import { startAws, type AwsSandbox } from '../../../src/sandbox/aws/server.ts'
import type { z } from 'zod'

export type Bench = {
  readonly sandbox: AwsSandbox
  readonly client: AwsClient
  readonly signal: AbortSignal
  /** Everything that actions returned or threw, for the canary check. */
  readonly seen: unknown[]
}

export async function bench(seed: AwsSeed): Promise<Bench> {
  const sandbox = await startAws({ seed })
  const config = AwsConfig.parse({
    region: sandbox.region,
    endpoint: sandbox.url,
    credentials: { accessKeyId: sandbox.accessKeyId, secretAccessKey: new Secret(sandbox.secretAccessKey) },
  })
  return { sandbox, client: await aws.connect(config), signal: AbortSignal.timeout(15_000), seen: [] }
}

/** One action with one input on a bench, as the engine calls it: input parsed first, everything seen by the canary. */
export function runner<In extends z.ZodObject, Out extends z.ZodObject>(
  { client, signal, seen }: Bench,
  action: Omit<EffectAction<In, Out, AwsClient>, 'provider'>,
  raw: z.input<In>,
) {
  const input = action.input.parse(raw)
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const result = await work
      seen.push(result)
      return result
    } catch (error) {
      seen.push(error)
      throw error
    }
  }
  return {
    plan: async () => {
      const change = await watched(action.plan(input, { client, signal }))
      action.output.parse(change.output)
      return change
    },
    apply: (change: Change, idempotencyKey = 'key-1', until = signal) =>
      watched(action.apply(change, { client, signal: until, idempotencyKey, input })),
    probe: (change: Change, idempotencyKey = 'key-1') =>
      watched(action.probe(change, { client, signal, idempotencyKey, input })),
    undo: (change: Change, because: 'leak' | 'compromise' | 'defect' | 'drill' = 'drill') =>
      action.undo(change, { because, input }),
  }
}

/** Operations that change something, in the order they were sent. */
export function effects({ sandbox }: Bench): string[] {
  return sandbox.requests.filter(({ mutates }) => mutates).map(({ operation }) => operation)
}

/** No secret value that ever was in the account is in anything an action returned or threw (P9). */
export function expectNoSecretSeen({ sandbox, seen, client }: Bench): void {
  const { keys, secrets } = sandbox.state
  const values = [
    ...[...keys.values()].map(({ secretAccessKey }) => secretAccessKey),
    ...[...secrets.values()].flatMap(({ versions }) => [...versions.values()].map(({ string }) => string)),
  ].filter((value) => value !== undefined)
  expect(values.length).toBeGreaterThan(0)
  const texts = seen.map(
    (value) =>
      JSON.stringify(value) +
      inspect(value, { depth: 12, showHidden: true }) +
      (value instanceof Error ? value.stack : ''),
  )
  const all = texts.join('\n') + inspect(client, { depth: 12 })
  for (const value of values) expect(all).not.toContain(value)
}
