import type { Command } from 'commander'
import type { RunView } from '../../../core/app.ts'
import { FirebreakError } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import { isOver } from '../../../core/run.ts'
import type { StartCall } from '../../../core/wire.ts'
import { RunAnswer } from '../../../core/wire-views.ts'
import { exitCodeOfRun } from '../exit-code.ts'
import { followRun } from '../follow.ts'
import type { Control } from '../client.ts'
import { signAndSend } from '../decide.ts'
import type { LocalRun } from '../deps.ts'
import { addInput } from '../inputs.ts'
import type { CommonOptions, Session } from '../session.ts'
import { factLine } from '../text/fact.ts'
import { planText } from '../text/plan.ts'
import { runHead, runText } from '../text/run.ts'
import { addClientCommand } from './define.ts'

type StartOptions = CommonOptions & {
  readonly input?: JsonObject
  readonly reason?: string
  readonly key?: string
  readonly local?: true
  readonly config?: string
  readonly follow?: true
}

/** `plan` (the dry run) and `run`. */
export function addStartCommands(program: Command, session: Session): void {
  startCommand(program, 'plan <playbook>', 'show what a playbook would do, without doing it').action(
    (playbook: string, options: StartOptions) => start(session, { playbook, mode: 'dry-run' }, options),
  )
  startCommand(program, 'run <playbook>', 'run a playbook; its plan is shown, approvals are asked for')
    .option('--key <file>', 'SSH key to sign with (default: as for approve)')
    .option('--follow', 'stay until the run is over, and print what happens')
    .action((playbook: string, options: StartOptions) => start(session, { playbook, mode: 'run' }, options))
}

function startCommand(program: Command, usage: string, summary: string): Command {
  return addClientCommand(program, usage, summary)
    .option('-i, --input <name=value>', 'an input of the playbook; repeat it for more', addInput)
    .option('--reason <text>', 'why, for the log')
    .option('--local', 'without a running bot: open the state here')
    .option('--config <file>', 'firebreak.yaml for --local (default: FIREBREAK_CONFIG)')
}

type Wanted = Omit<LocalRun, 'config' | 'state'>
type What = Pick<Wanted, 'playbook' | 'mode'>

async function start(session: Session, what: What, options: StartOptions): Promise<void> {
  const reason = options.reason === undefined ? {} : { reason: options.reason }
  const wanted: Wanted = { ...what, inputs: options.input ?? {}, user: session.deps.io.user, ...reason }
  if (options.local === true) await startLocal(session, wanted, options)
  else await startInBot(session, wanted, options)
}

/** A plan is a read. A run acts, so it is started under the signature of a person (DESIGN section 8). */
async function startIn(
  session: Session,
  control: Control,
  { wanted, options }: { wanted: Wanted; options: StartOptions },
): Promise<RunView> {
  const { mode, playbook, inputs } = wanted
  if (mode === 'dry-run') {
    const call: StartCall = { ...wanted, mode }
    return control.post('/v1/start', call, RunAnswer)
  }
  const action = { kind: 'run', playbook, inputs } as const
  const outcome = await signAndSend(session, control, { action, options })
  if (outcome.kind !== 'done' || outcome.run === undefined) throw noRun(playbook)
  return control.get(`/v1/runs/${encodeURIComponent(outcome.run)}`, RunAnswer)
}

function noRun(playbook: string): FirebreakError {
  return new FirebreakError('api.bad-answer', `the bot took the signature, and named no run of ${playbook}`, {
    remedy: 'See "firebreak runs" for whether it has begun, before it is started again.',
  })
}

async function startInBot(session: Session, wanted: Wanted, options: StartOptions): Promise<void> {
  const control = session.control(options)
  const view = await startIn(session, control, { wanted, options })
  if (options.follow !== true) {
    if (isOver(view.state.status) || view.state.status === 'parked') {
      session.endWith(exitCodeOfRun(view.state.status))
    }
    session.print(options, startedText(view, session), view)
    return
  }
  session.note(startedText(view, session))
  finish(session, options, await followRun(session, control, view.state.id))
}

async function startLocal(session: Session, wanted: Wanted, options: StartOptions): Promise<void> {
  const folders = {
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.state === undefined ? {} : { state: options.state }),
  }
  const view = await session.deps.owner.runLocal({ ...wanted, ...folders }, (_, facts) => {
    for (const fact of facts) session.note(factLine(fact))
  })
  finish(session, options, view)
}

function finish(session: Session, options: CommonOptions, view: RunView): void {
  session.endWith(exitCodeOfRun(view.state.status))
  const { mode, plan } = view.state
  const text =
    mode === 'dry-run' && plan !== undefined ? startedText(view, session) : runText(view, session.paint)
  session.print(options, text, view)
}

/** The head, the plan, and what to do next. */
function startedText(view: RunView, { paint }: Session): string {
  const { plan, id } = view.state
  const parts = [runHead(view, paint)]
  if (plan !== undefined) parts.push('', planText(plan, paint))
  if (view.waitingFor !== undefined) parts.push('', `decide with: firebreak approve ${id}`)
  return parts.join('\n')
}
