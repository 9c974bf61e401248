import type { DecisionOutcome, RunView, SaidDone } from '../core/app.ts'
import { stepOf } from '../core/plan.ts'
import { isOver, type RunState, type StepState, waitingSteps } from '../core/run.ts'
import { hasFailed } from '../engine/values.ts'
import type { Permission } from '../policy/authority.ts'
import { judgeDone, peopleFor } from '../policy/by-hand.ts'
import { stateOf } from './decide.ts'
import { keptPlaybook } from './library.ts'
import { actorOf, recorded, refuse, type BotParts } from './parts.ts'

/** Somebody says that a step is done by hand: it counts, or it is recorded why not. Then the step's own probe decides. */
export async function sayDone(parts: BotParts, said: SaidDone): Promise<DecisionOutcome> {
  const { run, step, by } = said
  const attempt = { command: `done ${run} ${step}`, account: by }
  const state = await recorded(parts, attempt, () => stateOf(parts, run))
  await parts.authorities.refresh()
  const judged = isOver(state.status) ? judge(parts, state, said) : await write(parts, said)
  if (judged.allow) {
    parts.driver.wake(run)
    return { kind: 'done' }
  }
  await refuse(parts, { ...attempt, error: judged })
  const { code, message, remedy } = judged
  return { kind: 'refused', code, message, remedy }
}

/** Judged inside the commit: of two who say it at once, one is first. */
async function write(parts: BotParts, said: SaidDone): Promise<Permission> {
  const { run, step, by: account, evidence } = said
  const judgements: Permission[] = []
  const journal = await parts.driver.journal(run)
  await journal.commit((state) => {
    const judged = judge(parts, state, said)
    judgements.push(judged)
    if (!judged.allow) return undefined
    const data = { person: judged.person.id, account, evidence }
    return { facts: [{ type: 'step.said-done', step, actor: actorOf(parts, account), data }] }
  })
  // Judged anew where somebody else wrote first: the last judgement is the one that was written.
  return judgements.at(-1) ?? judge(parts, await stateOf(parts, run), said)
}

function judge(parts: BotParts, state: RunState, { step, by: account }: SaidDone): Permission {
  const open = openTasks(parts, state).find(({ id }) => id === step)
  return judgeDone({ step, open, account, people: parts.authorities.people() })
}

/** The steps that ask a person now. Of a run that was stopped or has failed, only its closing steps do. */
function openTasks(parts: BotParts, state: RunState): readonly StepState[] {
  const asking = waitingSteps(state).filter(({ asked }) => asked !== undefined)
  if (asking.length === 0 || state.status === 'parked') return []
  const playbook = keptPlaybook(parts, state)
  if (!hasFailed(state, playbook)) return asking
  const closing = new Set(playbook.steps.filter((step) => step.closing).map(({ id }) => id))
  return asking.filter(({ id }) => closing.has(stepOf(id)))
}

/** What surfaces show of them. */
export function byHandOf(parts: BotParts, state: RunState): Pick<RunView, 'byHand'> {
  const byHand = openTasks(parts, state).map(({ id, asked }) => ({
    step: id,
    people: peopleFor(asked?.who ?? '', parts.authorities.people()),
  }))
  return byHand.length === 0 ? {} : { byHand }
}
