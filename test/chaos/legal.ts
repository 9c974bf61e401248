import type { Fact } from '../../src/core/fact.ts'
import { apply, isOver, runStates, stepStates, type RunState } from '../../src/core/run.ts'

function allowed(table: { readonly [state: string]: readonly string[] }, from: string, to: string): boolean {
  return from === to || (table[from] ?? []).includes(to)
}

/** What outlives a run: a message on its way, a click that came too late, and a review. */
function outlives(type: string): boolean {
  return type.startsWith('notice.') || type === 'approval.refused' || type === 'run.reviewed'
}

/** What in the facts of one run no fold may meet: gaps in `n`, moves that the state tables do not have, and life after the end. */
export function illegalMoves(facts: readonly Fact[]): string[] {
  const found: string[] = []
  let state: RunState | undefined
  for (const [i, fact] of facts.entries()) {
    const where = `${fact.run} n=${fact.n} ${fact.type} ${fact.step ?? ''}`
    if (fact.n !== i) found.push(`${where}: expected n=${i}`)
    const next = apply(state, fact)
    if (next === undefined) found.push(`${where}: before the run was requested`)
    else if (state) found.push(...moves(state, next).map((move) => `${where}: ${move}`))
    if (state && isOver(state.status) && !outlives(fact.type)) found.push(`${where}: after the end`)
    state = next
  }
  return found
}

function moves(from: RunState, to: RunState): string[] {
  const found: string[] = []
  if (!allowed(runStates, from.status, to.status))
    found.push(`the run went from ${from.status} to ${to.status}`)
  for (const { id, status } of Object.values(to.steps)) {
    const before = from.steps[id]?.status ?? 'pending'
    if (!allowed(stepStates, before, status)) found.push(`${id} went from ${before} to ${status}`)
  }
  return found
}
