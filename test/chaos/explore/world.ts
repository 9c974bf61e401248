import { z } from 'zod'
import { defineEffect, defineNotify, type ActionRegistry } from '../../../src/core/action.ts'
import { never, type Change } from '../../../src/core/change.ts'
import { FirebreakError } from '../../../src/core/errors.ts'
import { defineProvider } from '../../../src/core/provider.ts'

/** What one worker reaches the world by: each call waits for its turn. */
type Reach = {
  readonly world: World
  readonly turn: (what: 'plan' | 'apply' | 'probe', about: Reached) => Promise<void>
}

/** `key` is that of an effect. */
export type Reached = { readonly target: string; readonly key?: string }

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

/** `before` is what the effect found. */
export type Landed = {
  readonly key: string
  readonly step: string
  readonly guarded: boolean
  readonly before: Readonly<Thing>
}

type Thing = { name: string; value: string; labels: { readonly [label: string]: string }; version: number }

/** Things with a value, labels and a version. */
export class World {
  readonly landed: Landed[] = []
  /** Effects that had landed when somebody looked and did not see them. */
  readonly overlooked: string[] = []
  readonly #things = new Map<string, Thing>()
  readonly #onLanding: () => void

  constructor(onLanding: () => void = () => undefined) {
    this.#onLanding = onLanding
  }

  thing(name: string): Thing {
    const known = this.#things.get(name) ?? { name, value: 'on', labels: {}, version: 1 }
    this.#things.set(name, known)
    return known
  }

  /** Somebody else changes it; without a difference, only its version is another one. */
  change(name: string, difference: Partial<Pick<Thing, 'value' | 'labels'>>): void {
    const thing = this.thing(name)
    Object.assign(thing, difference)
    thing.version += 1
  }

  noteAbsent(key: string): void {
    if (this.landed.some((one) => one.key === key)) this.overlooked.push(key)
  }

  write(change: Change, key: string, guarded: boolean): void {
    const thing = this.thing(change.target.name)
    if (guarded && String(thing.version) !== change.version)
      throw new FirebreakError('provider.conflict', 'changed', { remedy: 'Plan again.' })
    this.landed.push({ key, step: key.slice(key.indexOf('/') + 1), guarded, before: { ...thing } })
    this.change(thing.name, { value: Value.parse(change.after).value })
    this.#onLanding()
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
      await client.turn('plan', input)
      const { value, labels, version } = client.world.thing(input.target)
      if (input.value === 'broken')
        throw new FirebreakError('provider.invalid', 'broken', { remedy: 'Mend it.' })
      return {
        target: { kind: 'thing', id: input.target, name: input.target, labels },
        before: { value },
        after: { value: after(value, input.value) },
        version: String(version),
        confidence: 'predicted',
        output: input,
      }
    },
    apply: async (change, { client, idempotencyKey }) => {
      await client.turn('apply', { target: change.target.name, key: idempotencyKey })
      client.world.write(change, idempotencyKey, guarded)
    },
    probe: async ({ target, before, after }, { client, idempotencyKey }) => {
      await client.turn('probe', { target: target.name, key: idempotencyKey })
      const { value } = client.world.thing(target.name)
      if (value === Value.parse(after).value) return 'applied'
      if (value !== Value.parse(before).value) return 'changed'
      client.world.noteAbsent(idempotencyKey)
      return 'absent'
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
