import type { Button, ConfirmationDialog, KnownBlock } from '@slack/types'
import { plainText } from './block.ts'

export type ButtonParts = {
  readonly action: string
  readonly label: string
  /** What a screen reader says: the label alone lacks the context. */
  readonly aloud: string
  readonly value: string
  readonly style?: 'primary' | 'danger'
  readonly confirm?: ConfirmationDialog
}

export function button(parts: ButtonParts): Button {
  return {
    type: 'button',
    action_id: parts.action,
    text: plainText(parts.label, 20),
    accessibility_label: parts.aloud.slice(0, 75),
    value: parts.value,
    ...(parts.style === undefined ? {} : { style: parts.style }),
    ...(parts.confirm === undefined ? {} : { confirm: parts.confirm }),
  }
}

/** Slack: title 100, text 300, labels 30 characters. */
export function confirm(title: string, text: string, yes: string): ConfirmationDialog {
  return {
    title: plainText(title, 100),
    text: plainText(text, 300),
    confirm: plainText(yes, 30),
    deny: plainText('Go back', 30),
  }
}

/** A row of buttons; nothing where there are none. `id` is new with every state: no client merges the old one into it. */
export function buttonRow(id: string, parts: readonly ButtonParts[]): readonly KnownBlock[] {
  if (parts.length === 0) return []
  return [{ type: 'actions', block_id: id.slice(0, 255), elements: parts.map(button) }] satisfies KnownBlock[]
}
