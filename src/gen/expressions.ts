import type { JsonObject } from '../core/json.ts'
import { isObject, mapObject, objectAt } from './schema-of.ts'

/** Definitions that `orExpression` refers to. */
export const expressionDefinitions: JsonObject = {
  expression: {
    type: 'string',
    pattern: String.raw`^\$\{\{[\s\S]*\}\}$`,
    description: 'One expression, such as ${{ inputs.name }}',
  },
  template: {
    type: 'string',
    pattern: String.raw`\$\{\{[\s\S]*\}\}`,
    description: 'A text with expressions, such as model-${{ inputs.name }}',
  },
}

/** An action's input as a playbook's `with` may give it: wherever a value stands, an expression may stand too. */
export function withExpressions(input: JsonObject): JsonObject {
  const properties = mapObject(objectAt(input, 'properties'), (field) =>
    isObject(field) ? orExpression(field) : field,
  )
  return { ...input, properties }
}

function orExpression(field: JsonObject): JsonObject {
  const { description, default: byDefault, ...type } = field
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(byDefault === undefined ? {} : { default: byDefault }),
  }
  if (isFreeText(type)) return { ...about, ...type }
  const ref = type['type'] === 'string' ? 'template' : 'expression'
  return { ...about, anyOf: [inner(type), { $ref: `#/$defs/${ref}` }] }
}

/** Any text fits, so one with expressions does. */
function isFreeText(type: JsonObject): boolean {
  return type['type'] === 'string' && Object.keys(type).length === 1
}

function inner(type: JsonObject): JsonObject {
  if (type['type'] === 'object') return withExpressions(type)
  const items = type['items']
  return type['type'] === 'array' && isObject(items) ? { ...type, items: orExpression(items) } : type
}
