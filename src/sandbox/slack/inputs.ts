import type { Rec } from './record.ts'
import { isRecord, items, records, string } from './record.ts'

/** Under which key an element of this type keeps its value in `state.values`. Types that keep none are absent. */
const valueKeys: Record<string, string> = {
  plain_text_input: 'value',
  number_input: 'value',
  email_text_input: 'value',
  url_text_input: 'value',
  static_select: 'selected_option',
  external_select: 'selected_option',
  radio_buttons: 'selected_option',
  overflow: 'selected_option',
  multi_static_select: 'selected_options',
  multi_external_select: 'selected_options',
  checkboxes: 'selected_options',
  datepicker: 'selected_date',
  timepicker: 'selected_time',
  datetimepicker: 'selected_date_time',
  users_select: 'selected_user',
  conversations_select: 'selected_conversation',
  channels_select: 'selected_channel',
  multi_users_select: 'selected_users',
  multi_conversations_select: 'selected_conversations',
  multi_channels_select: 'selected_channels',
}

const initialKeys: Record<string, string> = {
  value: 'initial_value',
  selected_option: 'initial_option',
  selected_options: 'initial_options',
  selected_date: 'initial_date',
  selected_time: 'initial_time',
  selected_date_time: 'initial_date_time',
  selected_user: 'initial_user',
  selected_conversation: 'initial_conversation',
  selected_channel: 'initial_channel',
  selected_users: 'initial_users',
  selected_conversations: 'initial_conversations',
  selected_channels: 'initial_channels',
}

/** An interactive element and the block around it. */
export type Placed = { blockId: string; element: Rec; block: Rec }

export function placedElements(blocks: readonly Rec[]): Placed[] {
  return blocks.flatMap((block) => {
    const elements = [...records(block['elements']), block['accessory'], block['element']].filter(isRecord)
    return elements
      .filter((element) => typeof element['action_id'] === 'string')
      .map((element) => ({ blockId: string(block['block_id']), element, block }))
  })
}

export function valueKey(element: Rec): string | undefined {
  return valueKeys[string(element['type'])]
}

function emptyValue(key: string): unknown {
  return key.endsWith('s') ? [] : null
}

/** `state.values` as it stands before anybody has typed. */
export function initialValues(blocks: readonly Rec[]): Record<string, Rec> {
  const values: Record<string, Rec> = {}
  for (const { blockId, element } of placedElements(blocks)) {
    const key = valueKey(element)
    if (key === undefined || element['type'] === 'overflow') continue
    const initial = element[initialKeys[key] ?? ''] ?? emptyValue(key)
    const block = (values[blockId] ??= {})
    block[string(element['action_id'])] = { type: element['type'], [key]: initial }
  }
  return values
}

function optionsOf(element: Rec): Rec[] {
  return [
    ...records(element['options']),
    ...records(element['option_groups']).flatMap((group) => records(group['options'])),
  ]
}

/** A value as a person gives it: text, a number, option values; turned into what Slack sends. */
export type Given = string | number | readonly string[] | null

export function isGiven(value: unknown): value is Given {
  if (value === null || typeof value === 'string' || typeof value === 'number') return true
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

/**
 * The element's entry in `state.values` for a given value; undefined when it offers no such option.
 * `offered` are the options the app suggested for an external select.
 */
export function stateOf(element: Rec, given: Given, offered: readonly Rec[] = []): Rec | undefined {
  const key = valueKey(element)
  if (key === undefined) return undefined
  const value = heldValue(key, given, [...optionsOf(element), ...offered])
  return value === undefined ? undefined : { type: element['type'], [key]: value }
}

function heldValue(key: string, given: Given, options: readonly Rec[]): unknown {
  if (key === 'selected_options') return choose(options, given)
  if (key === 'selected_option') {
    const chosen = choose(options, given)
    return chosen === undefined ? undefined : (chosen[0] ?? null)
  }
  if (key.endsWith('s')) return items(given)
  if (given === null || given === '') return null
  return key === 'selected_date_time' ? Number(given) : String(given)
}

/** The options with the given values; undefined when one of them is not offered. */
function choose(options: readonly Rec[], given: Given): Rec[] | undefined {
  const wanted =
    given === null || given === '' ? [] : typeof given === 'object' ? [...given] : [String(given)]
  const chosen = wanted.map((value) => options.find((option) => option['value'] === value))
  return chosen.every((option) => option !== undefined) ? chosen.filter(isRecord) : undefined
}

function isEmpty(state: Rec | undefined, element: Rec): boolean {
  const value = state?.[valueKey(element) ?? '']
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

/** What the Slack client itself refuses before it sends a form: by block_id. The app never hears of it. */
export function clientErrors(blocks: readonly Rec[], values: Record<string, Rec>): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const { blockId, element, block } of placedElements(blocks)) {
    if (block['type'] !== 'input') continue
    const state = values[blockId]?.[string(element['action_id'])]
    const held = isRecord(state) ? state : undefined
    if (isEmpty(held, element)) {
      if (block['optional'] !== true) errors[blockId] = 'Please complete this required field.'
      continue
    }
    const fault = typedFault(element, string(held?.['value']))
    if (fault !== undefined) errors[blockId] = fault
  }
  return errors
}

function typedFault(element: Rec, value: string): string | undefined {
  switch (element['type']) {
    case 'number_input':
      return numberFault(element, value)
    case 'plain_text_input':
      return lengthFault(element, value)
    case 'email_text_input':
      return /^\S+@\S+\.\S+$/.test(value) ? undefined : 'Please enter a valid email address.'
    case 'url_text_input':
      return URL.canParse(value) ? undefined : 'Please enter a valid URL.'
    default:
      return undefined
  }
}

function lengthFault(element: Rec, value: string): string | undefined {
  const min = Number(element['min_length'] ?? 0)
  const max = Number(element['max_length'] ?? 3000)
  if (value.length < min) return `Please enter at least ${min} characters.`
  return value.length > max ? `Please enter at most ${max} characters.` : undefined
}

function numberFault(element: Rec, value: string): string | undefined {
  const form = element['is_decimal_allowed'] === true ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/
  if (!form.test(value)) return 'Please enter a valid number.'
  const { min_value: min, max_value: max } = element
  if (min !== undefined && Number(value) < Number(min))
    return `Please enter a number of at least ${string(min)}.`
  return max !== undefined && Number(value) > Number(max)
    ? `Please enter a number of at most ${string(max)}.`
    : undefined
}
