import { manual } from '../../src/actions/firebreak/manual.ts'
import { wait } from '../../src/actions/firebreak/wait.ts'
import type { ActionRegistry } from '../../src/core/action.ts'
import type { DecisionOutcome } from '../../src/core/app.ts'
import type { Account } from '../../src/core/person.ts'
import type { StepState } from '../../src/core/run.ts'
import type { Bot } from './bot.ts'
import { eventually } from './eventually.ts'
import { toyActions, type Toy } from './toy.ts'

/** The toy's actions, and those that the engine carries out by itself. */
export function withBuiltIns(toy: Toy): ActionRegistry {
  return { ...toyActions(toy), 'firebreak.wait': wait, 'firebreak.manual': manual }
}

/** A step that a person does by hand: somebody turns a lamp off. */
export function byHand(lamp: string, more: object = {}): object {
  return {
    action: 'firebreak.manual',
    with: { who: 'responder', what: `Turn lamp ${lamp} off`, link: 'https://example.com/lamps' },
    confirm: { action: 'toy.look', with: { lamp }, that: 'result.value == "off"' },
    ...more,
  }
}

/** The step once it waits. */
export function waitingStep(bot: Bot, run: string, step: string): Promise<StepState> {
  return eventually(
    async () => {
      const found = (await bot.firebreak.run(run)).state.steps[step]
      return found?.waitsUntil !== undefined || found?.asked !== undefined ? found : undefined
    },
    { what: `that ${step} waits` },
  )
}

/** Somebody says, in Slack, that a step of a run is done. */
export function sayDone(
  bot: Bot,
  [run, step = 'close']: readonly [run: string, step?: string],
  by: Account,
): Promise<DecisionOutcome> {
  const user = by.via === 'slack' ? by.user : ''
  return bot.firebreak.done({ run, step, by, evidence: { kind: 'slack', team: 'T0TEST', user } })
}
