import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Json, JsonObject } from '../../../src/core/json.ts'
import type { InputType } from '../../../src/core/playbook.ts'
import { shapeOf } from '../../../src/expr/index.ts'
import { shapeOfInput } from '../../../src/playbook/inputs.ts'
import { reloadPlaybook } from '../../../src/playbook/load.ts'
import type { Known, Playbook, Step, StepValue, Values } from '../../../src/playbook/playbook.ts'
import { randomFrom } from '../../support/random.ts'
import { randomPlaybook } from '../random-playbook.ts'
import { registry } from '../registry.ts'
import { chance, valueOf } from '../values.ts'
import { loadOf, playbookText, whole } from './support.ts'

const Inner = z.looseObject({
  inputs: z.record(z.string(), z.json()),
  steps: z.record(z.string(), z.looseObject({ when: z.string().optional(), onError: z.string().optional() })),
})

/** A playbook made at random, with what its steps return as outputs, and a step for its end. */
function innerOf(random: () => number) {
  const { inputs, steps } = Inner.parse(parse(randomPlaybook(random, 4).made.text))
  const main = Object.entries(steps).filter(([, { when }]) => !/(failed|succeeded|always)\(/.test(when ?? ''))
  const outputs = main.map(([id, { when, onError }]) => {
    const mayBeAbsent = when !== undefined || onError === 'continue'
    return [id, mayBeAbsent ? `\${{ steps.?${id} }}` : `\${{ steps.${id} }}`] as const
  })
  const end = { action: 'aws.describe-user', when: 'failed()', with: { name: '${{ inputs.word }}' } }
  const body = {
    inputs,
    outputs: { ...Object.fromEntries(outputs), echo: '${{ inputs.word }}' },
    steps: { ...steps, end },
  }
  return { text: playbookText('inner', body), outputs: [...outputs.map(([name]) => name), 'echo'] }
}

const fromStep: { readonly [input: string]: string } = {
  size: '${{ steps.seen.size }}',
  yes: '${{ steps.seen.active }}',
  share: '${{ steps.seen.ratio }}',
}

/** What a step gives: passed on, from another step, written out, or left to its default. */
function givenFor(name: string, type: InputType, random: () => number): Json | undefined {
  if ('default' in type && type.default !== undefined && chance(random, 0.5)) return undefined
  const value = chance(random, 0.3) ? valueOf(shapeOfInput(type), random) : undefined
  if (value !== undefined) return escaped(value)
  return chance(random, 0.5) ? (fromStep[name] ?? `\${{ inputs.${name} }}`) : `\${{ inputs.${name} }}`
}

function escaped(value: Json): Json {
  return z.json().parse(JSON.parse(JSON.stringify(value).replaceAll('${{', () => '$${{')))
}

/** Runs it twice. */
function outerOf({ outputs }: ReturnType<typeof innerOf>, inner: Playbook, random: () => number): string {
  const { inputs } = inner.info
  const call = (more: object) => {
    const given = Object.entries(inputs).flatMap(([name, type]) => {
      const value = givenFor(name, type, random)
      return value === undefined ? [] : [[name, value] as const]
    })
    return {
      action: 'firebreak.run',
      ...more,
      with: { playbook: 'inner', inputs: Object.fromEntries(given) },
    }
  }
  const [first = ''] = outputs
  const user = { action: 'aws.describe-user', with: { name: 'rosa' } }
  return playbookText('outer', {
    inputs,
    steps: {
      seen: user,
      one: call(chance(random, 0.5) ? { when: 'inputs.yes && steps.seen.active' } : {}),
      two: call(chance(random, 0.5) ? { after: ['one'] } : {}),
      use: { ...user, when: `steps.two.?${first}.hasValue()` },
      last: { ...user, when: `always() && steps.?one.?${first}.hasValue()` },
    },
  })
}

/** Every expression of it with outputs made from the declared schemas; how many inputs were made. */
function runThrough({ info, steps, parseInputs }: Playbook, random: () => number): number {
  const raw = Object.entries(info.inputs).map(([name, type]) => [name, valueOf(shapeOfInput(type), random)])
  const inputs = parseInputs(z.record(z.string(), z.json()).parse(Object.fromEntries(raw)))
  const failed = chance(random, 0.4)
  const known: { [id: string]: StepValue } = {}
  let [count, stopped] = [0, false]
  for (const step of steps.toSorted((a, b) => Number(a.closing) - Number(b.closing))) {
    stopped = !step.closing && (stopped || (failed && chance(random, 0.2)))
    const made = stopped ? undefined : inputsOf(step, { inputs, steps: known, failed })
    count += made?.length ?? 0
    known[step.id] = outputOf(step, made, random)
  }
  return count
}

/** One for each item; undefined when its condition is false. */
function inputsOf(step: Step, values: Values): readonly JsonObject[] | undefined {
  if (step.when !== undefined && !sure(step.when(values), `${step.id}: when`)) return undefined
  const items: readonly (Json | undefined)[] = step.items
    ? sure(step.items(values), `${step.id}: forEach`)
    : [undefined]
  return items.map((item) =>
    sure(step.input(item === undefined ? values : { ...values, item }), `${step.id}: its input`),
  )
}

function sure<T>(known: Known<T>, what: string): T {
  if (known.known) return known.value
  throw new Error(`${what} is unknown`)
}

function outputOf(
  { action, items, onError }: Step,
  made: readonly JsonObject[] | undefined,
  random: () => number,
): StepValue {
  const tolerated = onError === 'continue' && chance(random, 0.5)
  if (made === undefined || tolerated) return { kind: 'absent' }
  const shape = shapeOf(action.output, 'output')
  const outputs = made.map(() => valueOf(shape, random) ?? null)
  return { kind: 'output', output: items === undefined ? (outputs[0] ?? null) : outputs }
}

describe('a playbook that runs ones made at random', () => {
  it('is the same when its text is read again, and never meets a missing value', () => {
    let [taken, count] = [0, 0]
    for (let seed = 1; seed <= Number(process.env['SEEDS'] ?? 12); seed++) {
      const random = randomFrom(seed)
      const inner = innerOf(random)
      const alone = whole({ inner: inner.text }, 'inner', registry)
      const outer = outerOf(inner, alone, random)
      const loaded = loadOf({ inner: inner.text, outer }, 'outer', registry)
      if (!loaded.ok) {
        const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
        // The same playbook twice on the same things is rightly refused.
        if (errors.every(({ code }) => code === 'playbook.same-target')) continue
        const why = loaded.diagnostics.map(({ code, message, excerpt }) => `${code} ${message}\n${excerpt}`)
        throw new Error(`seed ${seed}\n${why.join('\n')}\n${inner.text}\n${outer}`)
      }
      taken++
      const { playbook } = loaded
      expect(reloadPlaybook(playbook.text, 'outer.yaml', registry).info).toEqual(playbook.info)
      for (let run = 0; run < 8; run++) count += runThrough(playbook, random)
    }
    expect(taken).toBeGreaterThan(5)
    expect(count).toBeGreaterThan(100)
  })
})
