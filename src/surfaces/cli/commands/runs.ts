import type { Command } from 'commander'
import { z } from 'zod'
import { FactAnswer, RunAnswer } from '../../../core/wire-views.ts'
import { outcomeText, signAndSend, type SignOptions } from '../decide.ts'
import { exitCodeOfRun } from '../exit-code.ts'
import { followRun } from '../follow.ts'
import type { CommonOptions, Session } from '../session.ts'
import { factLine } from '../text/fact.ts'
import { runsTable, runText } from '../text/run.ts'
import { addClientCommand, addDefaultCommand, addSigningCommand } from './define.ts'
import { addResume } from './resume.ts'

type ListOptions = CommonOptions & {
  readonly open?: true
  readonly reviewDue?: true
  readonly limit?: string
}
type ShowOptions = CommonOptions & { readonly facts?: true }

/** `runs`, with what can be looked at and done about one. */
export function addRuns(program: Command, session: Session): void {
  const runs = program.command('runs').description('list, show, follow, resume, cancel and undo runs')
  addList(runs, session)
  addShow(runs, session)
  addDone(runs, session)
  addResume(runs, session)
  addSigningCommand(runs, 'cancel <run>', 'stop a run: steps under way end, no further one begins (signed)')
    .requiredOption('--reason <text>', 'why, for the log')
    .action(async (run: string, options: SignOptions) => {
      const action = { kind: 'cancel', run } as const
      const outcome = await signAndSend(session, session.control(options), { action, options })
      session.print(options, outcomeText(outcome, `run ${run} is being cancelled`), outcome)
    })
  addSigningCommand(runs, 'undo <run>', 'start a run that puts back what a run did (signed)')
    .option('--reason <text>', 'why, for the log')
    .action(async (run: string, options: SignOptions) => {
      const action = { kind: 'undo', run } as const
      const outcome = await signAndSend(session, session.control(options), { action, options })
      const started = outcome.kind === 'done' && outcome.run !== undefined ? ` as run ${outcome.run}` : ''
      session.print(options, outcomeText(outcome, `the undo of run ${run} has begun${started}`), outcome)
    })
}

function addDone(runs: Command, session: Session): void {
  const what = 'say that a step which is done by hand is done; its probe is asked then (signed)'
  addSigningCommand(runs, 'done <run> <step>', what)
    .option('--reason <text>', 'a remark, for the signed text')
    .action(async (run: string, step: string, options: SignOptions) => {
      const action = { kind: 'done', run, step } as const
      const outcome = await signAndSend(session, session.control(options), { action, options })
      const said = `noted; the bot is looking whether ${step} of run ${run} is done`
      session.print(options, outcomeText(outcome, said), outcome)
    })
}

function addList(runs: Command, session: Session): void {
  addDefaultCommand(runs, 'list', 'the latest runs')
    .option('--open', 'only those that are not over')
    .option('--review-due', 'only those in which somebody acted alone, and that wait for their review')
    .option('--limit <count>', 'how many (at most 1000)', '20')
    .action(async (options: ListOptions) => {
      const query = new URLSearchParams({ limit: options.limit ?? '20' })
      if (options.open === true) query.set('open', 'true')
      if (options.reviewDue === true) query.set('reviewDue', 'true')
      const views = await session.control(options).get(`/v1/runs?${query.toString()}`, z.array(RunAnswer))
      const text = views.length === 0 ? 'no runs' : runsTable(views, session.paint)
      session.print(options, text, views)
    })
}

function addShow(runs: Command, session: Session): void {
  addClientCommand(runs, 'show <run>', 'one run: its plan or its steps')
    .option('--facts', 'everything the log has about it')
    .action(async (run: string, options: ShowOptions) => {
      const control = session.control(options)
      const path = `/v1/runs/${encodeURIComponent(run)}`
      const view = await control.get(path, RunAnswer)
      if (options.facts !== true) {
        session.print(options, runText(view, session.paint), view)
        return
      }
      const facts = await control.get(`${path}/facts`, z.array(FactAnswer))
      session.print(options, facts.map(factLine).join('\n'), facts)
    })
  addClientCommand(runs, 'follow <run>', 'print what happens until the run is over').action(
    async (run: string, options: CommonOptions) => {
      const view = await followRun(session, session.control(options), run)
      session.endWith(exitCodeOfRun(view.state.status))
      session.print(options, runText(view, session.paint), view)
    },
  )
}
