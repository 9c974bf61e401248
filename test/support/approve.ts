import type { RunView } from '../../src/core/app.ts'
import type { Account } from '../../src/core/person.ts'
import { isOver } from '../../src/core/run.ts'
import type { Bot } from './bot.ts'
import { eventually } from './eventually.ts'

/** Lets these people approve, one after the other, whatever is asked, until the run is over. */
export async function approveAll(bot: Bot, run: string, people: readonly Account[]): Promise<RunView> {
  return eventually(
    async () => {
      const view = await bot.firebreak.run(run)
      if (isOver(view.state.status)) return view
      for (const by of view.waitingFor === undefined ? [] : people) await bot.decide(run, by)
      return undefined
    },
    { ms: 15_000, what: `the end of run ${run}` },
  )
}
