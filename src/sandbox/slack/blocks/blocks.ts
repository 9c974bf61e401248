import type { Check, Issue } from './check.ts'
import { also, anything, boolean, byType, list, needsOneOf, object, oneOf, text, unique } from './check.ts'
import { accessory, actionElement, anyText, contextElement, inputElement, plainText } from './elements.ts'
import { richTextPart } from './rich-text.ts'
import { records, string } from '../record.ts'

type Fields = Record<string, Check>
type Surface = 'message' | 'modal' | 'home'

function block(type: string, required: Fields, optional: Fields = {}): [string, Check] {
  return [type, object({ type: oneOf(type), ...required }, { block_id: text(255), ...optional })]
}

const richText = block('rich_text', { elements: list(richTextPart, 1000) })

const section = block(
  'section',
  {},
  { text: anyText(3000), fields: list(anyText(2000), 10), accessory, expand: boolean },
)

const image = block(
  'image',
  { alt_text: text(2000, 1) },
  {
    image_url: text(3000),
    slack_file: anything,
    title: plainText(2000),
    fallback: anything,
    image_width: anything,
    image_height: anything,
    image_bytes: anything,
  },
)

const cell = byType({
  rich_text: richText[1],
  raw_text: object({ type: oneOf('raw_text'), text: text(3000) }),
  raw_number: object({ type: oneOf('raw_number'), value: anything }),
})

const table = block(
  'table',
  { rows: list(list(cell, 20), 100) },
  {
    column_settings: list(
      object({}, { align: oneOf('left', 'center', 'right'), is_wrapped: boolean }),
      20,
      0,
    ),
  },
)

const anywhere: [string, Check][] = [
  [section[0], also(section[1], needsOneOf('text', 'fields'))],
  block('header', { text: plainText(150) }),
  block('divider', {}),
  block('context', { elements: list(contextElement, 10) }),
  block('actions', { elements: also(list(actionElement, 25), unique('action_id')) }),
  [image[0], also(image[1], needsOneOf('image_url', 'slack_file'))],
  richText,
  block(
    'input',
    { label: plainText(2000), element: inputElement },
    { hint: plainText(2000), optional: boolean, dispatch_action: boolean },
  ),
]

const surfaces: Record<Surface, Check> = {
  message: byType(
    Object.fromEntries([
      ...anywhere,
      table,
      block('markdown', { text: text(12_000, 1) }),
      block('context_actions', { elements: list(anything, 5) }),
      block('file', { source: text(255), external_id: text(255) }),
    ]),
  ),
  // An alert block is for modals only (node-slack-sdk#2567).
  modal: byType(
    Object.fromEntries([
      ...anywhere,
      block(
        'alert',
        { text: anyText(3000) },
        { level: oneOf('default', 'info', 'warning', 'error', 'success') },
      ),
    ]),
  ),
  home: byType(Object.fromEntries(anywhere)),
}

// Kinds this stand-in does not model (video, plan, card, …) are refused by name as `unsupported type`, never passed over.
const maxBlocks: Record<Surface, number> = { message: 50, modal: 100, home: 100 }

export function checkBlocks(blocks: unknown, surface: Surface, pointer = ''): Issue[] {
  const check = also(list(surfaces[surface], maxBlocks[surface], 0), unique('block_id'))
  const found = check(blocks, pointer)
  return found.length > 0 || surface !== 'message' ? found : checkMessageTotals(blocks, pointer)
}

/** Limits over a whole message: markdown text 12,000 together, one table. */
function checkMessageTotals(blocks: unknown, pointer: string): Issue[] {
  const all = records(blocks)
  const markdown = all
    .filter((b) => b['type'] === 'markdown')
    .reduce((sum, b) => sum + string(b['text']).length, 0)
  if (markdown > 12_000) {
    return [
      {
        pointer,
        message: 'must be less than 12001 characters',
        constraint: { type: 'max_length', expected: 12_000 },
      },
    ]
  }
  if (all.filter((b) => b['type'] === 'table').length > 1) {
    return [{ pointer, message: 'only_one_table_allowed', constraint: { type: 'max_items', expected: 1 } }]
  }
  return []
}

const blockList: Check = anything

const modal = object(
  { type: oneOf('modal'), title: plainText(24), blocks: blockList },
  {
    submit: plainText(24),
    close: plainText(24),
    private_metadata: text(3000),
    callback_id: text(255),
    external_id: text(255),
    clear_on_close: boolean,
    notify_on_close: boolean,
    submit_disabled: boolean,
  },
)

const home = object(
  { type: oneOf('home'), blocks: blockList },
  { private_metadata: text(3000), callback_id: text(255), external_id: text(255) },
)

const submitWithInputs: Check = (value, pointer) => {
  const view = records([value])[0] ?? {}
  const asks = records(view['blocks']).some((b) => b['type'] === 'input')
  return asks && view['submit'] === undefined
    ? [
        {
          pointer,
          message: 'missing required field: submit',
          constraint: { type: 'required', expected: 'submit' },
        },
      ]
    : []
}

/** `type` decides between modal and home view; `pointer` is where Slack's messages start (`/view`). */
export function checkView(view: unknown, pointer = ''): Issue[] {
  const kinds = byType({ modal: also(modal, submitWithInputs), home })
  const found = kinds(view, pointer)
  if (found.length > 0) return found
  const body = records([view])[0] ?? {}
  return checkBlocks(body['blocks'], body['type'] === 'home' ? 'home' : 'modal', `${pointer}/blocks`)
}
