import type { Json } from '../../src/core/json.ts'
import type { NumberShape, Shape, StringShape } from '../../src/expr/index.ts'

// Values made from declared shapes. The tests hold each against the schema itself before they use it.

export function pick<T>(from: readonly T[], random: () => number): T {
  const one = from[Math.floor(random() * from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

export function chance(random: () => number, share: number): boolean {
  return random() < share
}

/** Texts that fit the patterns of the actions; what fits is found by trying. */
const words = [
  'AKIAIOSFODNN7EXAMPLE',
  'AKIAABCDEFGHIJKLMNOP',
  'rosa',
  'a',
  'prod-gpu-7',
  'ops@example.org',
  'x'.repeat(63),
  '9',
  '',
  'Ünïcödé 😀',
  '${{ inputs.a }}',
  '2026-01-02T03:04:05Z',
  '2026-01-02T03:04:05+02:00',
  'line one\nline two',
]

function text(shape: StringShape, random: () => number): string {
  return pick(fitting(shape), random)
}

function fitting(shape: StringShape): readonly string[] {
  return (shape.enum ?? words).filter((word) => {
    if (word.length < (shape.minLength ?? 0) || word.length > (shape.maxLength ?? Infinity)) return false
    return (shape.patterns ?? []).every((pattern) => new RegExp(pattern, 'u').test(word))
  })
}

/** Whether the words above have one for every pattern in the shape. */
export function canMake(shape: Shape): boolean {
  switch (shape.kind) {
    case 'string':
      return fitting(shape).length > 0
    case 'list':
      return canMake(shape.item)
    case 'object':
      return Object.values(shape.fields).every(canMake)
    case 'record':
      return canMake(shape.value)
    case 'optional':
    case 'nullable':
      return canMake(shape.of)
    default:
      return true
  }
}

function number({ min, max }: NumberShape, random: () => number): number {
  return pick([min, max, Math.max(min, Math.min(max, Math.floor(random() * 100)))], random)
}

/** A value of the shape; undefined for an optional that is left out. A secret is the text that stands for one in JSON. */
export function valueOf(shape: Shape, random: () => number): Json | undefined {
  if (shape.kind === 'optional') return chance(random, 0.5) ? undefined : valueOf(shape.of, random)
  if (shape.kind === 'nullable') return chance(random, 0.5) ? null : valueOf(shape.of, random)
  if (shape.kind === 'list') return listOf(shape, random)
  if (shape.kind === 'object') return objectOf(Object.entries(shape.fields), random)
  if (shape.kind !== 'record') return scalarOf(shape, random)
  const keys = ['team', 'a b'].slice(0, Math.floor(random() * 3))
  return objectOf(
    keys.map((key) => [key, shape.value] as const),
    random,
  )
}

function scalarOf(shape: Shape, random: () => number): Json {
  switch (shape.kind) {
    case 'string':
      return text(shape, random)
    case 'int':
    case 'double':
      return number(shape, random)
    case 'bool':
      return chance(random, 0.5)
    case 'json':
      return pick<Json>([null, 1, 'x', [1, [2]], { a: { b: null } }], random)
    case 'secret':
      return '[secret]'
    default:
      throw new Error(`no value is ${shape.kind}`)
  }
}

function listOf(shape: Shape & { kind: 'list' }, random: () => number): Json {
  const [least, most] = [shape.minItems ?? 0, Math.min(shape.maxItems ?? 3, 3)]
  const length = least + Math.floor(random() * (most - least + 1))
  return Array.from({ length }, () => valueOf(shape.item, random) ?? null)
}

function objectOf(fields: readonly (readonly [string, Shape])[], random: () => number): Json {
  const entries = fields.map(([name, field]) => [name, valueOf(field, random)] as const)
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
