import { z } from 'zod'
import type { Json, JsonObject } from '../core/json.ts'
import type { Path } from '../core/yaml.ts'
import {
  accepts,
  checkTemplate,
  describe,
  evaluateTemplate,
  fieldOf,
  UNKNOWN,
  type ObjectShape,
  type Reference,
  type Scope,
  type Shape,
  type Template,
  type Values,
} from '../expr/index.ts'
import type { Faults } from './faults.ts'

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json())

/** A value of `with`: constant, or with expressions somewhere in it. */
type Node =
  | { readonly kind: 'constant'; readonly value: Json }
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly fields: { readonly [name: string]: Node } }

export type With = {
  readonly references: readonly Reference[]
  /** The value, or UNKNOWN. Absent optionals leave no key. */
  readonly evaluate: (values: Values) => JsonObject | typeof UNKNOWN
}

type Checking = { readonly faults: Faults; readonly scope: Scope; readonly references: Reference[] }

/** Checks `with` field by field against what the action takes, each fault at its own place. */
export function checkWith(
  value: JsonObject,
  target: ObjectShape,
  check: Checking & { readonly path: Path },
): With {
  const fields = checkFields(value, target, check)
  return {
    references: check.references,
    evaluate: (values) => {
      const made = evaluateNode({ kind: 'object', fields }, values)
      return made === UNKNOWN ? UNKNOWN : jsonObject.parse(made)
    },
  }
}

function checkFields(
  value: JsonObject,
  target: ObjectShape,
  check: Checking & { readonly path: Path },
): { [name: string]: Node } {
  const names = Object.keys(target.fields)
  const entries = Object.entries(value).flatMap(([name, field]) => {
    const wanted = fieldOf(target, name)
    const path = [...check.path, name]
    if (wanted !== undefined) return [[name, checkNode(field, wanted, { ...check, path })] as const]
    check.faults.atKey(path, {
      code: 'playbook.unknown-key',
      message: `${name} is no input of this action`,
      remedy: `Its inputs are: ${names.join(', ')}.`,
    })
    return []
  })
  for (const name of names) {
    if (Object.hasOwn(value, name) || fieldOf(target, name)?.kind === 'optional') continue
    check.faults.at(check.path, {
      code: 'playbook.missing-field',
      message: `${name} is missing; it is ${describe(fieldOf(target, name) ?? { kind: 'json' })}`,
      remedy: `Add ${name}.`,
    })
  }
  return Object.fromEntries(entries)
}

function checkNode(value: Json, target: Shape, check: Checking & { readonly path: Path }): Node {
  const base = bare(target)
  if (isObject(value) && base.kind === 'object')
    return { kind: 'object', fields: checkFields(value, base, check) }
  if (isList(value) && base.kind === 'list') {
    const items = value.map((item, i) => checkNode(item, base.item, { ...check, path: [...check.path, i] }))
    return { kind: 'list', items }
  }
  if (typeof value === 'string') return checkText(value, target, check)
  refuse(check, accepts(target, shapeOfConstant(value)))
  return { kind: 'constant', value }
}

function checkText(text: string, target: Shape, check: Checking & { readonly path: Path }): Node {
  const checked = checkTemplate(text, check.scope)
  if (!checked.ok) {
    for (const { start, ...fault } of checked.problems) check.faults.at(check.path, fault, start)
    return { kind: 'constant', value: text }
  }
  const { template } = checked
  check.references.push(...template.references)
  refuse(check, accepts(target, template.shape), template.references[0]?.start)
  return { kind: 'template', template }
}

function refuse(check: Checking & { readonly path: Path }, why: string | undefined, index?: number): void {
  if (why === undefined) return
  const fault = {
    code: 'playbook.wrong-type',
    message: why,
    remedy: 'Give a value of that type, or convert it with an expression.',
  } as const
  check.faults.at(check.path, fault, index)
}

function shapeOfConstant(value: Json): Shape {
  if (value === null) return { kind: 'nullable', of: { kind: 'never' } }
  if (typeof value === 'boolean') return { kind: 'bool' }
  if (typeof value === 'number') {
    return { kind: Number.isInteger(value) ? 'int' : 'double', min: value, max: value }
  }
  if (typeof value === 'string') return { kind: 'string', enum: [value] }
  if (isList(value))
    return { kind: 'list', item: value[0] === undefined ? { kind: 'never' } : shapeOfConstant(value[0]) }
  const fields = Object.entries(value).map(([name, field]) => [name, shapeOfConstant(field)] as const)
  return { kind: 'object', fields: Object.fromEntries(fields), closed: true }
}

function bare(shape: Shape): Shape {
  return shape.kind === 'optional' || shape.kind === 'nullable' ? bare(shape.of) : shape
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

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
