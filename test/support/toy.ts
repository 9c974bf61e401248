import { z } from 'zod'
import { defineEffect, defineNotify, defineRead, type ActionRegistry } from '../../src/core/action.ts'
import { inverse, never, type Change, type Verdict } from '../../src/core/change.ts'
import { FirebreakError } from '../../src/core/errors.ts'
import { defineProvider } from '../../src/core/provider.ts'

// A small world for engine tests: named lamps that hold a text, every call on record, and hooks that let a test decide
// what a call does. The actions are ordinary ones: the engine cannot tell them from real ones.

type Call = {
  readonly verb: 'look' | 'plan' | 'apply' | 'probe'
  readonly lamp: string
  readonly key?: string
}

export type Toy = {
  readonly lamps: Map<string, string>
  /** Of lamps that are not the first of their name. */
  readonly ids: Map<string, string>
  readonly calls: Call[]
  /** What happens when a lamp is asked to change; the default sets it. */
  apply: (lamp: string, value: string, key: string) => Promise<void> | void
  /** What a probe answers; the default compares. */
  probe: (change: Change) => Promise<Verdict> | Verdict
  /** Called before a plan reads. */
  plan: (lamp: string) => Promise<void> | void
  deadlineMs: number
  settleMs: number
}

export function createToy(lamps: { readonly [name: string]: string } = {}): Toy {
  const toy: Toy = {
    lamps: new Map(Object.entries(lamps)),
    ids: new Map(),
    calls: [],
    apply: (lamp, value) => void toy.lamps.set(lamp, value),
    probe: (change) => compare(toy, change),
    plan: () => undefined,
    deadlineMs: 500,
    settleMs: 0,
  }
  return toy
}

const Value = z.strictObject({ value: z.string() })

export function compare(toy: Pick<Toy, 'lamps'>, { target, before, after }: Change): Verdict {
  const now = toy.lamps.get(target.name) ?? 'off'
  if (now === Value.parse(after).value) return 'applied'
  return now === Value.parse(before).value ? 'absent' : 'changed'
}

const permissions = { plan: {}, apply: {} } as const
const lamp = z.string().describe('Name of the lamp')
const value = z.string().describe('Text of the lamp')
const output = z.strictObject({ lamp, value })

/** The toy's actions. `contract` is that of `toy.set`. */
export function toyActions(toy: Toy, { contract = 1 }: { contract?: number } = {}): ActionRegistry {
  const provider = defineProvider({ name: 'aws', config: z.looseObject({}), connect: async () => toy })
  const slack = defineProvider({ name: 'slack', config: z.looseObject({}), connect: async () => ({}) })
  const effect = {
    title: 'Set a lamp',
    provider,
    contract,
    permissions,
    input: z.strictObject({ lamp, value }),
    output,
    plan: async (input: { lamp: string; value: string }) => {
      toy.calls.push({ verb: 'plan', lamp: input.lamp })
      await toy.plan(input.lamp)
      return planned(toy, input)
    },
    apply: async (change: Change, { idempotencyKey }: { idempotencyKey: string }) => {
      toy.calls.push({ verb: 'apply', lamp: change.target.name, key: idempotencyKey })
      await toy.apply(change.target.name, Value.parse(change.after).value, idempotencyKey)
    },
    probe: async (change: Change) => {
      toy.calls.push({ verb: 'probe', lamp: change.target.name })
      return toy.probe(change)
    },
  }
  const set = defineEffect({
    ...effect,
    name: 'toy.set',
    effect: 'reversible',
    deadlineMs: toy.deadlineMs,
    settleMs: toy.settleMs,
    undo: (change, { because, input }) =>
      because === 'leak'
        ? never('what leaked stays off')
        : inverse('toy.set', { lamp: input.lamp, value: Value.parse(change.before).value }),
  })
  const burn = defineEffect({
    ...effect,
    name: 'toy.burn',
    title: 'Burn a lamp',
    effect: 'irreversible',
    deadlineMs: toy.deadlineMs,
    settleMs: toy.settleMs,
    undo: () => never('ashes'),
  })
  const look = defineRead({
    name: 'toy.look',
    title: 'Look at a lamp',
    effect: 'read',
    provider,
    contract: 1,
    permissions,
    input: z.strictObject({ lamp }),
    output,
    run: async (input) => {
      toy.calls.push({ verb: 'look', lamp: input.lamp })
      await toy.plan(input.lamp)
      const now = toy.lamps.get(input.lamp)
      if (now === undefined) throw missing(input.lamp)
      return { lamp: input.lamp, value: now }
    },
  })
  const tell = defineNotify({
    name: 'toy.tell',
    title: 'Tell people',
    effect: 'notify',
    provider: slack,
    contract: 1,
    permissions,
    input: z.strictObject({ text: z.string().describe('What to say') }),
    output: z.strictObject({ channel: z.string().describe('Channel') }),
    compose: ({ text }) => ({ channel: 'incidents', text }),
  })
  return { 'toy.set': set, 'toy.burn': burn, 'toy.look': look, 'toy.tell': tell }
}

function planned(toy: Toy, input: { lamp: string; value: string }): Change {
  const before = toy.lamps.get(input.lamp)
  if (before === undefined) throw missing(input.lamp)
  return {
    target: { kind: 'lamp', id: toy.ids.get(input.lamp) ?? `lamp/${input.lamp}`, name: input.lamp },
    before: { value: before },
    after: { value: input.value },
    confidence: 'predicted',
    output: { lamp: input.lamp, value: input.value },
  }
}

function missing(name: string): FirebreakError {
  return new FirebreakError('provider.not-found', `there is no lamp ${name}`, { remedy: 'Name another.' })
}

/** Lamps that were asked to change, in order. */
export function applied(toy: Toy): string[] {
  return toy.calls.filter(({ verb }) => verb === 'apply').map(({ lamp }) => lamp)
}
