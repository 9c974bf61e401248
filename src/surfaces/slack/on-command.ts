import type { Message } from './block.ts'
import { note, refusalCard } from './cards.ts'
import type { Command, FreezeCommand, StopCommand, WishCommand } from './command-line.ts'
import { readCommand } from './command-line.ts'
import type { Clicker, Desk } from './desk.ts'
import { accountOf } from './desk.ts'
import { onBreakGlass } from './on-break-glass.ts'
import { onDecision } from './on-decision.ts'
import { onRead } from './on-read.ts'
import { onStart, startedCard } from './on-start.ts'
import { lookAgain } from './on-resume.ts'
import { thaw } from './on-thaw.ts'
import { review, takeBack } from './on-wish.ts'
import { openForm } from './open-form.ts'
import { openReview } from './open-word-form.ts'
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
    case 'withdraw':
    case 'break-glass':
    case 'review':
      return await onWish(desk, payload, command)
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
  const reason = command.reason ?? 'no reason given'
  if (command.word === 'thaw') return await thaw(desk, clicker(payload), reason)
  await desk.app.freeze(await accountOf(desk, payload.user_id, payload.team_id), reason)
  return note('🧊 Frozen: no step may change anything until Firebreak is thawed.')
}

function clicker({ user_id: id, team_id }: CommandPayload): Clicker {
  return { id, team_id }
}

/** What needs words and was typed without them opens the form that asks for them. */
async function onWish(
  desk: Desk,
  payload: CommandPayload,
  { word, run, reason }: WishCommand,
): Promise<Message | undefined> {
  switch (word) {
    case 'withdraw':
      return await takeBack(desk, clicker(payload), { run, reason: reason ?? 'taken back from Slack' })
    case 'review':
      if (reason === undefined) return await openReview(desk, payload.trigger_id, run)
      return await review(desk, clicker(payload), { run, reason })
    case 'break-glass':
      return await onBreakGlass(desk, payload, { run, reason })
  }
}

async function onStop(desk: Desk, payload: CommandPayload, command: StopCommand): Promise<Message> {
  const by = await accountOf(desk, payload.user_id, payload.team_id)
  if (command.word === 'undo') return startedCard(await desk.app.undo(command.run, by))
  if (command.word === 'resume')
    return lookAgain(desk, command.run, { by, reason: command.reason ?? 'look again, from Slack' })
  await desk.app.cancel(command.run, by, command.reason ?? 'cancelled from Slack, no reason given')
  return note(`🚫 Run ${code(command.run)} is being cancelled. Steps under way finish.`)
}
