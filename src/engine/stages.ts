import type { Plan } from '../core/plan.ts'
import { isOver, type RunState } from '../core/run.ts'
import { at } from './boundary.ts'
import { problemOf } from './call.ts'
import { askFor } from './cover.ts'
import { isStoreError } from './fault.ts'
import type { Draft, DraftCommit } from './journal.ts'
import { planRun } from './plan.ts'
import type { Outcome, Running } from './running.ts'
import { endsAt } from './time-out.ts'
import { withdrawOpen } from './withdraw.ts'

/** Plans the whole graph, and asks for approval of what is known of it. A dry run ends here. */
export async function makePlan(running: Running): Promise<Outcome> {
  const { parts, journal, playbook } = running
  try {
    const plan = await planRun(parts, journal.state(), playbook)
    await at(parts, 'before-plan', { run: journal.state().id })
    await journal.commit((run) => (run.plan === undefined ? planned(running, run, plan) : undefined))
    await at(parts, 'after-plan', { run: journal.state().id })
  } catch (error) {
    if (isStoreError(error)) throw error
    parts.log.error({ err: error, run: journal.state().id }, 'the plan could not be made')
    // Nothing has been done yet. A plan that cannot be written ends the run: a second try would fare no better.
    await journal.commit(() => ({ facts: [{ type: 'run.failed', data: problemOf(error) }], ends: true }))
  }
  return 'settled'
}

function planned({ parts, playbook }: Running, run: RunState, plan: Plan): DraftCommit {
  if (run.mode === 'dry-run') return { facts: [{ type: 'run.planned', data: { plan } }], ends: true }
  // Nobody is asked about a run that was stopped while its plan was made.
  if (plan.gates.length === 0 || run.stop !== undefined)
    return { facts: [{ type: 'run.planned', data: { plan } }] }
  const now = parts.clock.now()
  // A line that is unknown is never covered: it asks when it is known.
  const lines = plan.lines.filter(({ kind }) => kind === 'change' || kind === 'satisfied')
  return { facts: askFor(run, plan, { lines, gates: plan.gates, now, latest: endsAt(run, playbook) }) }
}

export async function endRun({ parts, journal }: Running, fact: Draft): Promise<Outcome> {
  const about = { run: journal.state().id }
  await at(parts, 'before-end', about)
  await journal.commit((run) =>
    // A person may have ended a parked run meanwhile.
    isOver(run.status) ? undefined : { facts: [...withdrawOpen(run, 'the run ended'), fact], ends: true },
  )
  await at(parts, 'after-end', about)
  return 'settled'
}
