import { describe, expect, it } from 'vitest'
import { conjunctsOf } from '../../../src/expr/index.ts'
import { createToy, toyActions } from '../../support/toy.ts'
import { faultsOf, playbookText, text, whole } from './support.ts'

const actions = toyActions(createToy())

const look = (more: object = {}) => ({ action: 'toy.look', with: { lamp: 'a' }, ...more })
const tell = (when: string | undefined, said: string) => ({
  ...(when === undefined ? {} : { when }),
  action: 'toy.tell',
  with: { text: said },
})

function codes(first: object, second: object): string[] {
  const inputs = { on: { type: 'boolean', description: 'On' }, name: text }
  const source = playbookText('one', {
    inputs,
    steps: { first, second, use: tell('inputs.on', '${{ inputs.name }}') },
  })
  return faultsOf({ one: source }, 'one', actions).map((fault) => fault.split(' ')[0] ?? '')
}

describe('the parts of a condition', () => {
  it.each([
    ['a', ['a']],
    ['a && b && (c || d)', ['a', 'b', 'c || d']],
    ['(a && b) && has(steps.x)', ['a', 'b', 'has(steps.x)']],
    ['a || b && c', ['a || b && c']],
    ['"x && y" == z', ['"x && y" == z']],
    ['a &&', []],
  ])('of %s are %o', (condition, parts) => {
    expect(conjunctsOf(condition)).toEqual(parts)
  })
})

describe('what a step with a condition returned needs no guard', () => {
  const said = '${{ steps.first.value }}'

  it.each([
    ['under the same condition', 'inputs.on', 'inputs.on', []],
    ['under a narrower one', 'inputs.on', '(inputs.on) && inputs.name != "b"', []],
    ['but under a wider one', 'inputs.on && inputs.name != "b"', 'inputs.on', ['expr.unguarded']],
    ['but under either of two', 'inputs.on', 'inputs.on || inputs.name != "b"', ['expr.unguarded']],
    ['but under none', 'inputs.on', undefined, ['expr.unguarded']],
    ['but at the end of the run', 'inputs.on', 'inputs.on && failed()', ['expr.unguarded']],
  ])('%s', (...[, first, second, expected]) => {
    expect(codes(look({ when: first }), tell(second, said))).toEqual(expected)
  })

  it('but when the step may fail unnoticed, or in the condition itself', () => {
    const silent = look({ when: 'inputs.on', onError: 'continue' })
    expect(codes(silent, tell('inputs.on', said))).toEqual(['expr.unguarded'])
    const inside = tell('inputs.on && steps.first.value == "x"', 'x')
    expect(codes(look({ when: 'inputs.on' }), inside)).toEqual(['expr.unguarded'])
  })

  it('and is not known, where the plan knows that it is skipped but not yet whether its reader is', () => {
    const source = playbookText('one', {
      inputs: { on: { type: 'boolean', description: 'On' } },
      steps: {
        later: look(),
        first: look({ when: 'inputs.on' }),
        second: tell('inputs.on && steps.later.value == "x"', said),
      },
    })
    const second = whole({ one: source }, 'one', actions).steps.find(({ id }) => id === 'second')
    const values = {
      inputs: { on: false },
      steps: { first: { kind: 'absent' }, later: { kind: 'unknown' } },
    } as const
    expect(second?.when?.(values)).toMatchObject({ known: false })
    expect(second?.input(values)).toMatchObject({ known: false })
  })
})
