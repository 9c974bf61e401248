import type { RunView } from '../../core/app.ts'
import type { JsonObject } from '../../core/json.ts'
import { isFirebreakError } from '../../core/errors.ts'
import type { Message } from './block.ts'
import { modelOf } from './model.ts'
import { helpCard, note, playbooksCard, refusalCard, runsCard } from './cards.ts'
import type { Command } from './command-line.ts'
import { readCommand } from './command-line.ts'
import type { Desk } from './desk.ts'
import { accountOf, explain, outcomeCard, start } from './desk.ts'
import { needsForm } from './form.ts'
import { openForm } from './open-form.ts'
import type { CommandPayload } from './payload.ts'
import { runMessage } from './run-message.ts'
import { nearest } from './suggest.ts'
import { code, prose } from './text.ts'

/** Carries out what somebody typed after `/firebreak`; returns what they are told. */
export async function onCommand(desk: Desk, payload: CommandPayload): Promise<Message | undefined> {
  const command = readCommand(payload.text)
  switch (command.word) {
    case 'misread':
      return refusalCard({ code: 'usage.bad-arguments', ...command })
    case 'menu':
      return await openForm(desk, {
        ...opening(payload),
        memory: { channel: payload.channel_id, mode: 'dry-run' },
      })
    case 'run':
    case 'plan':
      return await onStart(desk, payload, command)
    case 'freeze':
    case 'thaw':
      return await onFreeze(desk, payload, command)
    case 'approve':
    case 'reject':
    case 'cancel':
    case 'undo':
      return await onRun(desk, payload, command)
    case 'help':
    case 'playbooks':
    case 'status':
      return await onRead(desk, { user: payload.user_id, team: payload.team_id }, command)
  }
}

function opening({ trigger_id: trigger, user_id: user, team_id: team }: CommandPayload) {
  return { trigger, user, team }
}

type Word<W extends Command['word']> = Extract<Command, { readonly word: W }>

async function onStart(
  desk: Desk,
  payload: CommandPayload,
  command: Word<'run' | 'plan'>,
): Promise<Message | undefined> {
  const mode = command.word === 'run' ? 'run' : 'dry-run'
  const { channel_id: channel, user_id: user, team_id: team } = payload
  const playbook = desk.app.playbooks().find(({ name }) => name === command.playbook)
  if (playbook !== undefined && needsForm(playbook, command.inputs)) {
    return await openForm(desk, { ...opening(payload), memory: { channel, mode, playbook: playbook.name } })
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
function withGuess(desk: Desk, error: unknown, { playbook, inputs }: Word<'run' | 'plan'>) {
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

async function onFreeze(
  desk: Desk,
  payload: CommandPayload,
  command: Word<'freeze' | 'thaw'>,
): Promise<Message> {
  const by = await accountOf(desk, payload.user_id, payload.team_id)
  const reason = command.reason ?? 'no reason given'
  if (command.word === 'freeze') await desk.app.freeze(by, reason)
  else await desk.app.thaw(by, reason)
  return note(
    command.word === 'freeze'
      ? '🧊 Frozen: no step may change anything until somebody thaws Firebreak.'
      : '💧 Thawed: steps may change things again.',
  )
}

async function onRun(
  desk: Desk,
  payload: CommandPayload,
  command: Word<'approve' | 'reject' | 'cancel' | 'undo'>,
): Promise<Message> {
  if (command.word === 'approve' || command.word === 'reject') return await onDecision(desk, payload, command)
  const by = await accountOf(desk, payload.user_id, payload.team_id)
  if (command.word === 'undo') return startedCard(await desk.app.undo(command.run, by))
  await desk.app.cancel(command.run, by, command.reason ?? 'cancelled from Slack, no reason given')
  return note(`🚫 Run ${code(command.run)} is being cancelled. Steps under way finish.`)
}

/**
 * A typed approval shows the plan first, with the button that is bound to it: an approval signs what its giver has
 * seen (P3), and who types an id may have seen an older plan. With the digest typed as well it counts at once.
 * A rejection needs neither: it changes nothing.
 */
async function onDecision(
  desk: Desk,
  payload: CommandPayload,
  { word, run, reason }: Word<'approve' | 'reject'>,
): Promise<Message> {
  const model = modelOf(desk.app, run)
  const { waitingFor } = model.view
  const digest = waitingFor?.digest.replace(/^sha256:/, '')
  const [typed = '', ...rest] = (reason ?? '').split(' ')
  const named = typed.length >= 12 && digest?.startsWith(typed.toLowerCase()) === true
  if (waitingFor === undefined || (word === 'approve' && !named)) return runMessage(model)
  const why = named ? rest.join(' ') : (reason ?? '')
  const by = await accountOf(desk, payload.user_id, payload.team_id)
  const outcome = await desk.app.decide({
    run,
    request: waitingFor.request,
    digest: waitingFor.digest,
    decision: word,
    by,
    evidence: { kind: 'slack', team: payload.team_id ?? desk.identity.team, user: payload.user_id },
    ...(why === '' ? {} : { reason: why }),
  })
  return outcomeCard(outcome, word)
}

type Asker = { readonly user: string; readonly team: string | null | undefined }

/** Questions change nothing, but guests and other organisations get no answers. */
export async function onRead(
  desk: Desk,
  { user, team }: Asker,
  command: Word<'help' | 'playbooks' | 'status'>,
): Promise<Message> {
  const account = await accountOf(desk, user, team)
  if (account.via === 'slack' && account.standing !== 'member' && account.standing !== 'unknown') {
    desk.log.info({ user, standing: account.standing, command: command.word }, 'slack account refused')
    return refusalCard({
      code: 'authority.bad-standing',
      message: `Your account is ${account.standing} here, and Firebreak answers full members of the workspace only.`,
      remedy: 'Ask a member of the workspace.',
    })
  }
  if (command.word === 'help') return helpCard(desk.app.person(account)?.name, user)
  if (command.word === 'playbooks') return playbooksCard(desk.app.playbooks())
  if (command.run !== undefined) return runMessage(modelOf(desk.app, command.run))
  return runsCard(desk.app.runs({ limit: 5 }), desk.app.frozen()?.reason)
}
