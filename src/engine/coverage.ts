import type { FactData } from '../core/fact.ts'
import { stepOf } from '../core/plan.ts'
import type { Contained, RunState } from '../core/run.ts'
import type { Playbook, Step } from '../playbook/playbook.ts'
import { lifeOf, lineDigest } from './line.ts'

type Expiry = NonNullable<FactData<'run.requested'>['expiry']>

/** What covers the undo at the end of a containment's time; or, in words, why nothing does. */
export type Coverage = { readonly expiry: Expiry } | { readonly why: string }

/**
 * Whoever approved a step approved its end with it, for `ttl` and `onExpiry` are part of the digest that they signed; and
 * where nobody had to agree to the step, nobody has to agree to its end. Everything is looked up and computed again.
 */
export function coverageOf(run: RunState, contained: Contained, playbook: Playbook): Coverage {
  const { id, intent, undo, containment } = contained
  const step = playbook.steps.find((candidate) => candidate.id === stepOf(id))
  if (step?.onExpiry !== 'undo' || containment.onExpiry !== 'undo')
    return { why: 'its playbook wants people to be asked' }
  if (undo?.kind === 'never') return { why: `it cannot be undone: ${undo.reason}` }
  if (intent === undefined || intent.digest !== digestNow(run, id, { step, intent }))
    return { why: 'what was planned for the step did not include this end' }
  return approvedWith(run, { step, id, intent })
}

type Approved = Intended & { readonly id: string }

function approvedWith(run: RunState, { step, id, intent }: Approved): Coverage {
  const { approval: request, digest } = intent
  if (request === undefined)
    return asksPeople(run, step) ? { why: 'nobody has approved the step' } : { expiry: { step: id } }
  const approval = run.approvals.find((candidate) => candidate.request === request)
  return approval?.status === 'satisfied' && approval.lines[id] === digest
    ? { expiry: { step: id, approval: request } }
    : { why: 'the approval of the step is not there any more' }
}

function asksPeople({ requested }: RunState, { id, approve }: Step): boolean {
  const required = requested.gates?.some(({ scope }) => scope === id) ?? false
  return (approve?.length ?? 0) > 0 || requested.gate !== undefined || required
}

type Intended = { readonly step: Step; readonly intent: FactData<'step.intended'> }

function digestNow(run: RunState, instance: string, { step, intent }: Intended): string {
  const life = lifeOf(step)
  const of = { run, instance, action: step.action, using: instanceUsed(run, instance) }
  return lineDigest({ ...of, ...(life && { life }) }, intent.change, intent.undo)
}

/** Which configured cluster or account the step was for, as planned. Where items were not known, one line stands for all. */
export function instanceUsed(run: RunState, instance: string): string {
  const lines = run.plan?.lines ?? []
  const line =
    lines.find(({ step }) => step === instance) ?? lines.find(({ step }) => stepOf(step) === stepOf(instance))
  return line?.instance ?? 'default'
}
