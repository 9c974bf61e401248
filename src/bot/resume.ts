import { FirebreakError } from '../core/errors.ts'
import type { Answer } from '../core/fact.ts'
import { stepOf } from '../core/plan.ts'
import { isLeftAlone, isUnderWay, type RunState, type StepState } from '../core/run.ts'
import { startedFacts } from '../engine/containment.ts'
import { playbookOf } from '../engine/in-hand.ts'
import { believedAfter } from '../engine/intent.ts'
import type { Draft } from '../engine/journal.ts'
import type { Playbook } from '../playbook/playbook.ts'
import { stateOf } from './decide.ts'
import { actorOf, cut, recorded, type BotParts } from './parts.ts'
import { pointsOfRun } from './points.ts'
import { allow } from './start.ts'
import { wished, type Wish } from './wish.ts'

export type Answers = { readonly [step: string]: Answer }

/**
 * A person takes a parked run on. What they say of its steps in doubt counts as it is said; the others are looked at
 * again before anything else is done with them.
 */
export async function resume(
  parts: BotParts,
  run: string,
  { answers, ...wish }: Wish & { readonly answers: Answers },
): Promise<void> {
  await recorded(parts, { command: `resume ${run}`, account: wish.by }, async () => {
    const parked = await stateOf(parts, run)
    await allow(parts, wish.by, { verb: 'resume', points: pointsOfRun(parts, parked) })
    // Throws where this program still cannot carry it out.
    const playbook = playbookOf(parts.library, parked)
    const journal = await parts.driver.journal(run)
    const data = { ...wished(wish), answers }
    await journal.commit((state) => {
      // Of two who resume it at once, the second finds it going on.
      if (state.status !== 'parked') throw notParked(state)
      for (const step of Object.keys(answers)) refuseAnswer(parts, state, step)
      const resumed: Draft = { type: 'run.resumed', actor: actorOf(parts, wish.by), data }
      return { facts: [resumed, ...containments(parts, state, { playbook, answers })] }
    })
  })
  parts.driver.wake(run)
}

function refuseAnswer({ clock, skewMs }: BotParts, state: RunState, id: string): void {
  const step = Object.hasOwn(state.steps, id) ? state.steps[id] : undefined
  const inDoubt = step?.status === 'in-doubt' || (step && isUnderWay(step) && isLeftAlone(state))
  if (step === undefined || !inDoubt) throw notInDoubt(state, id)
  const lands = step.intent === undefined ? 0 : believedAfter(step.intent, { skewMs })
  if (clock.now() < lands) throw tooEarly(step, new Date(lands).toISOString())
}

/** An effect that is in place by a person's word is in place for a time like any other. */
function containments(
  { clock }: BotParts,
  state: RunState,
  { playbook, answers }: { readonly playbook: Playbook; readonly answers: Answers },
): Draft[] {
  return Object.entries(answers).flatMap(([instance, answer]) => {
    const step = playbook.steps.find(({ id }) => id === stepOf(instance))
    return answer === 'applied' && step !== undefined
      ? startedFacts(state, { step, instance }, clock.now())
      : []
  })
}

function notParked({ id, status }: RunState): FirebreakError {
  return new FirebreakError('run.not-parked', `Run ${id} is not parked: ${status}`, {
    remedy: `Look at \`firebreak runs show ${id}\`.`,
  })
}

function notInDoubt({ id, steps }: RunState, step: string): FirebreakError {
  const open = Object.values(steps).filter(({ status }) => status === 'in-doubt')
  const names = open.map((found) => found.id).join(', ')
  return new FirebreakError('step.not-in-doubt', `${cut(step, 80)} of run ${id} is not in doubt`, {
    remedy: open.length === 0 ? 'Resume the run without an answer.' : `In doubt: ${names}.`,
  })
}

function tooEarly({ id }: StepState, at: string): FirebreakError {
  return new FirebreakError('run.too-early', `the call of ${id} could still land until ${at}`, {
    remedy: 'Look at the target again then, and answer with what you see.',
  })
}
