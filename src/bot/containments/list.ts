import type { ContainmentView } from '../../core/app.ts'
import { liveContainments } from '../../core/run.ts'
import { stateOf } from '../decide.ts'
import type { BotParts } from '../parts.ts'

/** Live containments, the one that ends first at the top. */
export async function listContainments(parts: BotParts): Promise<readonly ContainmentView[]> {
  const rows = await parts.store.containments()
  const runs = [...new Set(rows.map(({ run }) => run))]
  const views = await Promise.all(runs.map((run) => ofRun(parts, run)))
  return views.flat().toSorted((a, b) => a.containment.until.localeCompare(b.containment.until))
}

async function ofRun(parts: BotParts, run: string): Promise<ContainmentView[]> {
  const state = await stateOf(parts, run)
  const { name, title } = state.requested.playbook
  return liveContainments(state).map(({ id, change, containment }) => ({
    run,
    step: id,
    playbook: { name, title },
    ...(change === undefined ? {} : { target: change.target }),
    containment,
  }))
}
