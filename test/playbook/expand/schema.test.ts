import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'

const file = join(import.meta.dirname, '../../../playbooks/schema.json')
const validate = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(file, 'utf8')) as object)

it.each([
  [
    'takes inputs of every kind',
    { playbook: 'x', inputs: { a: [1], b: '${{ inputs.c }}', c: { d: true } } },
    true,
  ],
  ['takes a playbook that needs no input', { playbook: 'x' }, true],
  ['refuses to run nothing', { inputs: {} }, false],
  ['refuses another key', { playbook: 'x', other: 1 }, false],
])('the schema for editors %s', (_, given, expected) => {
  const step = { action: 'firebreak.run', with: given }
  const head = { name: 'p', title: 'P', severity: 'low', because: 'drill' }
  expect(validate({ ...head, outputs: { a: '${{ steps.s.x }}' }, steps: { s: step } })).toBe(expected)
})
