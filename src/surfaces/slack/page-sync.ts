import { context } from './block.ts'
import { createPage } from './page-create.ts'
import { editPage } from './page-edit.ts'
import type { Page } from './page.ts'
import type { WriterState } from './writer-state.ts'
import { bodyOf } from './writer-state.ts'

/** Brings one message to its desired state. Milliseconds until the next try; 0 when done, or when nothing more can be done. */
export async function syncPage(state: WriterState, page: Page, final: boolean): Promise<number> {
  if (state.givenUp.has(page.key)) return 0
  const linked = withLink(page, state.links.get(page.key))
  const entry = state.record.messages[page.key]
  if (entry?.ts === undefined) return await createPage(state, linked)
  if (state.sent.get(page.key) === bodyOf(linked)) return 0
  const wait = untilEdit(state, page, final)
  return wait > 0
    ? wait
    : await editPage(state, { page: linked, place: { channel: entry.channel, ts: entry.ts }, final })
}

function withLink(page: Page, link: string | undefined): Page {
  if (link === undefined) return page
  const note = link === '' ? 'Continues an earlier message.' : `Continues <${link}|an earlier message>.`
  return { ...page, blocks: [...page.blocks, context(note)] }
}

/** The final state waits for no pace, only for Slack's own limit. */
function untilEdit({ options, editedAt }: WriterState, page: Page, final: boolean): number {
  const gate = options.gates.left('edit')
  const { pace } = options
  const loud = page.slow === true ? pace.stormEdit : pace.edit
  const gap = page.place === 'channel' ? loud : pace.threadEdit
  const last = editedAt.get(page.key)
  const paced = final || last === undefined ? 0 : last + gap - performance.now()
  return Math.ceil(Math.max(0, gate, paced))
}
