import type { RunView } from '../../core/app.ts'
import { isOver, liveContainments } from '../../core/run.ts'
import { isReviewDue } from '../../core/run-approvals.ts'
import { section } from './block.ts'
import { page, type Page } from './page.ts'
import { runMessage } from './run-message.ts'
import { stormPages } from './storm-message.ts'
import type { StormView } from './storm-view.ts'
import { endPage, planPages, stepPages } from './run-thread.ts'
import type { RunModel } from './summary.ts'
import { requesterMention, summary } from './summary.ts'
import { calledFor, taskMessage } from './tasks.ts'
import { prose } from './text.ts'
import { askMessage } from './waiting.ts'

/** Everything Slack should show of a run, in the order in which it is posted. The first is the live message. */
export function runPages(model: RunModel): readonly Page[] {
  // Of many in one thread each is one message: what has a post of its own else is called for once for all of them.
  if (model.reply === true) return [page('main', 'storm', runMessage(model))]
  return [page('main', 'channel', runMessage(model)), ...morePages(model)]
}

/** The same of the first run of a storm, with what is told of the storm once there is a message to link to. */
export function headPages(model: RunModel, storm: StormView, link: string | undefined): readonly Page[] {
  return [
    { ...page('main', 'channel', runMessage(model, storm)), slow: true },
    ...(link === undefined ? [] : stormPages(storm, link)),
    ...morePages(model),
  ]
}

function morePages(model: RunModel): readonly Page[] {
  const { view } = model
  const real = view.state.mode === 'run'
  return [
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

/** True when no later fact can change any page: what is in place for a time goes on after the run, and so does a review. */
export function isFinal({ state }: RunView): boolean {
  return isOver(state.status) && liveContainments(state).length === 0 && !isReviewDue(state)
}
