import type { ModalView } from '@slack/types'
import { nameOf } from '../../core/person.ts'
import { context, section } from './block.ts'
import { modal } from './form.ts'
import { planPages, stepPages } from './run-thread.ts'
import type { RunModel } from './summary.ts'
import { summary } from './summary.ts'
import { code, prose } from './text.ts'

/** Everything about a run, for one pair of eyes: the plan in full, then each step. */
export function detailsView(model: RunModel): ModalView {
  const { state } = model.view
  const pages = [...planPages(model), ...stepPages(model)]
  return modal('Run details', [
    section(summary(model)),
    ...heldBlocks(model),
    ...pages.flatMap(({ blocks }) => blocks),
    context(`All of it: ${code(`firebreak runs show ${state.id}`, 120)}`),
  ])
}

function heldBlocks({ view }: RunModel) {
  const { held } = view.state
  if (held === undefined) return []
  const { by, at, reason } = held
  return [
    context(`⚖️ Legal hold by ${prose(nameOf(by), 60)} since ${at.slice(0, 10)}: ${prose(reason, 300)}`),
  ]
}
