import { FirebreakError } from '../../core/errors.ts'
import type { RunState } from '../../core/run.ts'
import { actionsOf, type Playbook } from '../../playbook/playbook.ts'
import { problemOf } from '../call.ts'
import { openRun, type RunJournal } from '../journal.ts'
import type { EngineParts } from '../parts.ts'
import { Runner } from '../runner.ts'

/** The in-process executor: one runner per open run. The journal is the truth; this is only who looks at which run when. */
export type Driver = {
  /** Takes up a run that is in the journal. */
  readonly take: (run: string) => void
  /** The journal of an open run, for facts that come from outside (approvals, cancellation). */
  readonly journal: (run: string) => RunJournal
  /** The state of a run that is in hand, without reading the journal. */
  readonly peek: (run: string) => RunState | undefined
  readonly wake: (run: string) => void
  /** Resolves when nothing of a run is under way in this process. */
  readonly settled: (run: string) => Promise<void>
  readonly wakeAll: () => void
  /** Takes up every run that the journal has open: after a crash as after a calm stop. */
  readonly recover: () => void
  readonly stop: () => Promise<void>
}

type Entry = { readonly journal: RunJournal; readonly runner: Runner | undefined }

/** More open runs than this were never seen; the list is read once, at start. */
const MAX_OPEN_RUNS = 100_000

export function createEmbeddedDriver(parts: EngineParts): Driver {
  const entries = new Map<string, Entry>()

  function open(run: string): Entry {
    const known = entries.get(run)
    if (known) return known
    const journal = openRun(parts, run)
    const playbook = reload(parts, journal)
    const runner = playbook && new Runner({ parts, journal, playbook }, () => entries.delete(run))
    const entry = { journal, runner }
    entries.set(run, entry)
    return entry
  }

  const take = (run: string) => open(run).runner?.wake()
  return {
    take,
    journal: (run) => open(run).journal,
    peek: (run) => entries.get(run)?.journal.state(),
    wake: (run) => entries.get(run)?.runner?.wake(),
    settled: async (run) => entries.get(run)?.runner?.settled(),
    wakeAll: () => {
      for (const { runner } of entries.values()) runner?.wake()
    },
    recover: () => {
      for (const { run } of parts.store.runs({ open: true, limit: MAX_OPEN_RUNS })) take(run)
    },
    stop: async () => {
      await Promise.all([...entries.values()].flatMap(({ runner }) => runner?.stop() ?? []))
    },
  }
}

/** The playbook as the run has it. A program that no longer has its actions in the same meaning parks the run. */
function reload(parts: EngineParts, journal: RunJournal): Playbook | undefined {
  const state = journal.state()
  try {
    const playbook = parts.load(state.requested.playbook.text, `${state.requested.playbook.name}.yaml`)
    refuseOtherContracts(state, playbook)
    return playbook
  } catch (error) {
    parts.log.error({ err: error, run: state.id }, 'the run cannot be taken up')
    if (state.status !== 'parked') {
      const parked = journal.commit(() => ({ facts: [{ type: 'run.parked', data: problemOf(error) }] }))
      // Unwritten, it is parked at the next start: nothing takes it up meanwhile.
      parked.catch((cause: unknown) =>
        parts.log.error({ err: cause, run: state.id }, 'that could not be written'),
      )
    }
    return undefined
  }
}

function refuseOtherContracts(state: RunState, playbook: Playbook): void {
  for (const action of playbook.steps.flatMap(actionsOf)) {
    const pinned = state.requested.contracts[action.name]
    if (pinned === action.contract) continue
    throw new FirebreakError(
      'run.contract',
      `the run pins contract ${pinned} of ${action.name}; this program has ${action.contract}`,
      { remedy: 'Run the version of Firebreak that started it, or cancel the run and start it anew.' },
    )
  }
}
