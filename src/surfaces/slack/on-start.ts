import type { RunView } from '../../core/app.ts'
import { isFirebreakError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Message } from './block.ts'
import { note, refusalCard } from './cards.ts'
import type { StartCommand } from './command-line.ts'
import type { Desk } from './desk.ts'
import { explain, start } from './desk.ts'
import { needsForm } from './form.ts'
import { openForm } from './open-form.ts'
import type { CommandPayload } from './payload.ts'
import { nearest } from './suggest.ts'
import { code, prose } from './text.ts'

/** `/firebreak run` and `plan`: starts, or asks by a form for what is missing. */
export async function onStart(
  desk: Desk,
  payload: CommandPayload,
  command: StartCommand,
): Promise<Message | undefined> {
  const mode = command.word === 'run' ? 'run' : 'dry-run'
  const { channel_id: channel, user_id: user, team_id: team } = payload
  const playbook = desk.app.playbooks().find(({ name }) => name === command.playbook)
  if (playbook !== undefined && needsForm(playbook, command.inputs)) {
    return await openForm(desk, {
      trigger: payload.trigger_id,
      user,
      team,
      memory: { channel, mode, playbook: playbook.name },
    })
  }
  const { reason, inputs } = splitReason(command.inputs, playbook?.inputs ?? {})
  const asked = { playbook: command.playbook, inputs, mode, user, team, channel, ...reason } as const
  try {
    return startedCard(await start(desk, asked))
  } catch (error) {
    return refusalCard(withGuess(desk, error, command))
  }
}

/** `reason=` is about the run, unless the playbook has an input of that name. */
function splitReason(
  inputs: JsonObject,
  declared: object,
): { readonly reason: { readonly reason?: string }; readonly inputs: JsonObject } {
  const { reason, ...rest } = inputs
  if (typeof reason !== 'string' || Object.hasOwn(declared, 'reason')) return { reason: {}, inputs }
  return { reason: { reason }, inputs: rest }
}

export function startedCard({ state }: RunView): Message {
  const kind = state.mode === 'dry-run' ? 'Dry run' : 'Run'
  return note(
    `${kind} ${code(state.id)} of *${prose(state.requested.playbook.title, 120)}* has started. Its message shows how it goes.`,
  )
}

/** A refused name is most often a typo. */
function withGuess(desk: Desk, error: unknown, { playbook, inputs }: StartCommand) {
  const refusal = explain(desk, error)
  const guess = guessOf(desk, error, { playbook, names: Object.keys(inputs) })
  return guess === undefined ? refusal : { ...refusal, remedy: `Did you mean “${guess}”? ${refusal.remedy}` }
}

type Typed = { readonly playbook: string; readonly names: readonly string[] }

function guessOf(desk: Desk, error: unknown, { playbook, names }: Typed): string | undefined {
  const playbooks = desk.app.playbooks()
  if (isFirebreakError(error, 'playbook.unknown')) {
    return nearest(
      playbook,
      playbooks.map(({ name }) => name),
    )
  }
  if (!isFirebreakError(error, 'input.unknown')) return undefined
  const declared = Object.keys(playbooks.find(({ name }) => name === playbook)?.inputs ?? {})
  const wrong = names.find((name) => !declared.includes(name))
  return wrong === undefined ? undefined : nearest(wrong, declared)
}
