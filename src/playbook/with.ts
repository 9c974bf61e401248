import { z } from 'zod'
import type { Json, JsonObject } from '../core/json.ts'
import type { Path } from '../core/yaml.ts'
import {
  accepts,
  checkTemplate,
  describe,
  didYouMean,
  evaluateTemplate,
  fieldOf,
  nearest,
  peel,
  UNKNOWN,
  type ObjectShape,
  type RecordShape,
  type Scope,
  type Shape,
  type Template,
  type Values,
} from '../expr/index.ts'
import type { Use } from './checked.ts'
import { explain } from './explain.ts'
import { isList, isObject } from './json.ts'
import { misfit, shapeOfConstant } from './misfit.ts'
import type { Checking } from './step-parts.ts'

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json())

/** A value of `with`: constant, or with expressions somewhere in it. */
type Node =
  | { readonly kind: 'constant'; readonly value: Json }
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly fields: Fields }

type Fields = { readonly [name: string]: Node }

export type With = {
  readonly uses: readonly Use[]
  /** The texts among the fields, by name. */
  readonly templates: ReadonlyMap<string, Template>
  /** The value, or UNKNOWN. Absent optionals leave no key. */
  readonly evaluate: (values: Values) => JsonObject | typeof UNKNOWN
}

type Around = {
  readonly checking: Checking
  readonly schema: z.ZodObject
  readonly scope: Scope
  /** True for a text that speaks of what is refused already. */
  readonly skips: (text: string) => boolean
  /** Where the value stands, if not under `with` of the step. */
  readonly at?: Path
}
type Place = Around & { readonly path: Path; readonly uses: Use[] }

/** Checks `with` field by field against what the action takes, each fault at its own place. */
export function checkWith(value: JsonObject, target: ObjectShape, around: Around): With {
  const { checking, schema } = around
  const uses: Use[] = []
  const path = around.at ?? ['steps', checking.id, 'with']
  const before = checking.faults.count
  const fields = checkFields(value, target, { ...around, path, uses })
  if (checking.faults.count === before) checkConstants({ fields, schema }, { ...around, path, uses })
  const templates = Object.entries(fields).flatMap(([name, node]) =>
    node.kind === 'template' ? [[name, node.template] as const] : [],
  )
  return {
    uses,
    templates: new Map(templates),
    evaluate: (values) => {
      const made = evaluateNode({ kind: 'object', fields }, values)
      return made === UNKNOWN ? UNKNOWN : jsonObject.parse(made)
    },
  }
}

function checkFields(value: JsonObject, target: ObjectShape, place: Place): Fields {
  const names = Object.keys(target.fields)
  const unknown = Object.keys(value).filter((name) => fieldOf(target, name) === undefined)
  const missing = names.filter(
    (name) => !Object.hasOwn(value, name) && fieldOf(target, name)?.kind !== 'optional',
  )
  for (const name of unknown) {
    place.checking.faults.atKey([...place.path, name], {
      code: 'playbook.unknown-field',
      message: `${name} is no input of this action`,
      remedy: `${didYouMean(name, names)}Its inputs are: ${names.join(', ') || 'none'}.`,
    })
  }
  const isUnreadable = place.checking.taint.hasKey(place.checking.id, 'with')
  for (const name of missing) {
    // A misspelt field is one fault, not an unknown and a missing one.
    if (isUnreadable || unknown.some((other) => nearest(other, [name]) !== undefined)) continue
    place.checking.faults.at(place.path, {
      code: 'playbook.missing-field',
      message: `${name} is missing; it is ${describe(fieldOf(target, name) ?? { kind: 'json' })}`,
      remedy: `Add ${name}.`,
    })
  }
  return nodesOf(value, place, (name) => fieldOf(target, name))
}

function nodesOf(value: JsonObject, place: Place, wanted: (name: string) => Shape | undefined): Fields {
  const nodes = Object.entries(value).flatMap(([name, field]) => {
    const shape = wanted(name)
    if (shape === undefined) return []
    return [[name, checkNode(field, shape, { ...place, path: [...place.path, name] })] as const]
  })
  return Object.fromEntries(nodes)
}

function checkNode(value: Json, target: Shape, place: Place): Node {
  const { base } = peel(target)
  if (typeof value === 'string') return checkText(value, target, place)
  if (isObject(value)) {
    if (base.kind === 'object') return { kind: 'object', fields: checkFields(value, base, place) }
    if (base.kind === 'record') return { kind: 'object', fields: checkRecord(value, base, place) }
    if (base.kind === 'json') return { kind: 'object', fields: nodesOf(value, place, () => base) }
  }
  if (isList(value) && (base.kind === 'list' || base.kind === 'json')) {
    const item = base.kind === 'list' ? base.item : base
    const length = { minItems: value.length, maxItems: value.length }
    refuse(place, accepts(base, { kind: 'list', item: { kind: 'never' }, ...length }))
    const items = value.map((part, i) => checkNode(part, item, { ...place, path: [...place.path, i] }))
    return { kind: 'list', items }
  }
  refuse(place, accepts(target, shapeOfConstant(value)))
  return { kind: 'constant', value }
}

function checkRecord(value: JsonObject, target: RecordShape, place: Place): Fields {
  for (const name of Object.keys(value)) {
    const why = accepts(target.key, { kind: 'string', enum: [name] })
    if (why !== undefined) place.checking.faults.atKey([...place.path, name], misfit.type(why))
  }
  return nodesOf(value, place, () => target.value)
}

function checkText(text: string, target: Shape, place: Place): Node {
  const constant = { kind: 'constant', value: text } as const
  if (place.skips(text)) return constant
  const { checking, path } = place
  const checked = checkTemplate(text, place.scope)
  if (!checked.ok) {
    for (const problem of checked.problems)
      checking.faults.at(path, explain(problem, text, checking), problem.start)
    return constant
  }
  const { template } = checked
  place.uses.push(...template.references.map((reference) => ({ path, reference })))
  const why = accepts(target, template.shape)
  if (why !== undefined)
    checking.faults.at(path, misfit.text(why, target, template), template.references[0]?.start)
  return { kind: 'template', template }
}

function refuse({ checking, path }: Place, why: string | undefined): void {
  if (why !== undefined) checking.faults.at(path, misfit.type(why))
}

/** Formats and the like are known to the schema alone: what is constant is shown to it now. */
function checkConstants({ fields, schema }: { fields: Fields; schema: z.ZodObject }, place: Place): void {
  for (const [name, node] of Object.entries(fields)) {
    const value = constantOf(node)
    const field = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined
    if (value === undefined || field === undefined) continue
    const [issue] = z.safeParse(field, value).error?.issues ?? []
    const inside = issue?.path.filter((part) => typeof part !== 'symbol') ?? []
    if (issue) refuse({ ...place, path: [...place.path, name, ...inside] }, issue.message)
  }
}

function constantOf(node: Node): unknown {
  if (node.kind === 'template') return node.template.dynamic ? undefined : evaluateTemplate(node.template, {})
  if (node.kind === 'constant') return node.value
  const parts = node.kind === 'list' ? node.items : Object.values(node.fields)
  return parts.every((part) => constantOf(part) !== undefined) ? evaluateNode(node, {}) : undefined
}

function evaluateNode(node: Node, values: Values): unknown {
  switch (node.kind) {
    case 'constant':
      return node.value
    case 'template':
      return evaluateTemplate(node.template, values)
    case 'list': {
      const items = node.items.map((item) => evaluateNode(item, values))
      return items.includes(UNKNOWN) ? UNKNOWN : items
    }
    case 'object': {
      const fields = Object.entries(node.fields).map(
        ([name, field]) => [name, evaluateNode(field, values)] as const,
      )
      if (fields.some(([, value]) => value === UNKNOWN)) return UNKNOWN
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
    }
  }
}
