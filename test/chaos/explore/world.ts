import { z } from 'zod'
import { defineEffect, defineNotify, type ActionRegistry } from '../../../src/core/action.ts'
import { never, type Change } from '../../../src/core/change.ts'
import { FirebreakError } from '../../../src/core/errors.ts'
import { defineProvider } from '../../../src/core/provider.ts'

/** What one worker reaches the world by: each call waits for its turn. */
type Reach = { readonly world: World; readonly turn: (what: string) => Promise<void> }

const provider = defineProvider({
  name: 'aws',
  config: z.looseObject({}),
  connect: async (): Promise<Reach> => ({ world: new World(), turn: async () => undefined }),
})
const slack = defineProvider({ name: 'slack', config: z.looseObject({}), connect: async () => ({}) })

const Value = z.strictObject({ value: z.string() })
const fields = z.strictObject({
  target: z.string().describe('What is changed'),
  value: z.string().describe('Its new value'),
})

export type Landed = { readonly key: string; readonly step: string; readonly guarded: boolean }

/** Things with a value and a version. */
export class World {
  readonly landed: Landed[] = []
  readonly #things = new Map<string, { value: string; version: number }>()

  thing(name: string) {
    const known = this.#things.get(name) ?? { value: 'on', version: 1 }
    this.#things.set(name, known)
    return known
  }

  write(change: Change, key: string, guarded: boolean): void {
    const thing = this.thing(change.target.name)
    if (guarded && String(thing.version) !== change.version)
      throw new FirebreakError('provider.conflict', 'changed', { remedy: 'Plan again.' })
    thing.value = Value.parse(change.after).value
    thing.version += 1
    this.landed.push({ key, step: key.slice(key.indexOf('/') + 1), guarded })
  }
}

type Kind = {
  readonly name: `aws.${string}`
  readonly guarded: boolean
  readonly after: (now: string, wanted: string) => string
}

function effectOf({ name, guarded, after }: Kind) {
  return defineEffect({
    name,
    title: 'Change a thing',
    effect: 'irreversible',
    provider,
    contract: 1,
    permissions: { plan: {}, apply: {} },
    input: fields,
    output: fields,
    deadlineMs: 60_000,
    settleMs: 0,
    plan: async (input, { client }) => {
      await client.turn('plan')
      const { value, version } = client.world.thing(input.target)
      if (input.value === 'broken')
        throw new FirebreakError('provider.invalid', 'broken', { remedy: 'Mend it.' })
      return {
        target: { kind: 'thing', id: input.target, name: input.target },
        before: { value },
        after: { value: after(value, input.value) },
        version: String(version),
        confidence: 'predicted',
        output: input,
      }
    },
    apply: async (change, { client, idempotencyKey }) => {
      await client.turn('apply')
      client.world.write(change, idempotencyKey, guarded)
    },
    probe: async ({ target, before, after }, { client }) => {
      await client.turn('probe')
      const { value } = client.world.thing(target.name)
      if (value === Value.parse(after).value) return 'applied'
      return value === Value.parse(before).value ? 'absent' : 'changed'
    },
    undo: () => never('ashes'),
  })
}

const tell = defineNotify({
  name: 'slack.tell',
  title: 'Tell people',
  effect: 'notify',
  provider: slack,
  contract: 1,
  permissions: { plan: {}, apply: {} },
  input: z.strictObject({ text: z.string().describe('What to say') }),
  output: z.strictObject({ channel: z.string().describe('Channel') }),
  compose: ({ text }) => ({ channel: 'incidents', text }),
})
export const exploredActions: ActionRegistry = {
  /** Written on condition of the version: even a call that comes late cannot land twice. */
  'aws.set': effectOf({ name: 'aws.set', guarded: true, after: (_, wanted) => wanted }),
  /** Never as wanted already, and nothing guards it: whoever does not ask the world first does it twice. */
  'aws.add': effectOf({ name: 'aws.add', guarded: false, after: (now, wanted) => `${now} ${wanted}` }),
  'slack.tell': tell,
}
