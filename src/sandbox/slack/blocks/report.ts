import type { Issue } from './check.ts'
import type { Rec } from '../record.ts'
import { refuse } from '../refusal.ts'

/** `must be less than 3001 characters [json-pointer:/blocks/0/text/text]`, the form chat.* and views.* use [observed]. */
function lines(issues: readonly Issue[]): string[] {
  const own = issues.map((i) => `${i.message} [json-pointer:${i.pointer}]`)
  const outer = issues
    .filter((i) => /^\/blocks\/\d+\/text\//.test(i.pointer))
    .map((i) => `failed to match all allowed schemas [json-pointer:${i.pointer.replace(/\/[^/]+$/, '')}]`)
  return [...new Set([...outer, ...own])]
}

/** Refuses a message's blocks as chat.postMessage does: `invalid_blocks` with `errors` and the same as messages. */
export function refuseBlocks(issues: readonly Issue[]): void {
  if (issues.length === 0) return
  const errors = lines(issues)
  if (issues.some((i) => i.message === 'only_one_table_allowed')) {
    refuse('invalid_attachments', { response_metadata: { messages: ['[ERROR] only_one_table_allowed'] } })
  }
  refuse('invalid_blocks', { errors, response_metadata: { messages: errors.map((e) => `[ERROR] ${e}`) } })
}

/** Refuses a view as views.* do: `invalid_arguments` with messages [observed]. */
export function refuseView(issues: readonly Issue[]): void {
  if (issues.length === 0) return
  refuse('invalid_arguments', { response_metadata: { messages: lines(issues).map((e) => `[ERROR] ${e}`) } })
}

/** The structured form of blocks.validate [documented]. */
export function structured(issues: readonly Issue[]): Rec[] {
  return issues.map(({ pointer, message, constraint }) => ({
    code: 'failed_constraint',
    message,
    pointer,
    constraint,
  }))
}
