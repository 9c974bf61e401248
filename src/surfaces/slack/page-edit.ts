import { bare, isShapeError } from './posting.ts'
import type { Page } from './page.ts'
import type { Fault } from './web.ts'
import { isTokenError } from './web.ts'
import type { WriterState } from './writer-state.ts'
import { backOff, noteSent, repost } from './writer-state.ts'

type Editing = {
  readonly page: Page
  readonly place: { readonly channel: string; readonly ts: string }
  readonly final: boolean
}

/** Edits a message to its desired state. Milliseconds until the next try; 0 when nothing more can be done. */
export async function editPage(state: WriterState, editing: Editing): Promise<number> {
  const { page, place } = editing
  const { web } = state.options
  let answer = await web.edit({ ...place, text: page.text, blocks: page.blocks })
  if (!answer.ok && answer.fault.kind === 'refused' && isShapeError(answer.fault.error)) {
    answer = await web.edit({ ...place, ...bare(page) })
  }
  if (!answer.ok) return await notEdited(state, editing, answer.fault)
  noteSent(state, page)
  return 0
}

const uneditable: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
])

async function notEdited(state: WriterState, editing: Editing, fault: Fault): Promise<number> {
  const { options } = state
  switch (fault.kind) {
    case 'limited':
      options.gates.close('edit', fault.retryAfterMs)
      return Math.max(1, fault.retryAfterMs)
    case 'lost':
      return backOff(state, true)
    case 'refused':
      if (isTokenError(fault.error)) return backOff(state, true)
      return await uneditableNow(state, editing, fault.error)
  }
}

async function uneditableNow(
  state: WriterState,
  { page, place, final }: Editing,
  error: string,
): Promise<number> {
  const { options } = state
  const reposts = state.record.messages[page.key]?.reposts ?? 0
  // Once while the run goes on, and once more so that the end is seen.
  if (!uneditable.has(error) || reposts >= (final ? 2 : 1)) {
    options.log.warn({ run: options.run, page: page.key, error }, 'slack refused an edit')
    noteSent(state, page)
    return 0
  }
  const link = error === 'message_not_found' ? undefined : await options.web.link(place.channel, place.ts)
  state.links.set(page.key, link?.ok === true ? link.value : '')
  return await repost(state, page)
}
