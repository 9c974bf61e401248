import { checkBlocks } from '../blocks/blocks.ts'
import { normaliseBlocks } from '../blocks/normalise.ts'
import { refuseBlocks } from '../blocks/report.ts'
import type { Context } from '../method.ts'
import type { Rec } from '../record.ts'
import { isRecord, items, records } from '../record.ts'
import { refuse } from '../refusal.ts'

/** What a message says, checked and normalised; the same for posts, edits, ephemerals and response URLs. */
export type Content = { text?: string; blocks?: Rec[]; attachments?: Rec[]; metadata?: Rec }

/** Unpublished limit: refused near 13.2 kB, 5.7 kB passed [observed]. */
const maxBlocksBytes = 13_200
const textTruncatedAt = 40_000

export function readContent(context: Context): Content {
  const { args } = context
  const content: Content = {}
  const text = args.text('text')
  if (text !== undefined) content.text = text.slice(0, textTruncatedAt)
  const blocks = readBlocks(context)
  if (blocks !== undefined) content.blocks = blocks
  const attachments = args.json('attachments', 'invalid_attachments')
  if (items(attachments).length > 100) refuse('too_many_attachments')
  if (items(attachments).length > 0) content.attachments = readAttachments(attachments)
  const metadata = readMetadata(context)
  if (metadata !== undefined) content.metadata = metadata
  return readMarkdown(context, content)
}

function readBlocks({ args }: Context): Rec[] | undefined {
  const blocks = args.json('blocks', 'invalid_blocks_format')
  if (blocks === undefined) return undefined
  if (!Array.isArray(blocks)) return refuse('invalid_blocks_format')
  refuseBlocks(checkBlocks(blocks, 'message', '/blocks'))
  if (Buffer.byteLength(JSON.stringify(blocks)) > maxBlocksBytes) refuse('msg_blocks_too_long')
  return normaliseBlocks(blocks)
}

function readAttachments(attachments: unknown): Rec[] {
  return records(attachments).map((attachment, index) => {
    refuseBlocks(checkBlocks(attachment['blocks'] ?? [], 'message', `/attachments/${index}/blocks`))
    const blocks = attachment['blocks'] === undefined ? {} : { blocks: normaliseBlocks(attachment['blocks']) }
    return { id: index + 1, ...attachment, ...blocks }
  })
}

function readMetadata({ args }: Context): Rec | undefined {
  const metadata = args.json('metadata', 'invalid_metadata_format')
  if (metadata === undefined) return undefined
  if (!isRecord(metadata)) return refuse('invalid_metadata_format')
  const { event_type: type, event_payload: payload } = metadata
  if (typeof type !== 'string' || type === '' || !isRecord(payload)) return refuse('invalid_metadata_schema')
  return { event_type: type, event_payload: payload }
}

/** markdown_text stands alone and becomes a markdown block. */
function readMarkdown({ args }: Context, content: Content): Content {
  const markdown = args.text('markdown_text')
  if (markdown === undefined) return content
  if (content.text !== undefined || content.blocks !== undefined) refuse('markdown_text_conflict')
  if (markdown.length > 12_000) refuse('msg_too_long')
  return { ...content, text: markdown, blocks: normaliseBlocks([{ type: 'markdown', text: markdown }]) }
}

export function isEmpty(content: Content): boolean {
  return (
    content.text === undefined && (content.blocks ?? []).length === 0 && content.attachments === undefined
  )
}
