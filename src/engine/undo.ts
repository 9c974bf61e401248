import { stringify } from 'yaml'
import { FirebreakError } from '../core/errors.ts'
import type { PlaybookInfo } from '../core/playbook.ts'
import type { RunState, StepState } from '../core/run.ts'
import { stepOf } from '../core/plan.ts'

/** Approval of an undo whose original step asked nobody: one approver, within half an hour. */
const DEFAULT_APPROVE = { from: 'approver', count: 1, within: '30m' }

/**
 * The playbook that puts back what a run did, newest effect first, one after the other (P7). It is a playbook like any
 * other: it is checked, planned and approved, and the log keeps its text.
 */
export function undoPlaybook(run: RunState, info: PlaybookInfo): string {
  const done = undoable(run)
  if (done.length === 0) throw nothingToUndo(run)
  const steps = done.map((step, i) => [`undo_${i + 1}`, undoStep(run, info, { step, i })] as const)
  const document = {
    name: `undo-${run.requested.playbook.name}`.slice(0, 60),
    title: `Undo: ${run.requested.playbook.title}`.slice(0, 120).toWellFormed(),
    severity: info.severity,
    because: run.because,
    steps: Object.fromEntries(steps),
  }
  // Playbooks have no aliases and no folded lines.
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 })
}

/** What was recorded is data: nothing in it is an expression. */
function literal(value: unknown): unknown {
  // A function, because in a replacement text `$$` would mean one `$`.
  if (typeof value === 'string') return value.replaceAll('${{', () => '$${{')
  if (Array.isArray(value)) return value.map(literal)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, literal(field)]))
}

function undoStep(run: RunState, info: PlaybookInfo, { step, i }: { step: Undoable; i: number }): object {
  const approve = info.steps.find(({ id }) => id === stepOf(step.id))?.approve
  return {
    action: step.undo.action,
    using: instanceUsed(run, step.id),
    with: literal(step.undo.input),
    ...(i === 0 ? {} : { after: [`undo_${i}`] }),
    approve: approve
      ? { from: approve.from, count: approve.count, within: `${Math.round(approve.withinMs / 1000)}s` }
      : DEFAULT_APPROVE,
  }
}

function nothingToUndo(run: RunState): FirebreakError {
  const reasons = Object.values(run.steps).flatMap(({ id, undo, status }) =>
    status === 'succeeded' && undo?.kind === 'never' ? [`${id}: ${undo.reason}`] : [],
  )
  const why = ['Nothing of this run can be put back', ...reasons].join('; ')
  return new FirebreakError('run.nothing-to-undo', why, {
    remedy: 'See the run for what was done and why it has no inverse.',
  })
}

type Undoable = StepState & {
  readonly undo: { readonly kind: 'inverse'; readonly action: string; readonly input: object }
}

/** What can be put back, newest first. */
function undoable(run: RunState): Undoable[] {
  return (
    Object.values(run.steps)
      .filter((step): step is Undoable => step.status === 'succeeded' && step.undo?.kind === 'inverse')
      // Of two that ended in the same millisecond the one that began later goes first.
      .toReversed()
      .toSorted((a, b) => (b.endedAt ?? '').localeCompare(a.endedAt ?? ''))
  )
}

function instanceUsed(run: RunState, instance: string): string {
  const lines = run.plan?.lines ?? []
  // Where its items were not known, the plan has one line for all of them.
  const line =
    lines.find(({ step }) => step === instance) ?? lines.find(({ step }) => stepOf(step) === stepOf(instance))
  return line?.instance ?? 'default'
}
