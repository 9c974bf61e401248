import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { shapeOf } from '../../src/expr/index.ts'
import { shapeOfInput } from '../../src/playbook/inputs.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'
import type { Playbook, Step, StepValue, Values } from '../../src/playbook/playbook.ts'
import { randomFrom } from '../support/random.ts'
import { samples } from './corpus.ts'
import { randomPlaybook, type Made } from './random-playbook.ts'
import { registry } from './registry.ts'
import { chance, valueOf } from './values.ts'

// P11 as a property: whatever the checker accepts is run through, step by step, with outputs made from the declared
// schemas. No expression throws, nothing is unknown once everything it waits for is over, and every input parses.

describe('a playbook that the checker accepts', () => {
  it('never meets a missing or mistyped value, whatever the steps return', () => {
    let [accepted, refused, inputs, contained] = [0, 0, 0, 0]
    for (let seed = 1; seed <= Number(process.env['SEEDS'] ?? 16); seed++) {
      const random = randomFrom(seed)
      const { made, refused: on } = randomPlaybook(random, 6)
      for (let run = 0; run < 8; run++) inputs += runThrough(made, random)
      contained += made.playbook.steps.filter(hasSoundTiming).length
      accepted += made.playbook.steps.length
      refused += on
    }
    // The generator makes both kinds, and what is accepted is worth something.
    expect(accepted).toBeGreaterThan(60)
    expect(refused).toBeGreaterThan(60)
    expect(inputs).toBeGreaterThan(300)
    expect(contained).toBeGreaterThan(3)
  })

  it('of the good ones neither', () => {
    const random = randomFrom(99)
    const withoutSecrets = samples('good').filter(({ text }) => !text.includes('use-token'))
    for (const { text, file } of withoutSecrets) {
      const loaded = loadPlaybook(text, file, registry)
      if (!loaded.ok) throw new Error(file)
      for (let run = 0; run < 5; run++)
        runThrough({ text, playbook: loaded.playbook, document: { steps: {} } }, random)
    }
  })
})

describe('a good playbook with one reference changed', () => {
  const texts = samples('good').filter(({ text }) => !text.includes('$${{'))

  it('is refused, wherever the reference stands', () => {
    let changed = 0
    for (const { text, file } of texts) {
      for (const mutant of mutants(text).slice(0, 40)) {
        changed++
        expect(loadPlaybook(mutant, file, registry).ok, mutant).toBe(false)
      }
    }
    expect(changed).toBeGreaterThan(200)
  })
})

/** A step never says more of its time than it can keep; true for a containment. */
function hasSoundTiming({ id, action: { effect }, retry, ttlMs, onExpiry, timeoutMs = 0 }: Step): boolean {
  const said = { ttl: ttlMs !== undefined, onExpiry: onExpiry !== undefined }
  expect(said.onExpiry, id).toBe(said.ttl)
  if (said.ttl) expect(effect).toBe('reversible')
  if (retry !== undefined) {
    expect(['read', 'reversible', 'irreversible']).toContain(effect)
    expect(retry.waitMs).toBeLessThanOrEqual(retry.longestMs)
  }
  // That of the run.
  expect(timeoutMs).toBeLessThanOrEqual(86_400_000)
  return said.ttl
}

/** One name of one reference with a letter more, for each name of each reference. */
function mutants(text: string): string[] {
  const references = [...text.matchAll(/\b(?:inputs|steps)\.\??\w+(?:\.\??\w+)?/g)]
  return references.flatMap(({ 0: reference, index }) =>
    [...reference.matchAll(/\w+/g)].slice(1).map((name) => {
      const end = index + name.index + name[0].length
      return `${text.slice(0, end)}Q${text.slice(end)}`
    }),
  )
}

/** How many inputs were evaluated and parsed. */
function runThrough({ playbook, text }: Made, random: () => number): number {
  const inputs = inputsFor(playbook, random)
  const failed = chance(random, 0.3)
  const steps: { [id: string]: StepValue } = {}
  let count = 0
  const inOrder = playbook.steps.toSorted((a, b) => Number(a.closing) - Number(b.closing))
  for (const step of inOrder) {
    const values: Values = { inputs, steps, ...(step.closing ? { failed } : {}) }
    // After a failure, what has not begun never does; only the closing steps still run.
    const stopped = failed && !step.closing && chance(random, 0.3)
    const evaluated = stopped ? undefined : evaluateStep(step, values, text)
    count += evaluated?.length ?? 0
    steps[step.id] = evaluated === undefined ? { kind: 'absent' } : outcome(step, evaluated.length, random)
    if (stopped) break
  }
  return count
}

function inputsFor({ info, parseInputs }: Playbook, random: () => number): JsonObject {
  const raw = Object.entries(info.inputs).flatMap(([name, type]) => {
    const value = valueOf(shapeOfInput(type), random)
    const left = 'default' in type && type.default !== undefined && chance(random, 0.3)
    return value === undefined || left ? [] : [[name, value] as const]
  })
  return parseInputs(Object.fromEntries(raw))
}

/** The inputs of a step, one for each item; undefined when its condition is false. */
function evaluateStep(step: Step, values: Values, text: string): JsonObject[] | undefined {
  const wanted = step.when?.(values) ?? { known: true, value: true }
  if (!wanted.known) throw new Error(`${step.id}: when is unknown\n${text}`)
  if (!wanted.value) return undefined
  const items = step.items?.(values)
  if (items === undefined) return [inputOf(step, values, text)]
  if (!items.known) throw new Error(`${step.id}: forEach is unknown\n${text}`)
  return items.value.map((item) => inputOf(step, { ...values, item }, text))
}

function inputOf(step: Step, values: Values, text: string): JsonObject {
  const input = step.input(values)
  if (!input.known) throw new Error(`${step.id}: its input is unknown\n${text}`)
  const { error } = z.safeParse(step.action.input, input.value)
  // A text that an expression made goes to a pattern or a length: the schema decides when the run is planned.
  const serious = error?.issues.filter((issue) => !isAboutText(issue, input.value)) ?? []
  if (serious.length > 0)
    throw new Error(`${step.id}: ${JSON.stringify(serious)}\n${JSON.stringify(input.value)}\n${text}`)
  return input.value
}

function isAboutText({ code, path }: z.core.$ZodIssue, input: JsonObject): boolean {
  let value: unknown = input
  for (const part of path) value = z.record(z.string(), z.unknown()).safeParse(value).data?.[String(part)]
  return ['too_small', 'too_big', 'invalid_format'].includes(code) && typeof value === 'string'
}

function outcome(step: Step, items: number, random: () => number): StepValue {
  if (step.onError === 'continue' && chance(random, 0.3)) return { kind: 'absent' }
  const one = (): Json => {
    const output = valueOf(shapeOf(step.action.output, 'output'), random) ?? null
    const issues = z.safeParse(step.action.output, output).error?.issues ?? []
    // The tests' only secret is never read.
    if (issues.some(({ path }) => path[0] !== 'token'))
      throw new Error(`the generator is wrong: ${JSON.stringify(issues)}`)
    return output
  }
  return { kind: 'output', output: step.items === undefined ? one() : Array.from({ length: items }, one) }
}
