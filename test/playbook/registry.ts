import { z } from 'zod'
import { actions } from '../../src/actions/index.ts'
import { defineEffect, defineRead, type ActionRegistry } from '../../src/core/action.ts'
import { never, type Change } from '../../src/core/change.ts'
import { defineProvider } from '../../src/core/provider.ts'
import { Secret } from '../../src/core/secret.ts'

// The stock actions, and some of kinds that the stock lacks: irreversible, with secrets, maps, nulls, numbers, formats.
// They are only checked, never run.

const provider = defineProvider({ name: 'aws', config: z.looseObject({}), connect: async () => ({}) })
const common = { provider, contract: 1, permissions: { plan: {}, apply: {} } } as const

const name = z.string().min(1).max(64).describe('Name')
const empty = z.strictObject({ name })

const notRun = async (): Promise<never> => {
  throw new Error('these actions are only checked')
}
const effect = {
  ...common,
  output: empty,
  plan: notRun as () => Promise<Change>,
  apply: notRun,
  probe: notRun,
  deadlineMs: 90_000,
  settleMs: 0,
  undo: () => never('only checked'),
}

const describeUser = defineRead({
  ...common,
  name: 'aws.describe-user',
  title: 'Describe a user',
  effect: 'read',
  input: z.strictObject({ name, depth: z.int().min(0).max(3).default(1).describe('How deep') }),
  output: z.strictObject({
    name,
    token: z.instanceof(Secret).describe('What the user signs in with'),
    owner: z.string().min(1).max(64).nullable().describe('Who is responsible'),
    region: z.string().min(1).max(30).optional().describe('Region'),
    size: z.enum(['small', 'large']).describe('Size'),
    count: z.int().min(0).max(100).describe('How many'),
    ratio: z.number().min(0).max(1).describe('Share'),
    active: z.boolean().describe('Whether it can sign in'),
    tags: z.record(z.string(), z.string()).describe('Tags'),
    raw: z.json().describe('As the provider says it'),
    groups: z
      .array(z.strictObject({ name, level: z.int().min(0).max(9).describe('Level') }))
      .max(50)
      .describe('Groups'),
  }),
  run: notRun,
})

const useToken = defineEffect({
  ...effect,
  name: 'aws.use-token',
  title: 'Use a token',
  effect: 'reversible',
  input: z.strictObject({ name, token: z.instanceof(Secret).describe('Token') }),
})

const labelUser = defineEffect({
  ...effect,
  name: 'aws.label-user',
  title: 'Label a user',
  effect: 'reversible',
  input: z.strictObject({
    name,
    tags: z.record(z.string(), z.string()).optional().describe('Tags'),
    mail: z.email().optional().describe('Whom to write to'),
    size: z.enum(['small', 'large']).optional().describe('Size'),
    weights: z.array(z.number().min(0).max(1)).min(1).max(3).optional().describe('Weights'),
    extra: z.json().optional().describe('Anything'),
    owner: z.string().max(64).nullable().optional().describe('Who is responsible'),
    place: z
      .strictObject({ region: z.string().describe('Region'), zone: z.int().optional().describe('Zone') })
      .optional()
      .describe('Where'),
  }),
})

const deleteUser = defineEffect({
  ...effect,
  name: 'aws.delete-user',
  title: 'Delete a user',
  effect: 'irreversible',
  input: empty,
})

export const registry: ActionRegistry = {
  ...actions,
  'aws.describe-user': describeUser,
  'aws.use-token': useToken,
  'aws.label-user': labelUser,
  'aws.delete-user': deleteUser,
}
