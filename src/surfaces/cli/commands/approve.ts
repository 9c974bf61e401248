import type { Command } from 'commander'
import type { RunView } from '../../../core/app.ts'
import { FirebreakError } from '../../../core/errors.ts'
import { RunAnswer } from '../../../core/wire-views.ts'
import { outcomeText, signAndSend, type SignOptions } from '../decide.ts'
import { badUsage, type Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { planText } from '../text/plan.ts'
import { runHead } from '../text/run.ts'
import { addSigningCommand } from './define.ts'

type DecideOptions = SignOptions & { readonly yes?: true; readonly digest?: string }
type Kind = 'approve' | 'reject' | 'break-glass'

const words = {
  approve: {
    summary: 'approve the plan that a run waits with (signed)',
    question: 'Approve exactly this plan?',
    done: 'approved',
  },
  reject: {
    summary: 'reject the plan that a run waits with (signed)',
    question: 'Reject exactly this plan?',
    done: 'rejected',
  },
  'break-glass': {
    summary:
      'let a run act at once, on your word alone: the others are told, and somebody must review it (signed)',
    question: 'Act alone, without the others, on exactly this plan?',
    done: 'it acts on your word alone; the others are told, and somebody else must review it',
  },
} as const satisfies { readonly [K in Kind]: { readonly [part: string]: string } }

/** `approve RUN`, `reject RUN` and `break-glass RUN`: the plan is shown, then signed by its digest. */
export function addDecisions(program: Command, session: Session): void {
  decisionCommand(program, session, 'approve').option('--reason <text>', 'why, for the log')
  decisionCommand(program, session, 'reject').option('--reason <text>', 'why, for the log')
  decisionCommand(program, session, 'break-glass').requiredOption(
    '--reason <text>',
    'why it cannot wait for the others, in a sentence: they are told it',
  )
}

function decisionCommand(program: Command, session: Session, kind: Kind): Command {
  return addSigningCommand(program, `${kind} <run>`, words[kind].summary)
    .option('--yes', 'do not ask; best with --digest')
    .option('--digest <digest>', 'decide only if the plan has this digest')
    .action((run: string, options: DecideOptions) => decide(session, { kind, run }, options))
}

async function decide(
  session: Session,
  action: { readonly kind: Kind; readonly run: string },
  options: DecideOptions,
): Promise<void> {
  const control = session.control(options)
  const view = await control.get(`/v1/runs/${encodeURIComponent(action.run)}`, RunAnswer)
  const digest = digestToDecide(view, options.digest)
  showPlan(session, view, digest)
  await confirm(session, action.kind, options)
  const outcome = await signAndSend(session, control, { action, digest, options })
  const done = `run ${action.run}: ${words[action.kind].done}`
  session.print(options, outcomeText(outcome, done), outcome)
}

function digestToDecide({ state, waitingFor }: RunView, wanted: string | undefined): string {
  if (waitingFor === undefined) {
    throw new FirebreakError(
      'cli.nothing-to-decide',
      `run ${state.id} waits for no decision: ${state.status}`,
      {
        remedy: `Look with "firebreak runs show ${state.id}".`,
      },
    )
  }
  const { digest } = waitingFor
  if (wanted === undefined || wanted === digest) return digest
  throw new FirebreakError('cli.changed', `the plan has the digest ${digest}, not ${wanted}`, {
    remedy: 'Read the plan as it is now, and decide about that.',
  })
}

/** To standard error, so that `--json` prints one document; the digest last, next to the question. */
function showPlan(session: Session, view: RunView, digest: string): void {
  session.note(runHead(view, session.paint))
  const { plan } = view.state
  if (plan !== undefined) session.note(`\n${planText(plan, session.paint)}`)
  const voided = view.state.approvals.findLast((approval) => approval.voided !== undefined)?.voided
  if (voided !== undefined) session.note(`an earlier approval is void: ${clean(voided)}`)
  session.note(`to be signed: ${clean(digest)}`)
}

async function confirm({ deps }: Session, kind: Kind, { yes }: DecideOptions): Promise<void> {
  if (yes === true) return
  if (!deps.io.interactive) {
    throw badUsage('there is no terminal to ask on', 'Add --yes, and --digest with the digest that was read.')
  }
  if (await deps.io.confirm(words[kind].question)) return
  throw new FirebreakError('cli.not-confirmed', 'not confirmed: nothing was signed', {
    remedy: 'Run the command again when you are sure.',
  })
}
