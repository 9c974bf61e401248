import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../src/core/secret.ts'
import { UNKNOWN, checkTemplate, createScope, evaluateTemplate, shapeOf } from '../../src/expr/index.ts'

const inputs = shapeOf(
  z.strictObject({
    name: z.string().regex(/^a/),
    hours: z.int(),
    list: z.array(z.string()),
    maybe: z.string().optional(),
    token: z.instanceof(Secret),
  }),
  'output',
)
const scope = createScope({ inputs })
const values = { inputs: { name: 'ab', hours: 3, list: ['x'], token: new Secret('hush') } }

function template(text: string) {
  const checked = checkTemplate(text, scope)
  if (!checked.ok) throw new Error(checked.problems[0]!.message)
  return checked.template
}

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['${{ inputs.hours }}', 3],
  ['${{inputs.list}}', ['x']],
  ['${{ inputs.maybe }}', undefined],
  ['Key ${{ inputs.name }} for ${{ inputs.hours }} h', 'Key ab for 3 h'],
  ['${{ inputs.hours }} ', '3 '],
  ['${{ inputs.hours > 1 }}/${{ 0.5 }}', 'true/0.5'],
  ['$${{ inputs.name }}', '${{ inputs.name }}'],
  ['$$${{x}}', '$${{x}}'],
  ['a $ b {{ c }} ${x}', 'a $ b {{ c }} ${x}'],
  [`\${{ "}}" + '"}}' + inputs.name }}`, '}}"}}ab'],
  ['${{ "\\"}}" }}!', '"}}!'],
  [String.raw`${'$'}{{ r"\d}}" + """ "}} """ }}`, String.raw`\d}} "}} `],
])('%s', (text, expected) => {
  expect(evaluateTemplate(template(text), values)).toEqual(expected)
})

test('one expression alone keeps its type, and text around it makes a text', () => {
  expect(template('${{ inputs.name }}').shape).toEqual({ kind: 'string', patterns: ['^a'] })
  expect(template('x${{ inputs.name }}').shape).toEqual({ kind: 'string', computed: true })
  expect(template('low').shape).toEqual({ kind: 'string', enum: ['low'] })
  expect(template('low').dynamic).toBe(false)
})

test('an unknown part makes the whole unknown', () => {
  expect(evaluateTemplate(template('a ${{ inputs.name }} b'), { inputs: { name: UNKNOWN } })).toBe(UNKNOWN)
})

describe('places count from the start of the text', () => {
  test('of references', () => {
    const text = 'Key ${{ inputs.name }} and ${{ inputs.hours }}'
    expect(template(text).references.map(({ start, end }) => text.slice(start, end))).toEqual([
      'inputs.name',
      'inputs.hours',
    ])
  })

  test('of problems, one for each expression', () => {
    const text = 'é${{ inputs.nme }} - ${{ inputs.hours + "a" }}'
    const checked = checkTemplate(text, scope)
    if (checked.ok) throw new Error('accepted')
    expect(checked.problems.map(({ start, end }) => text.slice(start, end))).toEqual([
      'inputs.nme',
      'inputs.hours + "a"',
    ])
  })
})

test.each([
  ['a ${{ inputs.list }}', 'expr.type'],
  ['a ${{ inputs }}', 'expr.type'],
  ['a ${{ inputs.maybe }}', 'expr.unguarded'],
  ['a ${{ inputs.token }}', 'expr.secret'],
  ['a ${{ inputs.name', 'expr.syntax'],
  ['a ${{ "x }}', 'expr.syntax'],
  ['${{ }}', 'expr.syntax'],
])('%s is refused', (text, code) => {
  expect(checkTemplate(text, scope)).toMatchObject({ ok: false, problems: [{ code }] })
})
