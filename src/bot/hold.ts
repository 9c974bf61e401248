import { FirebreakError } from '../core/errors.ts'
import { writeTo } from './run-journal.ts'
import { stateOf } from './decide.ts'
import { actorOf, recorded, type BotParts } from './parts.ts'
import { pointsOfRun } from './points.ts'
import { allow } from './start.ts'
import { wished, type Wish } from './wish.ts'

/** A legal hold: nothing of the run is forgotten, however old it is, until somebody releases it. */
export function hold(parts: BotParts, run: string, wish: Wish): Promise<void> {
  return write(parts, { run, type: 'run.held' }, wish)
}

export function release(parts: BotParts, run: string, wish: Wish): Promise<void> {
  return write(parts, { run, type: 'run.released' }, wish)
}

type Wanted = { readonly run: string; readonly type: 'run.held' | 'run.released' }

async function write(parts: BotParts, { run, type }: Wanted, wish: Wish): Promise<void> {
  const command = `${type === 'run.held' ? 'hold' : 'release'} ${run}`
  await recorded(parts, { command, account: wish.by }, async () => {
    const points = pointsOfRun(parts, await stateOf(parts, run))
    await allow(parts, wish.by, { verb: 'hold', points })
    const fact = { type, actor: actorOf(parts, wish.by), data: wished(wish) }
    // Of two who say it at once, one is first.
    const written = await writeTo(parts, run, ({ held }) =>
      (held !== undefined) === (type === 'run.held') ? undefined : { facts: [fact] },
    )
    if (written.length === 0) throw nothingToDo(run, type)
  })
}

function nothingToDo(run: string, type: Wanted['type']): FirebreakError {
  const is = type === 'run.held' ? 'under a legal hold already' : 'under no legal hold'
  return new FirebreakError('run.held', `Run ${run} is ${is}`, {
    remedy: `Look at \`firebreak runs show ${run}\`.`,
  })
}
