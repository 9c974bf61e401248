import { setTimeout as sleep } from 'node:timers/promises'
import type { ModalView } from '@slack/types'
import type { Desk } from './desk.ts'
import { noticeView } from './form.ts'

/** Slack must be answered in 3 s, and the receiver answers for latecomers at 1.5 s; a form should answer for itself before. */
const PATIENCE_MS = 1200

/** The answer to a submission: `undefined` closes the form. */
export type FormAnswer =
  | { readonly response_action: 'errors'; readonly errors: { readonly [block: string]: string } }
  | { readonly response_action: 'update'; readonly view: ModalView }
  | undefined

export type AckForm = (answer: FormAnswer) => Promise<void>

type Answers<T> = {
  readonly ack: AckForm
  readonly answer: (ended: T) => FormAnswer
  /** Errors at a field can only be the answer to a submission; what comes later takes the place of the form. */
  readonly late: (ended: T) => ModalView
}

/** Answers a submission when the work has ended, or that it is under way; then the form shows how it ended. */
export async function answerInTime<T extends object>(
  { web, log }: Pick<Desk, 'web' | 'log'>,
  view: string,
  { work, ack, answer, late }: Answers<T> & { readonly work: Promise<T> },
): Promise<void> {
  const waiting = new AbortController()
  const patience = sleep(PATIENCE_MS, undefined, { signal: waiting.signal }).catch(() => undefined)
  const first = await Promise.race([work, patience])
  waiting.abort()
  if (first !== undefined) {
    await ack(answer(first))
    return
  }
  await ack({ response_action: 'update', view: noticeView('⏳ Working on it…') })
  const updated = await web.updateView(view, late(await work))
  if (!updated.ok) log.warn({ fault: updated.fault }, 'slack form not updated')
}
