import type { Firebreak, RunView } from '../../../core/app.ts'
import { isFirebreakError } from '../../../core/errors.ts'
import { moment } from '../../../core/moment.ts'
import { nameOf } from '../../../core/person.ts'
import { isOver, isUnderWay, type RunState } from '../../../core/run.ts'
import { type Standing, type Wait, waitsOf } from './waits.ts'

export type Ground = { readonly app: Pick<Firebreak, 'run'>; readonly standing: Standing }

/** How a run stands: a clause that goes on after its name, and what that rests on. */
type Head = { readonly says: string; readonly because: readonly string[] }

/**
 * How a run stands, and each run that it waits for, to the end of the chain. `above` are those that wait for this one: a
 * circle is refused by the guard, but a chain is read while it changes.
 */
export async function headOf(ground: Ground, view: RunView, above: readonly string[] = []): Promise<Head> {
  const { state } = view
  if (isOver(state.status)) return { says: endWords(state), because: [] }
  if (state.status === 'parked') return parkedHead(state)
  const waits = waitsOf(view, ground.standing)
  if (waits.length === 0) return { says: actingWords(state), because: [] }
  const told = await Promise.all(waits.map((wait) => follow(ground, wait, [...above, state.id])))
  const more = told.length > 1 ? ` (and ${told.length - 1} more)` : ''
  return { says: `waits for ${told[0]?.says ?? ''}${more}`, because: told.flatMap(({ because }) => because) }
}

async function follow(ground: Ground, wait: Wait, above: readonly string[]): Promise<Head> {
  const { says, because, holder } = wait
  if (holder === undefined) return { says, because }
  if (above.includes(holder)) return { says: `${says}, in a circle`, because }
  const view = await runOrNone(ground.app, holder)
  if (view === undefined) return { says: `${says} and of which nothing is known any more`, because }
  const head = await headOf(ground, view, above)
  const { requested, requester } = view.state
  const line = `run ${holder} (${requested.playbook.name}, asked for by ${nameOf(requester)}) ${head.says}`
  return {
    says: `${says} and ${head.says}`,
    because: [...because, line, ...head.because.map((said) => `  ${said}`)],
  }
}

/** Undefined: there is none, or retention has deleted it. */
export async function runOrNone(app: Ground['app'], id: string): Promise<RunView | undefined> {
  try {
    return await knownRun(app, id)
  } catch (error) {
    if (isFirebreakError(error, 'run.forgotten')) return undefined
    throw error
  }
}

/** Undefined: there never was one. */
export async function knownRun(app: Ground['app'], id: string): Promise<RunView | undefined> {
  try {
    return await app.run(id)
  } catch (error) {
    if (isFirebreakError(error, 'run.unknown')) return undefined
    throw error
  }
}

const ends: { readonly [status: string]: string } = {
  planned: 'was a dry run and ended with its plan',
  succeeded: 'has succeeded',
  failed: 'has failed',
  cancelled: 'was cancelled',
  rejected: 'was rejected',
  expired: 'has expired',
}

function endWords({ status, problem, reason, endedAt }: RunState): string {
  const when = endedAt === undefined ? '' : ` at ${moment(endedAt)}`
  const why = status === 'failed' && problem !== undefined ? `${problem.code}: ${problem.message}` : reason
  return `${ends[status] ?? status}${when}${why === undefined ? '' : `: ${why}`}`
}

function parkedHead({ id, problem, steps }: RunState): Head {
  const doubts = Object.values(steps).filter(({ status }) => status === 'in-doubt')
  return {
    says: `is parked and waits for somebody to take it on: ${problem?.code ?? ''}: ${problem?.message ?? ''}`,
    because: [
      ...doubts.map((step) => `${step.id} is in doubt: ${step.problem?.message ?? ''}`),
      ...(problem === undefined ? [] : [problem.remedy]),
      `take it on: firebreak runs resume ${id}; end it: firebreak runs cancel ${id}`,
    ],
  }
}

function actingWords({ status, steps }: RunState): string {
  const acting = Object.values(steps).filter(isUnderWay)
  if (acting.length > 0) return `waits for nothing: ${acting.map(({ id }) => id).join(', ')} is under way`
  return status === 'running' ? 'waits for nothing: it goes on' : 'waits for nothing: it is being planned'
}
