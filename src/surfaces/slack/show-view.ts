import type { ModalView } from '@slack/types'
import { refusalText } from './cards.ts'
import type { Desk } from './desk.ts'
import { explain } from './desk.ts'
import { loadingView, noticeView } from './form.ts'

/**
 * Opens a dialog at once, because a trigger lives for 3 s, and fills it when its content is there; what went wrong with that
 * is said in its place. False when Slack did not open it.
 */
export async function showView(
  desk: Desk,
  trigger: string,
  build: () => Promise<ModalView>,
): Promise<boolean> {
  const opened = await desk.web.openView(trigger, loadingView())
  if (!opened.ok) {
    desk.log.warn({ fault: opened.fault }, 'slack dialog not opened')
    return false
  }
  const updated = await desk.web.updateView(opened.value, await contentOf(desk, build))
  if (!updated.ok) desk.log.warn({ fault: updated.fault }, 'slack dialog not filled')
  return true
}

async function contentOf(desk: Desk, build: () => Promise<ModalView>): Promise<ModalView> {
  try {
    return await build()
  } catch (error) {
    return noticeView(refusalText(explain(desk, error)))
  }
}
