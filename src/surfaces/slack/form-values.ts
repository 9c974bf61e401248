import { z } from 'zod'
import type { Json, JsonObject } from '../../core/json.ts'
import type { InputType, PlaybookInfo } from '../../core/playbook.ts'
import { choicesOf, FIELD, fieldId } from './form-fields.ts'
import type { FormState } from './payload.ts'

/** The state of an element, whichever kind it is. */
const Held = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
  selected_options: z.array(z.object({ value: z.string() })).nullish(),
  selected_date_time: z.number().nullish(),
})

/** What was typed into a form, as the app takes it: text is read there by the declared type. Empty fields are left out. */
export function readValues(playbook: PlaybookInfo, state: FormState): JsonObject {
  const values: Record<string, Json> = {}
  for (const [name, type] of Object.entries(playbook.inputs)) {
    const held = Held.safeParse(state?.values[fieldId(playbook.name, name)]?.[FIELD])
    const value = held.success ? valueOf(type, held.data) : undefined
    if (value !== undefined) values[name] = value
  }
  return values
}

function valueOf(type: InputType, held: z.infer<typeof Held>): Json | undefined {
  switch (type.type) {
    case 'boolean':
      return (held.selected_options ?? []).length > 0
    case 'array':
      return listOf(type.items, held)
    case 'string':
      return textOf(held)
    case 'integer':
    case 'number':
    case 'object':
      return held.value ?? undefined
  }
}

function textOf(held: z.infer<typeof Held>): string | undefined {
  if (typeof held.selected_date_time === 'number')
    return new Date(held.selected_date_time * 1000).toISOString()
  return held.selected_option?.value ?? held.value ?? undefined
}

/** Commas or new lines separate; the app reads each item by its type. JSON is left to it as it is. */
function listOf(items: InputType, held: z.infer<typeof Held>): Json | undefined {
  if (choicesOf(items) !== undefined) {
    const chosen = (held.selected_options ?? []).map(({ value }) => value)
    return chosen.length === 0 ? undefined : chosen
  }
  const text = held.value?.trim()
  if (text === undefined || text === '') return undefined
  return text.startsWith('[') ? text : text.replaceAll(/\s*[\n,]\s*/g, ',')
}
