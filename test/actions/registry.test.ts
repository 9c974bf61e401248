import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { actions } from '../../src/actions/index.ts'
import type { AnyAction } from '../../src/core/action.ts'
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

test('a field without a description, and a secret in an output, would be seen', () => {
  expect(undescribed(z.strictObject({ a: z.string() }))).toEqual(['a'])
  const output = z.strictObject({ value: z.instanceof(Secret) })
  expect(holdsSecret(shapeOf(output, 'output'))).toBe(true)
})
