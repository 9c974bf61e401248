import type { ActionRegistry } from '../core/action.ts'
import { stepOf, type Gate, type PlanLine } from '../core/plan.ts'
import type { ProviderName } from '../core/provider.ts'
import type { ApprovalState, RunState } from '../core/run.ts'
import type { Config } from '../config/config.ts'
import type { Playbook } from '../playbook/playbook.ts'
import type { Point } from '../policy/rules.ts'
import { type Library, keptPlaybook } from './library.ts'

/** Where the instances of steps are. */
export type Places = {
  readonly config: {
    readonly environments: Config['environments']
    readonly providers: { readonly aws: object; readonly kubernetes: object }
  }
  readonly actions: ActionRegistry
}
export type KnownRuns = Places & { readonly library: Library }

/** What all points of one playbook share. */
type About = Pick<Point, 'playbook' | 'because' | 'severity'>

/** What a run of this playbook would be about. */
export function pointsOf(known: Places, { info, steps }: Pick<Playbook, 'info' | 'steps'>): Point[] {
  const { name: playbook, because, severity } = info
  return pointsOfSteps(known, steps, { playbook, because, severity })
}

/** What a run is about: its plan, once there is one. Where not even its playbook loads any more, only what it says of itself. */
export function pointsOfRun(known: KnownRuns, run: RunState): Point[] {
  const about = aboutOf(run)
  if (run.plan !== undefined) return pointsOfLines(known, run.plan.lines, about)
  try {
    return pointsOfSteps(known, keptPlaybook(known, run).steps, about)
  } catch {
    return [about]
  }
}

/** What one step of a run, or an item of one, is about. */
export function pointsOfStep(known: KnownRuns, run: RunState, step: string): Point[] {
  // Items of a step differ in their targets only, and those that were not known when it was planned have one line together.
  const found = (run.plan?.lines ?? []).filter((line) => stepOf(line.step) === stepOf(step))
  return found.length === 0 ? pointsOfRun(known, run) : pointsOfLines(known, found, aboutOf(run))
}

/** What an approval of this gate lets act. */
export function pointsOfGate(
  known: Places,
  run: RunState,
  asked: { approval: ApprovalState; gate: Gate },
): Point[] {
  const { approval, gate } = asked
  const lines = (run.plan?.lines ?? []).filter(
    ({ step }) =>
      Object.hasOwn(approval.lines, step) && (gate.scope === 'run' || gate.scope === stepOf(step)),
  )
  return lines.length === 0 ? [aboutOf(run)] : pointsOfLines(known, lines, aboutOf(run))
}

/** An undo is about the playbook whose effects it puts back. */
export function originOf({ requested }: RunState): string {
  return requested.origin ?? requested.playbook.name
}

function aboutOf(run: RunState): About {
  const { severity } = run.requested
  return { playbook: originOf(run), because: run.because, ...(severity === undefined ? {} : { severity }) }
}

function pointsOfSteps(known: Places, steps: Playbook['steps'], about: About): Point[] {
  return steps.map(({ id, action, using }) => {
    const { effect, provider } = action
    return { ...about, step: id, effect, ...placeOf(known, provider.name, using) }
  })
}

/** What each of these lines of a run is about. */
export function pointsOfPlan(
  known: Places,
  run: RunState,
  lines: readonly PlanLine[],
): readonly (Point & { readonly step: string; readonly line: PlanLine })[] {
  const about = aboutOf(run)
  return lines.map((line) => ({ ...pointOfLine(known, line, about), line }))
}

function pointsOfLines(known: Places, lines: readonly PlanLine[], about: About): Point[] {
  return lines.map((line) => pointOfLine(known, line, about))
}

function pointOfLine(
  known: Places,
  { step, action, effect, instance }: PlanLine,
  about: About,
): Point & { readonly step: string } {
  const provider = known.actions[action]?.provider.name
  const place = provider === undefined ? {} : placeOf(known, provider, instance)
  return { ...about, step: stepOf(step), effect, ...place }
}

/** As the engine finds the instance of a step that names none (providers/clients.ts). */
function placeOf(
  { config }: Places,
  provider: ProviderName,
  using: string | undefined,
): Pick<Point, 'instance' | 'environment'> {
  const instances =
    provider === 'aws' || provider === 'kubernetes' ? Object.keys(config.providers[provider]) : []
  const [only] = instances
  const name = using ?? (instances.length === 1 && only !== undefined ? only : 'default')
  const instance = `${provider}/${name}`
  const environment = Object.hasOwn(config.environments, instance) ? config.environments[instance] : undefined
  return { instance, ...(environment === undefined ? {} : { environment }) }
}
