import type { Command } from 'commander'
import type { Fact, FactType } from '../../../core/fact.ts'
import { WhyAnswer } from '../../../core/wire-views.ts'
import type { CommonOptions, Session } from '../session.ts'
import { factLine } from '../text/fact.ts'
import { runHead } from '../text/run.ts'
import { addClientCommand } from './define.ts'

/** Facts that carry a reason. The others say that something happened, not why. */
const reasons: ReadonlySet<FactType> = new Set<FactType>([
  'run.requested',
  'run.failed',
  'run.cancelled',
  'run.rejected',
  'run.expired',
  'run.parked',
  'run.cancel-requested',
  'run.held',
  'run.released',
  'approval.requested',
  'approval.given',
  'approval.rejected',
  'approval.expired',
  'approval.refused',
  'approval.voided',
  'step.satisfied',
  'step.skipped',
  'step.failed',
  'step.in-doubt',
  'containment.asked',
  'containment.lifting',
  'containment.not-lifted',
  'containment.renewed',
  'containment.kept',
  'alert.decided',
  'command.refused',
  'notice.failed',
])

/** `why ID`: what led to a run, or what was decided about an alert. */
export function addWhy(program: Command, session: Session): void {
  addClientCommand(
    program,
    'why <id>',
    'the reasons behind a run, an alert (by fingerprint) or an approval',
  ).action(async (id: string, options: CommonOptions) => {
    const answer = await session.control(options).get(`/v1/why/${encodeURIComponent(id)}`, WhyAnswer)
    session.print(options, whyText(answer, session), answer)
  })
}

function whyText({ run, facts }: WhyAnswer, { paint }: Session): string {
  const lines = facts.filter((fact: Fact) => reasons.has(fact.type)).map(factLine)
  return [...(run === null ? [] : [runHead(run, paint), '']), ...lines].join('\n')
}
