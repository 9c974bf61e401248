import { stringify } from 'yaml'
import type { Effect } from '../../src/core/action.ts'
import type { Json } from '../../src/core/json.ts'
import type { InputType } from '../../src/core/playbook.ts'
import { fieldOf, peel, shapeOf, type Shape } from '../../src/expr/index.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'
import type { Playbook } from '../../src/playbook/playbook.ts'
import { shapeOfInput } from '../../src/playbook/inputs.ts'
import { registry } from './registry.ts'
import { canMake, chance, pick, valueOf } from './values.ts'

// Playbooks made at random. Steps are added one at a time and kept when the checker accepts the whole, so that what comes
// out is what the checker accepts, not what somebody thought of.

const inputs: { readonly [name: string]: InputType } = {
  id: { type: 'string', pattern: '^AKIA[A-Z0-9]{16}$', description: 'Key' },
  word: { type: 'string', minLength: 1, maxLength: 60, description: 'Word' },
  size: { type: 'string', enum: ['small', 'large'], description: 'Size' },
  kind: { type: 'string', enum: ['Deployment', 'StatefulSet'], default: 'Deployment', description: 'Kind' },
  mail: { type: 'string', format: 'email', description: 'Mail' },
  place: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', description: 'Namespace' },
  user: { type: 'string', pattern: '^[\\w+=,.@-]{1,64}$', description: 'User' },
  count: { type: 'integer', minimum: 0, maximum: 3, description: 'Count' },
  share: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'Share' },
  yes: { type: 'boolean', description: 'Yes' },
  words: {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 60, description: '' },
    description: 'Words',
  },
  shares: {
    type: 'array',
    items: { type: 'number', minimum: 0, maximum: 1, description: '' },
    maxItems: 3,
    description: 'Shares',
  },
  thing: {
    type: 'object',
    description: 'Thing',
    properties: { region: { type: 'string', description: '' }, zone: { type: 'integer', description: '' } },
    required: ['region'],
  },
}

/** Actions of whose every input and output values can be made; what Firebreak does itself has rules of its own. */
const names = Object.entries(registry).flatMap(([name, { input, output }]) => {
  if (name === 'aws.use-token' || name.startsWith('firebreak.')) return []
  return canMake(shapeOf(input, 'input')) && canMake(shapeOf(output, 'output')) ? [name] : []
})
if (names.length < 10) throw new Error('too few actions to say anything')

export type Made = { readonly text: string; readonly playbook: Playbook; readonly document: Document }
type Document = { readonly steps: { readonly [id: string]: { readonly action: string } } }

/** A playbook that the checker has accepted, and how many it refused on the way. */
export function randomPlaybook(random: () => number, size: number): { made: Made; refused: number } {
  let steps: Document['steps'] = {}
  let made: Made | undefined
  let refused = 0
  for (let tries = 0; tries < size * 8 && Object.keys(steps).length < size; tries++) {
    const id = `s${Object.keys(steps).length}`
    const document = { steps: { ...steps, [id]: randomStep(steps, random) } }
    const head = { name: 'random', title: 'Random', severity: 'low', because: 'drill', timeout: '1d', inputs }
    const text = stringify({ ...head, ...document }, { aliasDuplicateObjects: false, lineWidth: 0 })
    const loaded = loadPlaybook(text, 'random.yaml', registry)
    if (loaded.ok) {
      made = { text, playbook: loaded.playbook, document }
      ;({ steps } = document)
    } else refused++
  }
  if (made === undefined) throw new Error('the generator found nothing that is accepted')
  return { made, refused }
}

function randomStep(steps: Document['steps'], random: () => number) {
  const before = Object.keys(steps)
  const action = registry[pick(names, random)]
  if (action === undefined) throw new Error('no action')
  const target = shapeOf(action.input, 'input')
  if (target.kind !== 'object') throw new Error('no object')
  const repeats = chance(random, 0.25)
  const paths = pathsOf(steps, repeats)
  const fields = Object.entries(target.fields).flatMap(([name, shape]) =>
    shape.kind === 'optional' && chance(random, 0.5)
      ? []
      : [[name, randomValue(shape, { paths, random })] as const],
  )
  return {
    action: action.name,
    with: Object.fromEntries(fields),
    ...(repeats ? { forEach: braces(pick(lists(before), random)) } : {}),
    ...(chance(random, 0.4) ? { when: pick(conditions(before), random) } : {}),
    ...(chance(random, 0.2) ? { onError: 'continue' } : {}),
    ...randomTiming(action.effect, random),
    ...(before.length > 0 && chance(random, 0.2) ? { after: [pick(before, random)] } : {}),
    ...(action.effect === 'irreversible' ? { approve: { from: 'approver' } } : {}),
  }
}

/** How long, how often: now and then where it has no meaning, which the checker refuses. */
function randomTiming(effect: Effect, random: () => number) {
  const ttl = chance(random, effect === 'reversible' ? 0.5 : 0.03)
    ? pick(['1m', '4h', '90d'], random)
    : undefined
  const pauses = [{}, { attempts: 2 }, { wait: '1s', longest: '5m' }]
  return {
    ...(chance(random, 0.1) ? { timeout: pick(['2m', '1h', '1d'], random) } : {}),
    ...(chance(random, effect === 'notify' ? 0.03 : 0.2) ? { retry: pick(pauses, random) } : {}),
    ...(ttl === undefined ? {} : { ttl }),
    ...(chance(random, ttl === undefined ? 0.03 : 0.5) ? { onExpiry: pick(['ask', 'undo'], random) } : {}),
  }
}

type Around = { readonly paths: readonly Known[]; readonly random: () => number }

function randomValue(shape: Shape, around: Around): Json {
  const { random } = around
  const { base } = peel(shape)
  if (chance(random, 0.15)) return literal(valueOf(base, random) ?? null)
  if (base.kind === 'list' && chance(random, 0.3)) return [randomValue(base.item, around)]
  if (base.kind === 'object' && chance(random, 0.5)) {
    const fields = Object.keys(base.fields).map((name) => [
      name,
      randomValue(fieldOf(base, name) ?? base, around),
    ])
    return Object.fromEntries(fields)
  }
  const expression = randomExpression(base, around)
  return chance(random, 0.15) ? `text ${expression} text` : expression
}

/** What was made as data is no expression. */
function literal(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('${{', () => '$${{')
  if (Array.isArray(value)) return value.map((item) => literal(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, literal(field)]))
}

function braces(expression: string): string {
  return `\${{ ${expression} }}`
}

function randomExpression(base: Shape, { paths, random }: Around): string {
  const alike = paths.filter(({ shape }) => peel(shape).base.kind === base.kind)
  // Mostly of the right kind: what is wrong with it then is what is hard to see.
  const path = pick(alike.length > 0 && chance(random, 0.9) ? alike : paths, random).text
  const fallback =
    base.kind === 'string'
      ? pick(["'none'", 'inputs.word'], random)
      : base.kind === 'bool'
        ? 'inputs.yes'
        : '1'
  const forms = [
    `${path}.orValue(${fallback})`,
    `string(${path})`,
    `clamp(${path}, 0, 3)`,
    `${path} + ${fallback}`,
    `inputs.yes ? ${path} : ${fallback}`,
    `${path}[?0].orValue(${fallback})`,
    `has(${path}) ? ${path} : ${fallback}`,
    `${path}.size()`,
    `${path}.map(x, x.name).join(',')`,
  ]
  return braces(chance(random, 0.6) ? path : pick(forms, random))
}

type Known = { readonly text: string; readonly shape: Shape }

/** What a step might refer to, with the shape it would have if nothing were ever absent. */
function pathsOf(steps: Document['steps'], repeats: boolean): readonly Known[] {
  const given = Object.entries(inputs).flatMap(([name, type]) => within(`inputs.${name}`, shapeOfInput(type)))
  const returned = Object.entries(steps).flatMap(([id, { action }]) => {
    const output = registry[action]?.output
    const shape = output === undefined ? undefined : shapeOf(output, 'output')
    return shape === undefined ? [] : [...within(`steps.${id}`, shape), ...within(`steps.?${id}`, shape)]
  })
  const item = { kind: 'string' } as const
  return [
    ...given,
    ...returned,
    ...returned,
    ...(repeats
      ? [
          { text: 'item', shape: item },
          { text: 'item.name', shape: item },
        ]
      : []),
  ]
}

function within(text: string, shape: Shape): readonly Known[] {
  if (shape.kind !== 'object') return [{ text, shape }]
  const fields = Object.entries(shape.fields)
  return [{ text, shape }, ...fields.map(([name, field]) => ({ text: `${text}.${name}`, shape: field }))]
}

function lists(before: readonly string[]): string[] {
  const steps = before.flatMap((id) => [
    `steps.${id}`,
    `steps.${id}.groups`,
    `steps.${id}.workloads`,
    `steps.?${id}.groups.orValue([])`,
  ])
  return ['inputs.words', 'inputs.words.filter(w, w != inputs.word)', "['rosa', 'amir']", ...steps, ...steps]
}

function conditions(before: readonly string[]): string[] {
  const steps = before.flatMap((id) => [
    `has(steps.${id})`,
    `steps.${id}.active`,
    `has(steps.${id}) && steps.${id}.count > inputs.count`,
    `steps.${id}.size() > 0`,
  ])
  return [
    'inputs.yes',
    'inputs.count > 1',
    'failed()',
    'succeeded()',
    'always()',
    'failed() && inputs.yes',
    ...steps,
    ...steps,
  ]
}
