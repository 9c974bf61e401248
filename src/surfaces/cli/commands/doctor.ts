import type { Command } from 'commander'
import { z } from 'zod'
import { DoctorAnswer, FrozenAnswer } from '../../../core/wire.ts'
import type { RunView } from '../../../core/app.ts'
import { isFirebreakError } from '../../../core/errors.ts'
import { RunAnswer } from '../../../core/wire-views.ts'
import type { CommonOptions, Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { moment } from '../text/time.ts'
import { table } from '../text/table.ts'
import { addClientCommand } from './define.ts'

/** `doctor`: who the bot is to each configured part, and whether that part answers. */
export function addDoctor(program: Command, session: Session): void {
  addClientCommand(
    program,
    'doctor',
    'ask each configured part who the bot is; exit code 1 when one fails',
  ).action(async (options: CommonOptions) => {
    const control = session.control(options)
    const answer = await control.get('/v1/doctor', DoctorAnswer)
    const frozen = await known(async () => (await control.get('/v1/frozen', FrozenAnswer)).frozen)
    const due = await known(() => control.get('/v1/runs?reviewDue=true&limit=1000', z.array(RunAnswer)))
    if (answer.parts.some(({ ok }) => !ok)) session.endWith(1)
    const standing = [...(frozen ? freezeLines(frozen) : []), ...(due ?? []).flatMap(reviewLine)]
    const lines = [`Firebreak ${clean(answer.version)}`, ...standing, '', partsText(answer, session)]
    session.print(options, lines.join('\n'), {
      ...answer,
      frozen,
      reviewsDue: due?.map(({ state }) => state.id),
    })
  })
}

/** Undefined when the journal, which knows, cannot be read: that is among the parts then. */
async function known<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isFirebreakError(error, 'store.unavailable')) return undefined
    throw error
  }
}

function freezeLines({ since, reason, thaw }: NonNullable<FrozenAnswer['frozen']>): string[] {
  const said = thaw.map(({ person, at }) => `  ${person} wants the thaw, since ${moment(at)}`)
  return [`frozen since ${moment(since)}: ${reason}`, ...said].map(clean)
}

/** Until it is reviewed, nobody acts alone in another run. */
function reviewLine({ state: { id, review } }: RunView): string[] {
  if (review === undefined) return []
  const { by, at, reason } = review
  return [clean(`review due of run ${id}, in which ${by} acted alone at ${moment(at)}: ${reason}`)]
}

function partsText({ parts }: DoctorAnswer, { paint }: Session): string {
  const rows = parts.map(({ name, ok, identity, detail = '', remedy }) => {
    const advice = ok || remedy === undefined ? detail : `${detail} → ${remedy}`
    return [name, ok ? 'ok' : 'FAILS', identity, advice].map(clean)
  })
  const decorate = (cell: string, column: number): string =>
    column === 1 ? paint(cell === 'ok' ? 'green' : 'red', cell) : cell
  return table(['PART', '', 'WHO THE BOT IS', ''], rows, { paint, decorate })
}
