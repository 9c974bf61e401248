import { z } from 'zod'
import type { Shape } from '../../src/expr/index.ts'

/** Small seeded generators (mulberry32), so that a failure can be run again by its seed. */
export type Random = {
  readonly below: (n: number) => number
  readonly chance: (p: number) => boolean
  readonly pick: <T>(items: readonly T[]) => T
}

export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  return { below, chance: (p) => next() < p, pick: (items) => items[below(items.length)]! }
}

/** A schema, and how to make a value that it takes. */
export type Typed = { readonly schema: z.ZodType; readonly value: () => unknown }

const TEXTS = [
  '',
  'a',
  'AKIA1',
  'low',
  '-1',
  '9e99',
  '😀',
  '\u{212A}',
  'constructor',
  '__proto__',
  'it\'s "q" }}',
  'x'.repeat(50),
]
const INTS = [0, 1, -1, 7, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
const DOUBLES = [0, -0, 0.1, -1.5, 1e300, -1e300, Number.MAX_VALUE, Number.MIN_VALUE, 3]

const scalars: readonly ((r: Random) => Typed)[] = [
  (r) => ({ schema: z.string(), value: () => r.pick(TEXTS) }),
  (r) => ({ schema: z.string().regex(/^AKIA/).max(8), value: () => `AKIA${r.below(1000)}` }),
  (r) => ({ schema: z.enum(['low', 'high']), value: () => r.pick(['low', 'high']) }),
  (r) => ({ schema: z.int(), value: () => r.pick(INTS) }),
  (r) => ({ schema: z.int().min(1).max(24), value: () => 1 + r.below(24) }),
  (r) => ({ schema: z.number(), value: () => r.pick(DOUBLES) }),
  (r) => ({ schema: z.number().min(-1).max(1), value: () => r.pick([-1, 0, 0.5, 1]) }),
  (r) => ({ schema: z.boolean(), value: () => r.chance(0.5) }),
]

const FIELDS = ['a', 'b', 'c', 'namespace', 'in_', 'get'] as const

export function typed(r: Random, depth: number): Typed {
  if (depth <= 0 || r.chance(0.35)) return r.pick(scalars)(r)
  if (r.chance(0.15)) {
    const inner = typed(r, depth - 1)
    return { schema: inner.schema.nullable(), value: () => (r.chance(0.4) ? null : inner.value()) }
  }
  return r.pick([list, record, object])(r, depth - 1)
}

function list(r: Random, depth: number): Typed {
  const item = typed(r, depth)
  return { schema: z.array(item.schema), value: () => Array.from({ length: r.below(4) }, item.value) }
}

function record(r: Random, depth: number): Typed {
  const item = typed(r, depth)
  const value = () =>
    Object.fromEntries(['a', 'x-y', 'size'].filter(() => r.chance(0.5)).map((key) => [key, item.value()]))
  return { schema: z.record(z.string(), item.schema), value }
}

export function object(r: Random, depth: number): Typed {
  const fields = FIELDS.filter(() => r.chance(0.7)).map((name) => {
    const inner = typed(r, depth)
    return { name, inner, optional: r.chance(0.3) }
  })
  const entries = fields.map(({ name, inner, optional }) => [
    name,
    optional ? inner.schema.optional() : inner.schema,
  ])
  return {
    schema: z.strictObject(Object.fromEntries(entries)),
    value: () =>
      Object.fromEntries(
        fields
          .filter(({ optional }) => !optional || r.chance(0.6))
          .map(({ name, inner }) => [name, inner.value()]),
      ),
  }
}

/** Every path below a name, guarded or not: what a writer would pick from. */
export function pathsOf(shape: Shape, name: string): string[] {
  const { base } = 'of' in shape ? { base: shape.of } : { base: shape }
  if (base.kind !== 'object') return [name]
  return [
    name,
    ...Object.entries(base.fields).flatMap(([field, inner]) => {
      const dot = inner.kind === 'optional' || inner.kind === 'nullable' ? '.?' : '.'
      return pathsOf(inner, `${name}${dot}${field}`)
    }),
  ]
}

type Make = (r: Random, depth: number, names: readonly string[]) => string

const LITERALS = [
  '""',
  '"a"',
  '"low"',
  '"AKIA1"',
  '0',
  '1',
  '-7',
  '24',
  '1.5',
  '0.0',
  '2.0',
  'true',
  'false',
  '[]',
  '["a"]',
  '[1]',
  'null',
]

const path: Make = (r, depth, names) => {
  let text = r.pick(names)
  while (r.chance(0.25)) text += r.pick(['.', '.', '.?']) + r.pick(FIELDS)
  if (depth > 0 && r.chance(0.15)) text += `[?${expression(r, depth - 1, names)}]`
  return text
}

const forms: readonly Make[] = [
  path,
  path,
  path,
  (r) => r.pick(LITERALS),
  (r, d, n) => `${expression(r, d, n)}.orValue(${expression(r, d, n)})`,
  (r, d, n) => `${path(r, d, n)}.orValue(${r.pick(LITERALS)})`,
  (r, d, n) =>
    `(${expression(r, d, n)} ${r.pick(['+', '-', '*', '/', '%', '==', '!=', '<', '>=', 'in', '&&', '||'])} ${expression(r, d, n)})`,
  (r, d, n) => `(${expression(r, d, n)} ? ${expression(r, d, n)} : ${expression(r, d, n)})`,
  (r, d, n) => {
    const place = path(r, 0, n).replaceAll('?', '')
    return `(has(${place}) ? ${place} : ${r.pick(LITERALS)})`
  },
  (r, d, n) => {
    const name = `v${n.length}`
    const macro = r.pick(['map', 'filter', 'all', 'exists', 'exists_one'])
    return `${path(r, d, n)}.${macro}(${name}, ${expression(r, d, [...n, name, name])})`
  },
  (r, d, n) => `${r.pick(['size', 'string', 'int', 'double', 'lower', '-', '!'])}(${expression(r, d, n)})`,
  (r, d, n) =>
    `${expression(r, d, n)}.${r.pick(['startsWith("a")', 'trim()', 'split("a")', 'join()', 'size()', 'hasValue()', 'indexOf("a")'])}`,
  (r, d, n) => `re(${expression(r, d, n)}, "^A[A-Z]+")`,
  (r, d, n) => `clamp(${expression(r, d, n)}, 0, 100)`,
  (r, d, n) => `[${expression(r, d, n)}, ${expression(r, d, n)}]`,
]

/** Expressions of every form over the names; many are wrong, and those must be refused rather than fail. */
export function expression(r: Random, depth: number, names: readonly string[]): string {
  return depth <= 0
    ? r.pick([path, path, (q: Random) => q.pick(LITERALS)])(r, 0, names)
    : r.pick(forms)(r, depth - 1, names)
}
