import type { RunView } from '../core/app.ts'
import { isFirebreakError } from '../core/errors.ts'
import type { PlaybookInfo } from '../core/playbook.ts'
import type { RunState } from '../core/run.ts'
import { openRequest } from '../core/run.ts'
import { requestStatus } from '../policy/gates.ts'
import { byHandOf } from './by-hand.ts'
import { contextFor } from './gate.ts'
import { keptPlaybook } from './library.ts'
import type { BotParts } from './parts.ts'

/** A run whose actions this program no longer has can still be looked at and cancelled: what is known of it is shown. */
function infoOf(parts: BotParts, state: RunState): PlaybookInfo {
  try {
    return keptPlaybook(parts, state).info
  } catch (error) {
    if (!isFirebreakError(error, 'playbook.refused')) throw error
    const { name, title, digest } = state.requested.playbook
    const covers = { atlas: [], owaspLlm: [] }
    const known = { name, title, digest, because: state.because, file: `${name}.yaml` }
    return { ...known, covers, severity: 'high', inputs: {}, steps: [] }
  }
}

export async function viewOf(parts: BotParts, state: RunState): Promise<RunView> {
  const playbook = infoOf(parts, state)
  const open = openRequest(state)
  const notes = await parts.notes(state)
  const view = { state, playbook, ...byHandOf(parts, state), ...(notes.length === 0 ? {} : { notes }) }
  if (open === undefined) return view
  // What is shown need not be of this second, and must not wait for Slack, which is asked meanwhile.
  void parts.authorities.refresh()
  const context = contextFor(parts, state)
  const authority = { ...context.authority, people: parts.authorities.people() }
  const { missing, eligible } = requestStatus(open, { ...context, authority })
  const { request, digest, expires } = open
  return { ...view, waitingFor: { request, digest, expires, missing, eligible } }
}
