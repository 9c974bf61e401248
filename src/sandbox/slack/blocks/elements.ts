import type { Check } from './check.ts'
import { also, anything, boolean, byType, integer, list, needsOneOf, object, oneOf, text } from './check.ts'

// Limits: docs.slack.dev reference of each element, as gathered in the project's Slack facts. Where the docs and the
// comments of @slack/types differ (option values: 150 and 75) the docs are followed.

const id = text(255)

export function plainText(max: number): Check {
  return object({ type: oneOf('plain_text'), text: text(max, 1) }, { emoji: boolean })
}

function mrkdwn(max: number): Check {
  return object({ type: oneOf('mrkdwn'), text: text(max, 1) }, { verbatim: boolean })
}

export function anyText(max: number): Check {
  return byType({ plain_text: plainText(max), mrkdwn: mrkdwn(max) })
}

const confirm = object(
  { title: plainText(100), text: anyText(300), confirm: plainText(30), deny: plainText(30) },
  { style: oneOf('primary', 'danger') },
)

const option = object({ text: anyText(75), value: text(150) }, { description: anyText(75), url: text(3000) })
const optionGroup = object({ label: plainText(75), options: list(option, 100) })

const placeholder = plainText(150)
const dispatchConfig = object(
  {},
  { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 2) },
)

type Fields = Record<string, Check>

/** An element with the keys every interactive element has. */
function element(type: string, required: Fields, optional: Fields): [string, Check] {
  return [type, object({ type: oneOf(type), ...required }, { action_id: id, ...optional })]
}

const focus = { focus_on_load: boolean }
const picker = { confirm, placeholder, ...focus }
const typed = { placeholder, dispatch_action_config: dispatchConfig, ...focus }
const many = { ...picker, max_selected_items: integer(1, 100) }
const offered = { options: list(option, 100), option_groups: list(optionGroup, 100) }

const image: Check = also(
  object(
    { type: oneOf('image'), alt_text: text(2000, 1) },
    {
      image_url: text(3000),
      slack_file: anything,
      fallback: anything,
      image_width: anything,
      image_height: anything,
      image_bytes: anything,
    },
  ),
  needsOneOf('image_url', 'slack_file'),
)

const button = element(
  'button',
  { text: plainText(75) },
  {
    value: text(2000),
    url: text(3000),
    style: oneOf('primary', 'danger'),
    confirm,
    accessibility_label: text(75),
  },
)

function withOptions([type, check]: [string, Check]): [string, Check] {
  return [type, also(check, needsOneOf('options', 'option_groups'))]
}

const conversationFilter = {
  filter: anything,
  default_to_current_conversation: boolean,
  response_url_enabled: boolean,
}

const selects: [string, Check][] = [
  withOptions(element('static_select', {}, { ...offered, initial_option: option, ...picker })),
  withOptions(
    element('multi_static_select', {}, { ...offered, initial_options: list(option, 100), ...many }),
  ),
  element('external_select', {}, { initial_option: option, min_query_length: integer(0, 255), ...picker }),
  element(
    'multi_external_select',
    {},
    { initial_options: list(option, 100), min_query_length: integer(0, 255), ...many },
  ),
  element('users_select', {}, { initial_user: text(255), ...picker }),
  element('multi_users_select', {}, { initial_users: list(text(255), 100), ...many }),
  element('conversations_select', {}, { initial_conversation: text(255), ...conversationFilter, ...picker }),
  element(
    'multi_conversations_select',
    {},
    { initial_conversations: list(text(255), 100), ...conversationFilter, ...many },
  ),
  element('channels_select', {}, { initial_channel: text(255), response_url_enabled: boolean, ...picker }),
  element('multi_channels_select', {}, { initial_channels: list(text(255), 100), ...many }),
]

const choices: [string, Check][] = [
  element('overflow', { options: list(option, 5) }, { confirm }),
  element(
    'checkboxes',
    { options: list(option, 10) },
    { initial_options: list(option, 10), confirm, ...focus },
  ),
  element('radio_buttons', { options: list(option, 10) }, { initial_option: option, confirm, ...focus }),
  element('datepicker', {}, { initial_date: text(10), ...picker }),
  element('timepicker', {}, { initial_time: text(5), timezone: text(100), ...picker }),
  element('datetimepicker', {}, { initial_date_time: integer(0, 9_999_999_999), confirm, ...focus }),
]

const inputs: [string, Check][] = [
  element(
    'plain_text_input',
    {},
    {
      initial_value: text(3000),
      multiline: boolean,
      min_length: integer(0, 3000),
      max_length: integer(1, 3000),
      ...typed,
    },
  ),
  element(
    'number_input',
    { is_decimal_allowed: boolean },
    { initial_value: text(255), min_value: text(255), max_value: text(255), ...typed },
  ),
  element('email_text_input', {}, { initial_value: text(3000), ...typed }),
  element('url_text_input', {}, { initial_value: text(3000), ...typed }),
]

/** What may stand in an `actions` block. */
export const actionElement = byType(Object.fromEntries([button, ...selects, ...choices]))

/** What may stand beside a section's text. */
export const accessory = byType(
  Object.fromEntries([
    button,
    ['image', image],
    ...selects,
    ...choices.filter(([type]) => type !== 'datetimepicker'),
  ]),
)

/** What may stand in an `input` block. */
export const inputElement = byType(
  Object.fromEntries([...inputs, ...selects, ...choices.filter(([type]) => type !== 'overflow')]),
)

/** What may stand in a `context` block. */
export const contextElement = byType({ image, plain_text: plainText(2000), mrkdwn: mrkdwn(2000) })
