import { openRequest } from '../core/run.ts'
import type { Plan } from '../core/plan.ts'
import type { RunState } from '../core/run.ts'
import { askFor } from './cover.ts'
import type { Draft, DraftCommit } from './journal.ts'
import { PlanFailure, planRun } from './plan.ts'
import type { Outcome, Running } from './running.ts'

/** Plans the whole graph, and asks for approval of what is known of it. A dry run ends here. */
export async function makePlan(running: Running): Promise<Outcome> {
  const { parts, journal, playbook } = running
  try {
    const plan = await planRun(parts, journal.state(), playbook)
    await journal.commit((run) => (run.plan === undefined ? planned(running, run, plan) : undefined))
  } catch (error) {
    if (!(error instanceof PlanFailure)) throw error
    const { step, problem } = error
    await journal.commit(() => ({ facts: [{ type: 'step.failed', step, data: problem }] }))
  }
  return 'settled'
}

function planned({ parts }: Running, run: RunState, plan: Plan): DraftCommit {
  if (run.mode === 'dry-run') return { facts: [{ type: 'run.planned', data: { plan } }], ends: true }
  if (plan.gates.length === 0) return { facts: [{ type: 'run.planned', data: { plan } }] }
  // A line that is unknown is never covered: it asks when it is known.
  const lines = plan.lines.filter(({ kind }) => kind === 'change' || kind === 'satisfied')
  return { facts: askFor(run, plan, { lines, gates: plan.gates, now: parts.clock.now() }) }
}

export async function endRun({ journal }: Running, fact: Draft): Promise<Outcome> {
  const withdrawn: Draft[] = []
  const open = openRequest(journal.state())
  if (open) {
    const data = { request: open.request, steps: Object.keys(open.lines), why: 'the run ended' }
    withdrawn.push({ type: 'approval.voided', data })
  }
  await journal.commit(() => ({ facts: [...withdrawn, fact], ends: true }))
  return 'settled'
}
