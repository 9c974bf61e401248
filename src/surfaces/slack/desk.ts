import type { DecisionOutcome, Firebreak, RunView, StartRequest } from '../../core/app.ts'
import { isFirebreakError } from '../../core/errors.ts'
import type { Evidence } from '../../core/fact.ts'
import type { Account } from '../../core/person.ts'
import type { Directory } from '../../core/ports.ts'
import type { Message } from './block.ts'
import type { Board } from './board.ts'
import type { Refusal } from './cards.ts'
import { note, refusalCard } from './cards.ts'
import type { Log } from './log.ts'
import { prose } from './text.ts'
import type { Identity, SlackWeb } from './web.ts'

/** What answering people needs. */
export type Desk = {
  readonly app: Firebreak
  readonly web: SlackWeb
  readonly board: Board
  readonly directory: Directory
  readonly identity: Identity
  readonly log: Log
}

/** Answers the person who asked, and nobody else. */
export type Reply = (message: Message) => Promise<void>

/** Who asks: a Slack account and what Slack says of it now. The app decides what it may. */
export async function accountOf(desk: Desk, user: string, team: string | null | undefined): Promise<Account> {
  const standing = await desk.directory.standing(user)
  return { via: 'slack', team: team ?? desk.identity.team, user, standing }
}

/** Who has clicked or typed, as payloads name them. */
export type Clicker = { readonly id: string; readonly team_id?: string | null | undefined }

/** Who asks, and the click as the proof of it. */
export async function provenBy(
  desk: Desk,
  { id, team_id: team }: Clicker,
): Promise<{ readonly by: Account; readonly evidence: Evidence }> {
  const by = await accountOf(desk, id, team)
  return { by, evidence: { kind: 'slack', team: team ?? desk.identity.team, user: id } }
}

export type Starting = Omit<StartRequest, 'by'> & {
  readonly user: string
  readonly team: string | null | undefined
  /** Where it is asked: the run is shown there. */
  readonly channel: string
}

export async function start(desk: Desk, { user, team, channel, ...request }: Starting): Promise<RunView> {
  const by = await accountOf(desk, user, team)
  const { playbook, mode } = request
  return await desk.board.expecting({ user, playbook, mode, channel }, () =>
    desk.app.start({ ...request, by }),
  )
}

/** The refusal in an error. What was not foreseen is logged in full and told in general. */
export function explain(desk: Desk, error: unknown): Refusal {
  if (isFirebreakError(error)) return { code: error.code, message: error.message, remedy: error.remedy }
  desk.log.error(
    { why: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    'slack request failed',
  )
  return {
    code: 'internal.unexpected',
    message: 'This failed for a reason that was not foreseen.',
    remedy: 'Look at “/firebreak status” before you try again; the log of the bot has the details.',
  }
}

/** Runs what somebody asked for; a refusal is an answer. */
export async function answering(
  desk: Desk,
  reply: Reply,
  work: () => Promise<Message | undefined>,
): Promise<void> {
  let message: Message | undefined
  try {
    message = await work()
  } catch (error) {
    message = refusalCard(explain(desk, error))
  }
  if (message !== undefined) await reply(message)
}

export function outcomeCard(outcome: DecisionOutcome, decision: 'approve' | 'reject'): Message {
  switch (outcome.kind) {
    case 'refused':
      return refusalCard(outcome)
    case 'done':
      return note(decision === 'approve' ? '👍 Your approval counts.' : '⛔ Rejected: the run ends here.')
    case 'counted': {
      if (decision === 'reject') return note('⛔ Rejected: the run ends here.')
      const still = outcome.still.map((part) => prose(part, 150)).join('; ')
      return note(
        still === ''
          ? '👍 Your approval counts. Nothing is missing.'
          : `👍 Your approval counts. Still missing: ${still}.`,
      )
    }
  }
}
