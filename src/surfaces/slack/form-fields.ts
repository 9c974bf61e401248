import type { InputBlock, InputBlockElement, PlainTextOption } from '@slack/types'
import type { Json, JsonObject } from '../../core/json.ts'
import type { InputType, PlaybookInfo } from '../../core/playbook.ts'
import { plainText } from './block.ts'

/** The one action id of every field: the block id tells which input it is. */
export const FIELD = 'value'

/** Fields of different playbooks never share a block id, or Slack would carry values from one form into the other. */
export function fieldId(playbook: string, input: string): string {
  return `in:${playbook}:${input}`.slice(0, 255)
}

/** An input block for each input, by its declared type (facts 6.2). */
export function fields(playbook: PlaybookInfo, values: JsonObject): readonly InputBlock[] {
  return Object.entries(playbook.inputs).map(([name, type]) => ({
    type: 'input',
    block_id: fieldId(playbook.name, name),
    label: plainText(name, 150),
    hint: plainText(`${type.description}${hint(type)}`, 500),
    optional: isOptional(type),
    element: element(type, values[name] ?? defaultOf(type)),
  }))
}

/** An empty checkbox is an answer, so a boolean is never incomplete. */
function isOptional(type: InputType): boolean {
  return type.type === 'boolean' || defaultOf(type) !== undefined
}

export function defaultOf(type: InputType): Json | undefined {
  return type.type === 'object' ? undefined : type.default
}

function hint(type: InputType): string {
  if (type.type === 'object') return ' (JSON)'
  if (type.type === 'array' && choicesOf(type.items) === undefined)
    return ' (separated by commas or new lines)'
  if (type.type === 'string' && type.pattern !== undefined) return ` (form: ${type.pattern})`
  return ''
}

function element(type: InputType, value: Json | undefined): InputBlockElement {
  switch (type.type) {
    case 'string':
      return textElement(type, typeof value === 'string' ? value : undefined)
    case 'integer':
    case 'number':
      return numberElement(type, value)
    case 'boolean':
      return checkbox(value === true)
    case 'array':
      return listElement(type.items, Array.isArray(value) ? value : undefined)
    case 'object':
      return longText(value === undefined ? undefined : JSON.stringify(value))
  }
}

type Text = Extract<InputType, { type: 'string' }>

/** Slack: 10 radio buttons, 100 options, 75 characters each. What does not fit is typed, and checked by the app. */
export function choicesOf(type: InputType): readonly string[] | undefined {
  if (type.type !== 'string' || type.enum === undefined || type.enum.length === 0 || type.enum.length > 100)
    return undefined
  return type.enum.every((choice) => choice.length > 0 && choice.length <= 75) ? type.enum : undefined
}

function textElement(type: Text, value: string | undefined): InputBlockElement {
  const choices = choicesOf(type)
  if (choices !== undefined) return choice(choices, value)
  switch (type.format) {
    case 'email':
      return { type: 'email_text_input', action_id: FIELD, ...initialText(value) }
    case 'uri':
      return { type: 'url_text_input', action_id: FIELD, ...initialText(value) }
    case 'date-time':
      return { type: 'datetimepicker', action_id: FIELD, ...initialTime(value) }
    default:
      return {
        type: 'plain_text_input',
        action_id: FIELD,
        ...(type.minLength === undefined ? {} : { min_length: Math.min(type.minLength, 3000) }),
        max_length: Math.min(type.maxLength ?? 3000, 3000),
        ...initialText(value),
      }
  }
}

function initialText(value: string | undefined): { initial_value?: string } {
  return value === undefined || value === '' ? {} : { initial_value: value.slice(0, 3000) }
}

function initialTime(value: string | undefined): { initial_date_time?: number } {
  const seconds = Math.floor(Date.parse(value ?? '') / 1000)
  return Number.isNaN(seconds) ? {} : { initial_date_time: seconds }
}

function choice(choices: readonly string[], value: string | undefined): InputBlockElement {
  const options = choices.map(option)
  const initial = value !== undefined && choices.includes(value) ? { initial_option: option(value) } : {}
  return choices.length <= 10
    ? { type: 'radio_buttons', action_id: FIELD, options, ...initial }
    : { type: 'static_select', action_id: FIELD, options, ...initial }
}

function option(value: string): PlainTextOption {
  return { text: plainText(value, 75), value }
}

function numberElement(
  type: Extract<InputType, { type: 'integer' | 'number' }>,
  value: Json | undefined,
): InputBlockElement {
  return {
    type: 'number_input',
    action_id: FIELD,
    is_decimal_allowed: type.type === 'number',
    ...(type.minimum === undefined ? {} : { min_value: String(type.minimum) }),
    ...(type.maximum === undefined ? {} : { max_value: String(type.maximum) }),
    ...(typeof value === 'number' || typeof value === 'string' ? { initial_value: String(value) } : {}),
  }
}

function checkbox(checked: boolean): InputBlockElement {
  const yes = { text: plainText('Yes', 75), value: 'yes' }
  return {
    type: 'checkboxes',
    action_id: FIELD,
    options: [yes],
    ...(checked ? { initial_options: [yes] } : {}),
  }
}

function listElement(items: InputType, value: readonly Json[] | undefined): InputBlockElement {
  const choices = choicesOf(items)
  const texts = (value ?? []).map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)))
  if (choices === undefined) return longText(texts.length === 0 ? undefined : texts.join('\n'))
  const initial = texts.filter((text) => choices.includes(text)).map(option)
  return {
    type: 'multi_static_select',
    action_id: FIELD,
    options: choices.map(option),
    ...(initial.length === 0 ? {} : { initial_options: initial }),
  }
}

function longText(value: string | undefined): InputBlockElement {
  return {
    type: 'plain_text_input',
    action_id: FIELD,
    multiline: true,
    max_length: 3000,
    ...initialText(value),
  }
}
