import type { Message } from './block.ts'
import { note, refusalCard } from './cards.ts'
import type { Command, FreezeCommand, StopCommand } from './command-line.ts'
import { readCommand } from './command-line.ts'
import type { Desk } from './desk.ts'
import { accountOf } from './desk.ts'
import { onDecision } from './on-decision.ts'
import { onRead } from './on-read.ts'
import { onStart, startedCard } from './on-start.ts'
import { lookAgain } from './on-resume.ts'
import { openForm } from './open-form.ts'
import type { CommandPayload } from './payload.ts'
import { code } from './text.ts'

/** Carries out what somebody typed after `/firebreak`; returns what they are told. */
export async function onCommand(desk: Desk, payload: CommandPayload): Promise<Message | undefined> {
  const command = readCommand(payload.text)
  if (command.word === 'misread') return refusalCard({ code: 'usage.bad-arguments', ...command })
  return await carryOut(desk, payload, command)
}

// oxlint-disable-next-line complexity -- one line a word; splitting it would hide the list
async function carryOut(desk: Desk, payload: CommandPayload, command: Command): Promise<Message | undefined> {
  const { user_id: user, team_id: team, trigger_id: trigger, channel_id: channel } = payload
  switch (command.word) {
    case 'menu':
      return await openForm(desk, { trigger, user, team, memory: { channel, mode: 'dry-run' } })
    case 'run':
    case 'plan':
      return await onStart(desk, payload, command)
    case 'approve':
    case 'reject':
      return await onDecision(desk, payload, command)
    case 'freeze':
    case 'thaw':
      return await onFreeze(desk, payload, command)
    case 'cancel':
    case 'resume':
    case 'undo':
      return await onStop(desk, payload, command)
    case 'help':
    case 'playbooks':
    case 'status':
      return await onRead(desk, { user, team }, command)
  }
}

async function onFreeze(desk: Desk, payload: CommandPayload, command: FreezeCommand): Promise<Message> {
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

async function onStop(desk: Desk, payload: CommandPayload, command: StopCommand): Promise<Message> {
  const by = await accountOf(desk, payload.user_id, payload.team_id)
  if (command.word === 'undo') return startedCard(await desk.app.undo(command.run, by))
  if (command.word === 'resume')
    return lookAgain(desk, command.run, { by, reason: command.reason ?? 'look again, from Slack' })
  await desk.app.cancel(command.run, by, command.reason ?? 'cancelled from Slack, no reason given')
  return note(`🚫 Run ${code(command.run)} is being cancelled. Steps under way finish.`)
}
