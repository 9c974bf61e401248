import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { actions } from '../../src/actions/index.ts'
import type { AnyAction, AnyEffectAction } from '../../src/core/action.ts'
import { Because } from '../../src/core/because.ts'
import { type Change, inverse, never } from '../../src/core/change.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { Secret } from '../../src/core/secret.ts'
import { holdsSecret } from '../../src/expr/shape.ts'
import { shapeOf } from '../../src/expr/index.ts'

// What every action must keep to, and what types cannot say.

function undescribed(schema: z.ZodObject): string[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).flatMap(([name, field]) =>
    typeof field === 'object' && (field.description ?? '') !== '' ? [] : [name],
  )
}

const all: [string, AnyAction][] = Object.entries(actions)

describe.each(all)('%s', (name, action) => {
  test('is named as its file is', () => {
    expect(action.name).toBe(name)
    const file = new URL(`../../src/actions/${name.replace('.', '/')}.ts`, import.meta.url)
    expect(existsSync(file)).toBe(true)
    expect(name.startsWith(`${action.provider.name}.`)).toBe(true)
  })

  test('describes every field that people give it or get from it', () => {
    expect(undescribed(action.input)).toEqual([])
    expect(undescribed(action.output)).toEqual([])
  })

  // What a step returns is a fact in the log, and a secret must never be one (P9).
  test('returns no secret', () => {
    expect(holdsSecret(shapeOf(action.output, 'output'))).toBe(false)
  })
})

// What an effect may have changed, and the input that it had. An undo reads of a change what its own plan wrote.
const key = { userName: 'rosa', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }
const secret = { input: { secretId: 'prod/token' }, before: { currentVersion: 'v1' } }
const revision = { replicaSet: 'llama-2', templateHash: 'h', template: 't', images: ['llama:2'] }
const workload = { namespace: 'serving', name: 'llama' }
const changed: { readonly [name: string]: { input: JsonObject; before: JsonObject; after?: JsonObject } } = {
  'aws.activate-access-key': { input: key, before: { status: 'Inactive' } },
  'aws.deactivate-access-key': { input: key, before: { status: 'Active' } },
  'aws.restore-secret-version': { ...secret, after: { currentVersion: 'v0' } },
  'aws.rotate-secret': { ...secret, after: { valueFrom: 'its rotation function' } },
  'kubernetes.rollback': { input: { ...workload, replicaSet: 'llama-1' }, before: revision },
  'kubernetes.scale': { input: { ...workload, kind: 'Deployment', replicas: 0 }, before: { replicas: 3 } },
}

/** Reasons for which an undo says `never`, though the action does not declare it, or the other way round. */
function otherThanDeclared(action: AnyEffectAction, { input, before, after = {} }: (typeof changed)[string]) {
  const target = { kind: 'Thing', id: 'thing-1', name: 'thing' }
  const change: Change = { target, before, after, confidence: 'predicted', output: {} }
  return Because.options.filter((because) => {
    const declared = action.neverUndone?.[because]
    const undo = action.undo(change, erased({ because, input }))
    return undo.kind === 'never' ? undo.reason !== declared : declared !== undefined
  })
}

function erased(value: unknown): never {
  return value as never
}

const effects = all.flatMap(([name, action]): [string, AnyEffectAction][] =>
  'undo' in action ? [[name, action]] : [],
)

test.each(effects)('%s declares for which reasons it is never undone, as its undo has it', (name, action) => {
  const one = changed[name]
  if (one === undefined) throw new Error(`say in this test what ${name} may have changed`)
  if (action.effect === 'irreversible') expect(action.neverUndone).toBeUndefined()
  else expect(otherThanDeclared(action, one)).toEqual([])
})

test('an undo that is refused for a reason that is not declared would be seen', () => {
  const action = actions['kubernetes.scale']
  const one = { input: {}, before: {} }
  const secretly: AnyEffectAction = { ...action, undo: () => never('a surprise') }
  expect(otherThanDeclared(secretly, one)).toEqual(Because.options)
  expect(otherThanDeclared({ ...secretly, neverUndone: { leak: 'a surprise' } }, one)).not.toContain('leak')
  const openly = { ...secretly, undo: () => inverse('a', {}), neverUndone: { drill: 'never' } }
  expect(otherThanDeclared(openly, one)).toEqual(['drill'])
})

test('a field without a description, and a secret in an output, would be seen', () => {
  expect(undescribed(z.strictObject({ a: z.string() }))).toEqual(['a'])
  const output = z.strictObject({ value: z.instanceof(Secret) })
  expect(holdsSecret(shapeOf(output, 'output'))).toBe(true)
})
