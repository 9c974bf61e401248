import { z } from 'zod'
import type { AnyAction, ListedAction } from '../../core/action.ts'
import { defineProvider } from '../../core/provider.ts'
import { objectOf, optional, type Shape } from '../../expr/index.ts'
import { RUN } from '../document.ts'
import { shapeOfInput } from '../inputs.ts'
import { declareShapes } from '../scope.ts'
import type { Flat } from './flat.ts'

const provider = defineProvider({
  name: 'firebreak',
  config: z.strictObject({}),
  connect: () => Promise.resolve(undefined),
})

/**
 * What `firebreak.run` looks like to whoever writes it. It is a construct of the language and no action: the loader puts
 * the steps of the other playbook in its place, and nothing of it is ever run.
 */
export const runInfo = {
  name: RUN,
  title: 'Run another playbook as a part of this one',
  effect: 'steps',
  provider,
  contract: 1,
  permissions: { plan: {}, apply: {} },
  input: z.strictObject({
    playbook: z.string().describe('Name of the playbook; its steps take the place of this one'),
    inputs: z.record(z.string(), z.unknown()).optional().describe('What it asks, by name'),
  }),
  // What each playbook declares under `outputs`.
  output: z.strictObject({}),
} as const satisfies ListedAction

/** A step that runs a playbook, as the checker sees it: an action that takes its inputs and returns its outputs. */
export function actionOf({ document, outputs }: Flat): AnyAction {
  const action: AnyAction = {
    ...runInfo,
    // It changes nothing itself: what its steps do is checked in the whole.
    effect: 'notify',
    compose: () => {
      throw new Error(`${RUN} is never run itself`)
    },
  }
  const inputs = objectOf(fieldsOf(document))
  const needsNone = Object.values(inputs.fields).every(({ kind }) => kind === 'optional')
  declareShapes(action, {
    input: objectOf({ playbook: { kind: 'string' }, inputs: needsNone ? optional(inputs) : inputs }),
    output: objectOf(Object.fromEntries([...outputs].map(([name, { shape }]) => [name, shape]))),
  })
  return action
}

function fieldsOf({ inputs }: Flat['document']): { readonly [name: string]: Shape } {
  const fields = Object.entries(inputs).map(([name, type]) => {
    const hasDefault = type.type !== 'object' && type.default !== undefined
    return [name, hasDefault ? optional(shapeOfInput(type)) : shapeOfInput(type)] as const
  })
  return Object.fromEntries(fields)
}
