import type { KnownBlock, MrkdwnElement, PlainTextElement } from '@slack/types'
import { plain } from './text.ts'

/** What is sent to Slack: blocks for eyes, `text` for notifications and screen readers (which read nothing else). */
export type Message = { readonly text: string; readonly blocks: readonly KnownBlock[] }

/** `verbatim`: Slack must not find links, channels or names in it by itself. */
export function mrkdwn(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true }
}

export function plainText(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: plain(text, max), emoji: true }
}

export function section(text: string): KnownBlock {
  return { type: 'section', text: mrkdwn(text) }
}

export function context(text: string): KnownBlock {
  return { type: 'context', elements: [mrkdwn(text)] }
}

/** Lines gathered into as few sections as hold them (Slack: 3000 characters each; kept below). */
export function sections(lines: readonly string[], perSection = 8): readonly KnownBlock[] {
  return chunks(lines, { lines: perSection, chars: 2900 }).map((chunk) => section(chunk.join('\n')))
}

/** Splits lines so that no chunk is longer than the limits. A line is never longer than `chars`: callers clip. */
export function chunks(
  lines: readonly string[],
  limit: { readonly lines: number; readonly chars: number },
): readonly (readonly string[])[] {
  const out: string[][] = []
  let size = 0
  for (const line of lines) {
    const last = out.at(-1)
    if (last === undefined || last.length >= limit.lines || size + line.length + 1 > limit.chars) {
      out.push([line])
      size = line.length
    } else {
      last.push(line)
      size += line.length + 1
    }
  }
  return out
}
