import type { Command } from 'commander'
import { z } from 'zod'
import { GuardrailAnswer } from '../../../core/wire-views.ts'
import type { CommonOptions, Session } from '../session.ts'
import { guardrailsTable } from '../text/guardrails.ts'
import { addClientCommand } from './define.ts'

/** `guardrails`: how much of each budget is taken up, which breakers and windows are shut, and who waits for them. */
export function addGuardrails(program: Command, session: Session): void {
  addClientCommand(
    program,
    'guardrails',
    'budgets, breakers and windows as they are now, those that hold something back at the top',
  ).action(async (options: CommonOptions) => {
    const views = await session.control(options).get('/v1/guardrails', z.array(GuardrailAnswer))
    const text = views.length === 0 ? 'no guardrails are configured' : guardrailsTable(views, session.paint)
    session.print(options, text, views)
  })
}
