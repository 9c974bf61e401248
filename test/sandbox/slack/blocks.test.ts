import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkBlocks, checkView } from '../../../src/sandbox/slack/blocks/blocks.ts'
import type { SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { startSlack } from '../../../src/sandbox/slack/server.ts'
import { form, runBlocks } from './demo-bot.ts'
import { sharedFile } from './shared.ts'

type Rec = Record<string, unknown>

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) })
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) })
const repeat = (count: number, item: (index: number) => unknown) =>
  Array.from({ length: count }, (_, n) => item(n))
const option = (n: number) => ({ text: plain(3), value: `v${n}` })
const options = (count: number) => repeat(count, option)
const button = (more: Rec = {}) => ({ type: 'button', text: plain(3), ...more })
const actions = (...elements: unknown[]) => ({ type: 'actions', elements })
const input = (element: Rec, more: Rec = {}) => ({ type: 'input', label: plain(3), element, ...more })
const section = (more: Rec) => ({ type: 'section', ...more })
const confirm = (title: number, text: number, yes: number) => ({
  title: plain(title),
  text: mrkdwn(text),
  confirm: plain(yes),
  deny: plain(3),
})

/** Each limit with a message that just meets it, or just does not. */
const limits: [name: string, limit: number, blocks: (size: number) => unknown[]][] = [
  ['message.blocks_max', 50, (n) => repeat(n, () => ({ type: 'divider' }))],
  ['block.block_id_max', 255, (n) => [{ type: 'divider', block_id: 'x'.repeat(n) }]],
  ['block.section.text_max', 3000, (n) => [section({ text: mrkdwn(n) })]],
  ['block.section.fields_max', 10, (n) => [section({ fields: repeat(n, () => mrkdwn(1)) })]],
  ['block.section.field_text_max', 2000, (n) => [section({ fields: [mrkdwn(n)] })]],
  ['block.header.text_max', 150, (n) => [{ type: 'header', text: plain(n) }]],
  ['block.context.elements_max', 10, (n) => [{ type: 'context', elements: repeat(n, () => mrkdwn(1)) }]],
  ['block.actions.elements_max', 25, (n) => [actions(...repeat(n, () => button()))]],
  [
    'block.image.alt_text_max',
    2000,
    (n) => [{ type: 'image', image_url: 'https://x.example', alt_text: 'x'.repeat(n) }],
  ],
  ['block.input.label_max', 2000, (n) => [{ ...input({ type: 'plain_text_input' }), label: plain(n) }]],
  ['block.markdown.text_max', 12000, (n) => [{ type: 'markdown', text: 'x'.repeat(n) }]],
  [
    'block.table.rows_max',
    100,
    (n) => [{ type: 'table', rows: repeat(n, () => [{ type: 'raw_text', text: 'x' }]) }],
  ],
  [
    'block.table.cols_max',
    20,
    (n) => [{ type: 'table', rows: [repeat(n, () => ({ type: 'raw_text', text: 'x' }))] }],
  ],
  ['element.action_id_max', 255, (n) => [actions(button({ action_id: 'x'.repeat(n) }))]],
  ['element.button.text_max', 75, (n) => [actions({ type: 'button', text: plain(n) })]],
  ['element.button.value_max', 2000, (n) => [actions(button({ value: 'x'.repeat(n) }))]],
  ['element.button.url_max', 3000, (n) => [actions(button({ url: 'x'.repeat(n) }))]],
  [
    'element.static_select.options_max',
    100,
    (n) => [actions({ type: 'static_select', options: options(n) })],
  ],
  [
    'element.option.text_max',
    75,
    (n) => [actions({ type: 'overflow', options: [{ text: plain(n), value: 'x' }] })],
  ],
  [
    'element.option.value_max',
    150,
    (n) => [actions({ type: 'overflow', options: [{ text: plain(1), value: 'x'.repeat(n) }] })],
  ],
  ['element.checkboxes.options_max', 10, (n) => [actions({ type: 'checkboxes', options: options(n) })]],
  ['element.radio_buttons.options_max', 10, (n) => [actions({ type: 'radio_buttons', options: options(n) })]],
  ['element.overflow.options_max', 5, (n) => [actions({ type: 'overflow', options: options(n) })]],
  [
    'element.placeholder_max',
    150,
    (n) => [actions({ type: 'static_select', options: options(1), placeholder: plain(n) })],
  ],
  ['element.confirm.title_max', 100, (n) => [actions(button({ confirm: confirm(n, 1, 1) }))]],
  ['element.confirm.text_max', 300, (n) => [actions(button({ confirm: confirm(1, n, 1) }))]],
  ['element.confirm.confirm_max', 30, (n) => [actions(button({ confirm: confirm(1, 1, n) }))]],
]

describe('the Block Kit validator', () => {
  test.each(limits)('takes %s = %i and refuses one more', (_name, limit, blocks) => {
    expect(checkBlocks(blocks(limit), 'message')).toEqual([])
    expect(checkBlocks(blocks(limit + 1), 'message')).toHaveLength(1)
  })

  const file = sharedFile('slack/block-kit-limits.json')

  test.skipIf(file === undefined)('uses the limits of the published list', () => {
    const list = JSON.parse(readFileSync(file ?? '', 'utf8')) as Rec
    for (const [name, limit] of limits) {
      const value = name.split('.').reduce<unknown>((at, key) => (at as Rec)[key], list)
      expect([name, value]).toEqual([name, limit])
    }
  })

  test('takes every block and input of the test bot', () => {
    expect(checkBlocks(runBlocks('Waiting', false), 'message')).toEqual([])
    expect(checkView(form)).toEqual([])
  })

  test.each<[string, unknown]>([
    ['unsupported type: video', { type: 'video' }],
    ['unsupported type: alert', { type: 'alert', text: plain(1) }],
    ['missing required field: text', section({})],
    ['missing required field: type', {}],
    ['invalid additional property: colour', { type: 'divider', colour: 'red' }],
    ['must be a valid enum value', actions(button({ style: 'loud' }))],
    ['unsupported type: image', actions({ type: 'image', alt_text: 'x', image_url: 'x' })],
    ['unsupported type: overflow', input({ type: 'overflow', options: options(1) })],
    ['must be more than 0 characters', section({ text: mrkdwn(0) })],
    ['missing required field: options', actions({ type: 'static_select' })],
    ['`action_id` already exists: "a"', actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
  ])('says %s', (message, block) => {
    expect(checkBlocks([block], 'message').map((i) => i.message)).toEqual([message])
  })

  test('wants a submit button where there is input, and title, submit and close short', () => {
    const view = {
      type: 'modal',
      title: plain(24),
      submit: plain(24),
      close: plain(24),
      blocks: [input({ type: 'plain_text_input' })],
    }
    expect(checkView(view)).toEqual([])
    const { submit: _submit, ...without } = view
    expect(checkView(without)[0]?.message).toBe('missing required field: submit')
    for (const key of ['title', 'submit', 'close'])
      expect(checkView({ ...view, [key]: plain(25) })).toHaveLength(1)
    expect(checkView({ ...view, blocks: repeat(101, () => ({ type: 'divider' })) })).toHaveLength(1)
    expect(checkView({ ...view, private_metadata: 'x'.repeat(3001) })).toHaveLength(1)
  })

  test.each(['constructor', '__proto__', 'toString'])('is not fooled by a block of type %s', (type) => {
    expect(checkBlocks([{ type }], 'message')[0]?.message).toBe(`unsupported type: ${type}`)
  })
})

describe('blocks.validate', () => {
  let slack: SlackSandbox

  beforeAll(async () => {
    slack = await startSlack()
  })

  afterAll(async () => {
    await slack.close()
  })

  async function validate(args: Rec): Promise<unknown> {
    const response = await fetch(`${slack.apiUrl}blocks.validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(args),
    })
    return await response.json()
  }

  test('answers the documented example word for word', async () => {
    expect(await validate({ blocks: [section({ text: { type: 'invalid', text: 'x' } })] })).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors: [
        {
          code: 'failed_constraint',
          message: 'unsupported type: invalid',
          pointer: '/0/text/type',
          constraint: { type: 'enum', expected: ['plain_text', 'mrkdwn'] },
        },
      ],
    })
  })

  test('wants exactly one thing to validate', async () => {
    expect(await validate({})).toMatchObject({ error: 'invalid_arguments' })
    expect(await validate({ blocks: [], message: {} })).toMatchObject({ error: 'invalid_arguments' })
    expect(await validate({ message: { blocks: [{ type: 'divider' }] } })).toEqual({ ok: true })
    expect(await validate({ view: { type: 'modal' } })).toMatchObject({ error: 'invalid_view' })
  })
})
