import { Buffer } from 'node:buffer'
import type { KnownBlock } from '@slack/types'
import type { Message } from './block.ts'
import { section } from './block.ts'

/** Slack allows 50 blocks in a message [documented]; near 13.2 kB of blocks it answers `msg_blocks_too_long` [observed]. */
const MAX_BLOCKS = 48 // room for the link of a message that had to be posted anew
const MAX_BYTES = 11_600
/** `chat.update` refuses longer texts with `msg_too_long`. */
const MAX_TEXT = 3900

function fits(blocks: readonly KnownBlock[]): boolean {
  return blocks.length <= MAX_BLOCKS && Buffer.byteLength(JSON.stringify(blocks)) < MAX_BYTES
}

/** A long message is shortened, never dropped: the first form that fits, at last the bare sentence. */
export function fit(text: string, forms: readonly (() => readonly KnownBlock[])[]): Message {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).toWellFormed()}…` : text
  for (const form of forms) {
    const blocks = form()
    if (fits(blocks)) return { text: short, blocks }
  }
  return { text: short, blocks: [section(short.slice(0, 2900).toWellFormed())] }
}
