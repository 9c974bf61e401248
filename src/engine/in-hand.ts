import { FirebreakError } from '../core/errors.ts'
import type { Unheld } from '../core/ports.ts'
import type { RunState } from '../core/run.ts'
import { actionsOf, type Playbook } from '../playbook/playbook.ts'
import { problemOf } from './call.ts'
import { openRun, type RunJournal } from './journal.ts'
import type { EngineParts } from './parts.ts'
import { Runner, type RunnerCalls } from './runner.ts'
import { noteTakeUp } from './take-up.ts'

/** A run in the hands of this process. Without a runner nothing of it can be carried out: it is parked. */
export type InHand = { readonly journal: RunJournal; readonly runner: Runner | undefined }

type Taking = RunnerCalls & {
  /** By which this process writes, where several share the journal. */
  readonly hold?: Unheld
  /** Another process had it, and has ended without putting it down. */
  readonly left?: boolean
}

/** Reads a run and makes what carries it forward. Nothing is done before the runner is woken. */
export async function takeInHand(
  parts: EngineParts,
  run: string,
  { hold, left = false, ...calls }: Taking,
): Promise<InHand> {
  const journal = await openRun(parts, run, hold)
  const playbook = await reload(parts, journal)
  if (playbook === undefined) return { journal, runner: undefined }
  const running = { parts, journal, playbook }
  if (left) await noteTakeUp(running)
  return { journal, runner: new Runner(running, calls) }
}

/** The playbook as the run has it. A program that no longer has its actions in the same meaning parks the run. */
async function reload(parts: EngineParts, journal: RunJournal): Promise<Playbook | undefined> {
  const state = journal.state()
  try {
    return playbookOf(parts, state)
  } catch (error) {
    parts.log.error({ err: error, run: state.id }, 'the run cannot be taken up')
    if (state.status !== 'parked') await park(parts, journal, error)
    return undefined
  }
}

/** Throws where this program cannot carry the run out as it was meant. */
export function playbookOf({ load }: Pick<EngineParts, 'load'>, state: RunState): Playbook {
  const { text, name } = state.requested.playbook
  const playbook = load(text, `${name}.yaml`)
  refuseOtherContracts(state, playbook)
  return playbook
}

async function park(parts: EngineParts, journal: RunJournal, error: unknown): Promise<void> {
  try {
    await journal.commit(() => ({ facts: [{ type: 'run.parked', data: problemOf(error) }] }))
  } catch (cause) {
    // Unwritten, it is parked at the next start: nothing takes it up meanwhile.
    parts.log.error({ err: cause, run: journal.state().id }, 'that could not be written')
  }
}

function refuseOtherContracts(state: RunState, playbook: Playbook): void {
  for (const action of playbook.steps.flatMap(actionsOf)) {
    const pinned = state.requested.contracts[action.name]
    if (pinned === action.contract) continue
    throw new FirebreakError(
      'run.contract',
      `the run pins contract ${pinned} of ${action.name}; this program has ${action.contract}`,
      {
        remedy:
          'Run the version of Firebreak that started it and resume the run, or cancel it and start it anew.',
      },
    )
  }
}
