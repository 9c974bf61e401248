import type { ContainmentStatus } from '../../src/core/containment.ts'
import type { RunView } from '../../src/core/app.ts'
import type { StepState } from '../../src/core/run.ts'
import type { Bot } from './bot.ts'
import { eventually } from './eventually.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** A step that sets a lamp for a time. */
export function setFor(ttl: string, more: object = {}): object {
  return { action: 'toy.set', with: { lamp: 'a', value: 'off' }, ttl, ...more }
}

export type Held = NonNullable<StepState['containment']>

export function held(view: RunView, step = 'off'): Held {
  const found = view.state.steps[step]?.containment
  if (found === undefined) throw new Error(`no containment of ${step}`)
  return found
}

/** Moves the bot's clock, and has something be committed: then whoever keeps time looks at it. */
export async function later(bot: Bot, ms: number): Promise<void> {
  bot.forward(ms)
  await nudge(bot)
}

export async function nudge(bot: Bot): Promise<void> {
  const stranger = { via: 'os', user: 'nobody' } as const
  await bot.firebreak.freeze(stranger, 'a nudge').catch(() => undefined)
}

/** The containment once this holds of it. */
export async function whenHeld(
  bot: Bot,
  run: string,
  {
    is,
    step = 'off',
    what = 'a state of a containment',
  }: { is: (held: Held) => boolean; step?: string; what?: string },
): Promise<Held> {
  return eventually(
    async () => {
      const now = held(await bot.firebreak.run(run), step)
      return is(now) ? now : undefined
    },
    { what },
  )
}

export function whenStatus(
  bot: Bot,
  [run, step = 'off']: readonly [run: string, step?: string],
  status: ContainmentStatus,
): Promise<Held> {
  return whenHeld(bot, run, {
    is: (now) => now.status === status,
    step,
    what: `a containment that is ${status}`,
  })
}

/** Types of the facts about containments, in order. */
export async function story(bot: Bot, run: string): Promise<string[]> {
  const facts = await bot.firebreak.facts(run)
  return facts.flatMap(({ type }) =>
    type.startsWith('containment.') ? [type.slice('containment.'.length)] : [],
  )
}
