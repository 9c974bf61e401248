import type { Command } from 'commander'
import { DoctorAnswer, FrozenAnswer } from '../../../core/wire.ts'
import { isFirebreakError } from '../../../core/errors.ts'
import type { Control } from '../client.ts'
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
    const frozen = await frozenOf(control)
    if (answer.parts.some(({ ok }) => !ok)) session.endWith(1)
    const freeze = frozen ? [`frozen since ${moment(frozen.since)}: ${clean(frozen.reason)}`] : []
    const lines = [`Firebreak ${clean(answer.version)}`, ...freeze, '', partsText(answer, session)]
    session.print(options, lines.join('\n'), { ...answer, frozen })
  })
}

/** Undefined when the journal, which knows, cannot be read: that is among the parts then. */
async function frozenOf(control: Control): Promise<FrozenAnswer['frozen'] | undefined> {
  try {
    return (await control.get('/v1/frozen', FrozenAnswer)).frozen
  } catch (error) {
    if (isFirebreakError(error, 'store.unavailable')) return undefined
    throw error
  }
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
