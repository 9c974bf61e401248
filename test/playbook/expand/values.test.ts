import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/core/json.ts'
import { createToy, toyActions } from '../../support/toy.ts'
import { faultsOf, playbookText, text, whole } from './support.ts'

const actions = toyActions(createToy())

const list = (items: object) => ({ type: 'array', items, description: 'L', default: [] })
const place = {
  type: 'object',
  description: 'P',
  properties: { region: text, zone: { type: 'integer', description: 'Z' } },
  required: ['region'],
}

/** The text that the inner playbook says of what it is given. */
function said(type: object, given: Json | undefined, expression: string): unknown {
  const inner = playbookText('inner', {
    inputs: { it: type },
    steps: { say: { action: 'toy.tell', with: { text: expression } } },
  })
  const outer = playbookText('outer', {
    inputs: { name: text, count: { type: 'integer', description: 'C' }, place },
    steps: {
      seen: { action: 'toy.look', with: { lamp: 'a' } },
      sub: {
        action: 'firebreak.run',
        with: { playbook: 'inner', inputs: given === undefined ? {} : { it: given } },
      },
    },
  })
  const made = whole({ inner, outer }, 'outer', actions)
  const say = made.steps.find(({ id }) => id === 'sub_say')
  const input = say?.input({
    inputs: { name: 'rosa', count: 3, place: { region: 'eu' } },
    steps: { seen: { kind: 'output', output: { lamp: 'a', value: 'on' } } },
  })
  return input?.known === true ? input.value['text'] : input
}

const integer = { type: 'integer', description: 'I' }
const number = { type: 'number', description: 'N' }

describe('what is given to a playbook is there in its expressions:', () => {
  it.each<[string, object, Json | undefined, string, string]>([
    ['a text', text, 'it\'s "a" \\ b\n', '${{ inputs.it + "!" }}', 'it\'s "a" \\ b\n!'],
    ['a text that looks like an expression', text, '$${{ x }}', '<${{ inputs.it }}>', '<${{ x }}>'],
    [
      'a text around references',
      text,
      'a ${{ inputs.name }} ${{ inputs.count }}',
      '${{ lower(inputs.it) }}',
      'a rosa 3',
    ],
    ['what a step returned', text, '${{ steps.seen.value }}', '${{ inputs.it + inputs.it }}', 'onon'],
    ['a negative integer', integer, -5, '${{ string(2 - inputs.it > 6) }}', 'true'],
    [
      'an integer where a number is asked for',
      number,
      2,
      '${{ string(clamp(inputs.it, 0.0, 9.0) * 1.5) }}',
      '3',
    ],
    [
      'a reference to one, too',
      number,
      '${{ inputs.count }}',
      '${{ string(clamp(inputs.it, 0.0, 9.0) * 1.5) }}',
      '4.5',
    ],
    [
      'a sum',
      integer,
      '${{ clamp(inputs.count, 0, 9) + 1 }}',
      '${{ string(clamp(inputs.it, 0, 9) * 2) }}',
      '8',
    ],
    ['true', { type: 'boolean', description: 'B' }, true, '${{ inputs.it ? "yes" : "no" }}', 'yes'],
    [
      'a list',
      list(text),
      ['a', '${{ inputs.name }}'],
      '${{ inputs.it.map(x, x + "!").join(",") }}',
      'a!,rosa!',
    ],
    ['an empty list', list(text), undefined, '${{ inputs.it.map(x, x + "!").join(",") }}', ''],
    [
      'an empty list of lists',
      list(list(integer)),
      [],
      '${{ string(inputs.it.all(x, x.size() > 1)) }}',
      'true',
    ],
    [
      'a field of a map that is written out',
      place,
      { region: '${{ inputs.name }}' },
      '${{ inputs.it.region + "!" }}',
      'rosa!',
    ],
    [
      'a field of a map that is passed on',
      place,
      '${{ inputs.place }}',
      '${{ string(inputs.it.?zone.orValue(7)) }}',
      '7',
    ],
    [
      'a map, asked for a field',
      place,
      '${{ inputs.place }}',
      '${{ has(inputs.it.zone) ? "z" : "none" }}',
      'none',
    ],
    ['a default', { ...text, default: 'd' }, undefined, '${{ inputs.it + "!" }}', 'd!'],
    [
      'the default, where what is given may be absent',
      { ...integer, default: 4 },
      '${{ inputs.place.?zone }}',
      '${{ string(clamp(inputs.it, 0, 9) + 1) }}',
      '5',
    ],
  ])('%s', (...[, type, given, expression, expected]) => {
    expect(said(type, given, expression)).toBe(expected)
  })

  it('a constant against a format that only the schema knows is refused where it stands', () => {
    const inner = playbookText('inner', {
      inputs: { it: { ...text, format: 'uri' } },
      steps: { say: { action: 'toy.tell', with: { text: '${{ inputs.it }}' } } },
    })
    const step = '{ action: firebreak.run, with: { playbook: inner, inputs: { it: nowhere } } }'
    const outer = `name: outer\ntitle: O\nseverity: low\nbecause: drill\nsteps:\n  sub: ${step}\n`
    expect(faultsOf({ inner, outer }, 'outer', actions)).toEqual(['playbook.wrong-type 6:72'])
  })

  it('a map that is written out cannot stand in an expression, and that is said where it stands', () => {
    expect(() =>
      said(list(place), [{ region: 'eu' }], '${{ inputs.it.map(x, x.region).join(",") }}'),
    ).toThrow('playbook.run')
  })
})

describe('a condition inside a playbook that may be skipped', () => {
  it('may ask what a step before it returned', () => {
    const inner = playbookText('inner', {
      steps: {
        seen: { action: 'toy.look', with: { lamp: 'a' } },
        say: {
          action: 'toy.tell',
          when: 'steps.seen.value == "on"',
          with: { text: '${{ steps.seen.value }}' },
        },
      },
    })
    const outer = playbookText('outer', {
      inputs: { on: { type: 'boolean', description: 'On' } },
      steps: { sub: { action: 'firebreak.run', when: 'inputs.on', with: { playbook: 'inner' } } },
    })
    const say = whole({ inner, outer }, 'outer', actions).steps.find(({ id }) => id === 'sub_say')
    const seen = { kind: 'output', output: { lamp: 'a', value: 'on' } } as const
    expect(say?.when?.({ inputs: { on: true }, steps: { sub_seen: seen } })).toEqual({
      known: true,
      value: true,
    })
    const skipped = { inputs: { on: false }, steps: { sub_seen: { kind: 'absent' } } } as const
    expect(say?.when?.(skipped)).toEqual({ known: true, value: false })
  })
})
