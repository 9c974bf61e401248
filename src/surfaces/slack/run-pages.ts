import type { RunView } from '../../core/app.ts'
import { isOver, liveContainments } from '../../core/run.ts'
import type { Message } from './block.ts'
import { section } from './block.ts'
import { runMessage } from './run-message.ts'
import { endPage, planPages, stepPages } from './run-thread.ts'
import type { RunModel } from './summary.ts'
import { requesterMention, summary } from './summary.ts'
import { calledFor, taskMessage } from './tasks.ts'
import { prose } from './text.ts'
import { askMessage } from './waiting.ts'

/** One message that should exist in Slack: `key` is its name within the run, for ever. */
export type Page = Message & { readonly key: string; readonly place: 'channel' | 'thread' }

/** Everything Slack should show of a run, in the order in which it is posted. The first is the live message. */
export function runPages(model: RunModel): readonly Page[] {
  const { view } = model
  const real = view.state.mode === 'run'
  return [
    page('main', 'channel', runMessage(model)),
    ...(real
      ? view.state.approvals.map(({ request }) =>
          page(`ask:${request}`, 'channel', askMessage(view, request)),
        )
      : []),
    ...calledFor(view).map((step) => page(`hand:${step}`, 'channel', taskMessage(view, step))),
    ...(real ? alarm(model) : []),
    ...planPages(model).map((message, at) => page(`plan:${at}`, 'thread', message)),
    ...stepPages(model).map((message, at) => page(`steps:${at}`, 'thread', message)),
    ...[endPage(model)].flatMap((message) => (message === undefined ? [] : [page('end', 'thread', message)])),
  ]
}

function page(key: string, place: Page['place'], message: Message): Page {
  return { key, place, ...message }
}

/** A run that failed, or that cannot go on without a person, is a new post: edits notify nobody. */
function alarm(model: RunModel): readonly Page[] {
  const { status, problem } = model.view.state
  if (status !== 'failed' && status !== 'parked') return []
  const who = requesterMention(model.view)
  const todo = problem === undefined ? '' : ` To do: ${prose(problem.remedy, 500)}`
  const text = `${who === '' ? '' : `${who} `}${summary(model)}${todo}`
  const key = status === 'failed' ? 'failed' : `parked:${problem?.code ?? ''}`
  return [page(key, 'channel', { text, blocks: [section(text)] })]
}

/** True when no later fact can change any page: what is in place for a time goes on after the run. */
export function isFinal({ state }: RunView): boolean {
  return isOver(state.status) && liveContainments(state).length === 0
}
