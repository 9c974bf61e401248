import { randomBytes } from 'node:crypto'
import type { Rec } from '../record.ts'
import { isRecord, records } from '../record.ts'

const interactive =
  /^(button|overflow|checkboxes|radio_buttons|datepicker|timepicker|datetimepicker|(multi_)?(static|external|users|conversations|channels)_select|plain_text_input|number_input|email_text_input|url_text_input)$/

function shortId(): string {
  return randomBytes(6).toString('base64').replace(/[+/=]/g, 'x').slice(0, 5)
}

/**
 * What Slack gives back is not what was posted: it adds block_id, action_id, `emoji: true` and `verbatim: false`
 * [documented for block_id and action_id; the rest seen in captured payloads]. Compare semantically, never as text.
 */
export function normaliseBlocks(blocks: unknown): Rec[] {
  return records(blocks).map((block) => {
    const inputDefaults = block['type'] === 'input' ? { optional: false, dispatch_action: false } : {}
    return { block_id: shortId(), ...inputDefaults, ...record(deep(block)) }
  })
}

function record(value: unknown): Rec {
  return isRecord(value) ? value : {}
}

function deep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deep)
  if (!isRecord(value)) return value
  const copy = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, deep(entry)]))
  const type = value['type']
  if (type === 'plain_text') return { emoji: true, ...copy }
  if (type === 'mrkdwn') return { verbatim: false, ...copy }
  if (typeof type === 'string' && interactive.test(type) && copy['action_id'] === undefined) {
    return { ...copy, action_id: shortId() }
  }
  return copy
}
