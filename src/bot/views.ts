import type { RunView } from '../core/app.ts'
import { isFirebreakError } from '../core/errors.ts'
import type { PlaybookInfo } from '../core/playbook.ts'
import type { RunState } from '../core/run.ts'
import { openRequest } from '../core/run.ts'
import { requestStatus } from '../policy/approval.ts'
import { reloadPlaybook } from '../playbook/load.ts'
import { contextFor } from './gate.ts'
import type { BotParts } from './parts.ts'

const cache = new Map<string, PlaybookInfo>()
/** So that a process that lives for months does not keep every playbook that ever ran. */
const MAX_CACHED = 200

/** The playbook as this run has it, which need not be the one in the folder now. Throws when it no longer loads. */
export function loadInfo({ actions }: Pick<BotParts, 'actions'>, state: RunState): PlaybookInfo {
  const { digest, name, text } = state.requested.playbook
  const known = cache.get(digest)
  if (known) return known
  const { info } = reloadPlaybook(text, `${name}.yaml`, actions)
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(digest, info)
  return info
}

/** A run whose actions this program no longer has can still be looked at and cancelled: what is known of it is shown. */
function infoOf(parts: BotParts, state: RunState): PlaybookInfo {
  try {
    return loadInfo(parts, state)
  } catch (error) {
    if (!isFirebreakError(error, 'playbook.refused')) throw error
    const { name, title, digest } = state.requested.playbook
    const covers = { atlas: [], owaspLlm: [] }
    const known = { name, title, digest, because: state.because, file: `${name}.yaml` }
    return { ...known, covers, severity: 'high', inputs: {}, steps: [] }
  }
}

export function viewOf(parts: BotParts, state: RunState): RunView {
  const playbook = infoOf(parts, state)
  const open = openRequest(state)
  if (open === undefined) return { state, playbook }
  const { missing, eligible } = requestStatus(open, contextFor(parts, state))
  const { request, digest, expires } = open
  return { state, playbook, waitingFor: { request, digest, expires, missing, eligible } }
}
