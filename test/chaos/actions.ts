import { z } from 'zod'
import {
  defineEffect,
  defineNotify,
  defineRead,
  defineWait,
  type ActionRegistry,
} from '../../src/core/action.ts'
import { inverse, never, type Change, type Verdict } from '../../src/core/change.ts'
import { FirebreakError, type ErrorCode } from '../../src/core/errors.ts'
import { defineProvider } from '../../src/core/provider.ts'
import type { Mode, Write } from './world.ts'

// Ordinary actions over HTTP: one for each way in which an effect can be guarded, and one for each other kind of step.

const Settings = z.looseObject({ url: z.string(), sender: z.string() })
type Client = z.infer<typeof Settings>

const provider = defineProvider({ name: 'aws', config: Settings, connect: async (settings) => settings })
const slack = defineProvider({ name: 'slack', config: z.looseObject({}), connect: async () => ({}) })

const Value = z.strictObject({ value: z.string() })
const Target = z.object({ value: z.string(), version: z.string() })
const target = z.string().describe('What is changed')
const value = z.string().describe('Its new value')
const busy = z.int().default(0).describe('How often it is refused first')
const output = z.strictObject({ target, value })
const permissions = { plan: {}, apply: {} } as const
const common = { provider, contract: 1, permissions } as const

/** Long enough for a busy machine; believed absent is what is not there START_LIMIT + these after the intent. */
const DEADLINE_MS = 1500
const SETTLE_MS = 50

const codes: { readonly [status: number]: ErrorCode } = {
  409: 'provider.conflict',
  429: 'provider.throttled',
}

async function ask(client: Client, path: string, request: RequestInit): Promise<unknown> {
  let answer: Response
  try {
    answer = await fetch(`${client.url}/${path}`, { ...request, headers: { 'x-sender': client.sender } })
  } catch (cause) {
    throw new FirebreakError('provider.unavailable', 'no answer', { remedy: 'Wait.', cause })
  }
  const code = codes[answer.status]
  const said: unknown = await answer.json()
  if (code) throw new FirebreakError(code, `answered ${answer.status}`, { remedy: 'Plan again.' })
  return said
}

async function look(client: Client, name: string, signal: AbortSignal): Promise<z.infer<typeof Target>> {
  return Target.parse(await ask(client, `targets/${name}`, { signal }))
}

type Kind = {
  readonly name: `aws.${string}`
  readonly mode: Mode
  readonly effect: 'reversible' | 'irreversible'
  /** Its world cannot be asked. */
  readonly blind?: boolean
}

function effectOf({ name, mode, effect, blind = false }: Kind) {
  return defineEffect({
    ...common,
    name,
    title: `A ${mode} write`,
    effect,
    input: z.strictObject({ target, value, busy }),
    output,
    deadlineMs: DEADLINE_MS,
    settleMs: SETTLE_MS,
    plan: async (input, { client, signal }) => {
      const now = await look(client, input.target, signal)
      return {
        target: { kind: 'thing', id: `thing/${input.target}`, name: input.target },
        before: { value: now.value },
        after: { value: input.value },
        version: now.version,
        confidence: 'predicted',
        output: { target: input.target, value: input.value },
      }
    },
    apply: async (change, { client, signal, idempotencyKey, input }) => {
      const body: Write = {
        mode,
        value: Value.parse(change.after).value,
        key: idempotencyKey,
        version: change.version ?? '',
        busy: input.busy,
      }
      await ask(client, `targets/${change.target.name}`, {
        method: 'POST',
        body: JSON.stringify(body),
        signal,
      })
    },
    probe: async (change, { client, signal }) =>
      blind ? 'unknown' : compare(change, (await look(client, change.target.name, signal)).value),
    undo: (change, { input }) =>
      effect === 'irreversible'
        ? never('ashes')
        : inverse(name, { target: input.target, value: Value.parse(change.before).value }),
  })
}

function compare({ before, after }: Change, now: string): Verdict {
  if (now === Value.parse(after).value) return 'applied'
  return now === Value.parse(before).value ? 'absent' : 'changed'
}

export const chaosActions: ActionRegistry = {
  'aws.conditional': effectOf({ name: 'aws.conditional', mode: 'conditional', effect: 'reversible' }),
  'aws.idempotent': effectOf({ name: 'aws.idempotent', mode: 'idempotent', effect: 'reversible' }),
  'aws.plain': effectOf({ name: 'aws.plain', mode: 'plain', effect: 'reversible' }),
  'aws.burn': effectOf({ name: 'aws.burn', mode: 'plain', effect: 'irreversible' }),
  'aws.blind': effectOf({ name: 'aws.blind', mode: 'plain', effect: 'reversible', blind: true }),
  'aws.look': defineRead({
    ...common,
    name: 'aws.look',
    title: 'Look at a thing',
    effect: 'read',
    input: z.strictObject({ target }),
    output,
    run: async (input, { client, signal }) => {
      const now = await look(client, input.target, signal)
      return { target: input.target, value: now.value }
    },
  }),
  'slack.tell': defineNotify({
    name: 'slack.tell',
    title: 'Tell people',
    effect: 'notify',
    provider: slack,
    contract: 1,
    permissions,
    input: z.strictObject({ text: z.string().describe('What to say') }),
    output: z.strictObject({ channel: z.string().describe('Channel') }),
    compose: ({ text }) => ({ channel: 'incidents', text }),
  }),
  'slack.pause': defineWait({
    name: 'slack.pause',
    title: 'Let time pass',
    effect: 'wait',
    provider: slack,
    contract: 1,
    permissions,
    input: z.strictObject({ ms: z.int().describe('How long') }),
    output: z.strictObject({ until: z.string().describe('Its end') }),
    waitMs: ({ ms }) => ms,
  }),
}
