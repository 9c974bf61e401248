import { describe, expect, expectTypeOf, it } from 'vitest'
import { definePlaybook, eq, input, type Int, type Maybe, type Ref } from '../../../src/index.ts'
import { draft } from './toy.ts'

// What `tsc` knows of references. Nothing here can fail while it runs: `tsc` is the test.

describe('the type of a reference', () => {
  it('to an input is what the input declares', () => {
    draft.step('x', ({ inputs }) => {
      expectTypeOf(inputs.who).toExtend<Ref<string>>()
      expectTypeOf(inputs.mode).toExtend<Ref<'soft' | 'hard'>>()
      expectTypeOf(inputs.count).toExtend<Ref<Int>>()
      expectTypeOf(inputs.ratio).toExtend<Ref<number>>()
      expectTypeOf(inputs.ratio).not.toExtend<Ref<Int>>()
      expectTypeOf(inputs.force).toExtend<Ref<boolean>>()
      expectTypeOf(inputs.names).toExtend<Ref<readonly string[]>>()
      expectTypeOf(inputs.place.zone).toExtend<Ref<string>>()
      expectTypeOf(inputs.place.rack).toExtend<Maybe<Int>>()
      return { action: 'toy.look' }
    })
  })

  it('to a step is what its action gives, absent where the step may give nothing', () => {
    draft.step('x', ({ steps }) => {
      expectTypeOf(steps.seen.kind).toExtend<Ref<'Deployment' | 'StatefulSet'>>()
      expectTypeOf(steps.seen.owner).toExtend<Maybe<string>>()
      expectTypeOf(steps.seen.parent).toExtend<Maybe<string, 'null'>>()
      expectTypeOf(steps.seen.items.size()).toExtend<Ref<Int>>()
      expectTypeOf(steps.seen.items.map('i', (i) => i.size)).toExtend<Ref<readonly Int[]>>()
      expectTypeOf(steps.perhaps.name).toExtend<Maybe<string>>()
      expectTypeOf(steps.tried.name).toExtend<Maybe<string>>()
      expectTypeOf(steps.perhaps.name.orValue('nobody')).toExtend<Ref<string>>()
      expectTypeOf(steps.perhaps.kind.orValue('Deployment')).toExtend<Ref<'Deployment' | 'StatefulSet'>>()
      expectTypeOf(steps.perhaps.kind.orValue('Job')).toExtend<Ref<'Deployment' | 'StatefulSet' | 'Job'>>()
      expectTypeOf(steps.many.map('m', (m) => m.name)).toExtend<Ref<readonly string[]>>()
      return { action: 'toy.look' }
    })
  })

  it('in a step at the end is absent for every step', () => {
    draft.atEnd('x', 'failed', ({ steps }) => {
      expectTypeOf(steps.seen.name).toExtend<Maybe<string>>()
      return { action: 'toy.look' }
    })
  })

  it('fits where its words are a part of those that are wanted, and not the other way round', () => {
    expectTypeOf<Ref<'a'>>().toExtend<Ref<'a' | 'b'>>()
    expectTypeOf<Ref<'a' | 'b'>>().not.toExtend<Ref<'a'>>()
    expectTypeOf<Ref<'a'>>().toExtend<Ref<string>>()
    expectTypeOf<Ref<string>>().not.toExtend<Ref<'a'>>()
    expectTypeOf<Ref<Int>>().toExtend<Ref<number>>()
    expectTypeOf<Maybe<string>>().not.toExtend<Ref<string>>()
  })

  it('cannot be mistaken for a value', () => {
    draft.step('x', ({ inputs }) => {
      // @ts-expect-error -- a reference equals no text: eq(inputs.who, 'a')
      void (inputs.who === 'a')
      return { action: 'toy.look' }
    })
    expect(() =>
      // @ts-expect-error -- `when` takes no value: not(inputs.force)
      draft.step('x', ({ inputs }) => ({ when: !inputs.force, action: 'toy.look' })),
    ).toThrow('a value of type boolean stands where a reference belongs')
  })
})

describe('the head of a playbook', () => {
  const head = { name: 'a', title: 'A', severity: 'low', because: 'drill' } as const

  it('takes the keys and words of the text only', () => {
    // @ts-expect-error -- urgent is no severity
    definePlaybook({ ...head, severity: 'urgent' })
    // @ts-expect-error -- fun is no reason
    definePlaybook({ ...head, because: 'fun' })
    // @ts-expect-error -- it has no owner
    definePlaybook({ ...head, owner: 'me' })
    definePlaybook({ ...head, timeout: '5m' })
    // @ts-expect-error -- 5 of what?
    definePlaybook({ ...head, timeout: '5' })
    // @ts-expect-error -- title is missing
    definePlaybook({ name: 'a', severity: 'low', because: 'drill' })
  })

  it('takes declared inputs that people can read of', () => {
    // @ts-expect-error -- an input needs a description
    definePlaybook({ ...head, inputs: { who: input.string() } })
    // @ts-expect-error -- a declaration is made by input.string(…)
    definePlaybook({ ...head, inputs: { who: { type: 'string', description: 'Who' } } })
    // @ts-expect-error -- a text has no minimum
    input.string({ minimum: 1, description: 'A' })
    // @ts-expect-error -- it is none of its own words
    input.string({ enum: ['a', 'b'], default: 'c', description: 'A' })
    // @ts-expect-error -- five is no number
    input.integer({ default: 'five', description: 'A' })
    // @ts-expect-error -- a list of texts has no 5
    input.array(input.string(), { default: [5], description: 'A' })
    // @ts-expect-error -- there is no rack
    input.object({ zone: input.string() }, { required: ['rack'], description: 'A' })
    // @ts-expect-error -- only the closed list of formats
    input.string({ format: 'hostname', description: 'A' })
  })

  it('is stricter than the checker where a comparison is never true', () => {
    // @ts-expect-error -- mode is soft or hard
    draft.step('x', ({ inputs }) => ({ when: eq(inputs.mode, 'sof'), action: 'toy.look' }))
  })
})
