import type { RunView } from '../../core/app.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { Fact } from '../../core/fact.ts'
import { isOver } from '../../core/run.ts'
import type { Control } from './client.ts'
import type { Session } from './session.ts'
import { clean } from './text/clean.ts'
import { factLine } from './text/fact.ts'

/** Prints a run's facts as they happen, to standard error, until it is over or parked. */
export async function followRun(session: Session, control: Control, run: string): Promise<RunView> {
  let view: RunView | undefined
  for await (const message of control.watch(run)) {
    view = message.view
    for (const fact of message.facts) tell(session, run, fact)
    if (view.state.status === 'parked') break
    if (view.waitingFor !== undefined) session.note(`decide with: firebreak approve ${run}`)
  }
  if (view !== undefined && (isOver(view.state.status) || view.state.status === 'parked')) return view
  const interrupted = session.deps.io.signal.aborted
  const message = interrupted
    ? `watching run ${run} was interrupted`
    : `the bot hung up while run ${run} went on`
  throw new FirebreakError('api.stopped', message, { remedy: `Look with "firebreak runs show ${run}".` })
}

function tell(session: Session, run: string, fact: Fact): void {
  session.note(factLine(fact))
  if (fact.type !== 'step.asked') return
  session.note(`when it is done: firebreak runs done ${run} ${clean(fact.step ?? '')}`)
}
