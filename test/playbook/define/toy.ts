import { z } from 'zod'
import { defineProvider, defineRead, definerOf, input, Secret } from '../../../src/index.ts'

// Actions with every kind of field, to see what the types of references do with each.

const provider = defineProvider({ name: 'aws', config: z.strictObject({}), connect: async () => ({}) })
const base = { contract: 1, permissions: { plan: {}, apply: {} }, provider, effect: 'read' } as const

const item = z.strictObject({ name: z.string(), size: z.int(), note: z.string().optional() })

const look = defineRead({
  ...base,
  name: 'toy.look',
  title: 'Look',
  input: z.strictObject({ name: z.string().optional() }),
  output: z.strictObject({
    name: z.string(),
    kind: z.enum(['Deployment', 'StatefulSet']),
    count: z.int(),
    share: z.number(),
    on: z.boolean(),
    owner: z.string().optional(),
    parent: z.string().nullable(),
    first: item.optional(),
    items: z.array(item),
    labels: z.record(z.string(), z.string()),
    token: z.instanceof(Secret),
  }),
  run: () => Promise.reject(new Error('not run here')),
})

const take = defineRead({
  ...base,
  name: 'toy.take',
  title: 'Take',
  input: z.strictObject({
    text: z.string().optional(),
    kind: z.enum(['Deployment', 'StatefulSet']).optional(),
    wide: z.enum(['Deployment', 'StatefulSet', 'Job']).optional(),
    code: z
      .string()
      .regex(/^[A-Z]{4}$/)
      .optional(),
    count: z.int().default(1),
    few: z.int().min(0).max(3).optional(),
    share: z.number().optional(),
    on: z.boolean().optional(),
    parent: z.string().nullable().optional(),
    item: item.optional(),
    small: z.strictObject({ name: z.string(), size: z.int() }).optional(),
    items: z.array(item).optional(),
    texts: z.array(z.string()).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    any: z.json().optional(),
    token: z.instanceof(Secret).optional(),
  }),
  output: z.strictObject({ done: z.boolean() }),
  run: () => Promise.reject(new Error('not run here')),
})

const need = defineRead({
  ...base,
  name: 'toy.need',
  title: 'Need',
  input: z.strictObject({ text: z.string() }),
  output: z.strictObject({ done: z.boolean() }),
  run: () => Promise.reject(new Error('not run here')),
})

export const toyActions = { 'toy.look': look, 'toy.take': take, 'toy.need': need } as const

const define = definerOf(toyActions)

/** Two steps that give: one surely, one perhaps. */
export const draft = define({
  name: 'toy',
  title: 'Toy',
  severity: 'low',
  because: 'drill',
  inputs: {
    who: input.string({ description: 'Who' }),
    mode: input.string({ enum: ['soft', 'hard'], default: 'soft', description: 'How' }),
    count: input.integer({ minimum: 0, maximum: 9, description: 'How many' }),
    ratio: input.number({ minimum: 0, maximum: 1, description: 'How much' }),
    force: input.boolean({ default: false, description: 'Whether to force it' }),
    names: input.array(input.string(), { default: ['a'], description: 'Names' }),
    place: input.object(
      { zone: input.string(), rack: input.integer() },
      { required: ['zone'], description: 'Place' },
    ),
  },
})
  .step('seen', () => ({ action: 'toy.look' }))
  .step('perhaps', ({ inputs }) => ({ when: inputs.force, action: 'toy.look' }))
  .step('tried', () => ({ action: 'toy.look', onError: 'continue' }))
  .step('many', ({ inputs, each }) => each(inputs.names, (name) => ({ action: 'toy.look', with: { name } })))
