import type { UsersInfoResponse } from '@slack/web-api'
import type { Directory } from '../../core/ports.ts'
import type { Standing } from '../../core/person.ts'
import type { Fault, Identity, SlackWeb } from './web.ts'

/** A decision is never taken on what was known longer ago. */
const FRESH_MS = 60_000
const KEPT = 1000

type Options = {
  readonly web: Pick<SlackWeb, 'user' | 'groupMembers'>
  readonly identity: () => Identity | undefined
}

type User = NonNullable<UsersInfoResponse['user']>

/** What Slack says of an account now. When it cannot be asked the answer is `unknown`, and decisions are refused. */
export function createDirectory({ web, identity }: Options): Directory {
  const known = new Map<string, { readonly standing: Standing; readonly at: number }>()
  return {
    standing: async (user) => {
      const cached = known.get(user)
      if (cached !== undefined && performance.now() - cached.at < FRESH_MS) return cached.standing
      const installation = identity()
      if (installation === undefined) return 'unknown'
      const answer = await web.user(user)
      if (!answer.ok) return 'unknown'
      const standing = standingOf(answer.value, installation)
      remember(known, user, standing)
      return standing
    },
    // Who decides by it keeps it for a while (bot/memberships.ts), and knows best for how long.
    members: async (group) => {
      const answer = await web.groupMembers(group)
      return answer.ok ? { members: answer.value } : { unknown: faultWords(answer.fault) }
    },
  }
}

function faultWords(fault: Fault): string {
  switch (fault.kind) {
    case 'refused':
      return fault.error
    case 'limited':
      return 'too many requests'
    case 'lost':
      return fault.why
  }
}

function remember(
  known: Map<string, { readonly standing: Standing; readonly at: number }>,
  user: string,
  standing: Standing,
): void {
  known.delete(user)
  known.set(user, { standing, at: performance.now() })
  const oldest = known.keys().next()
  if (known.size > KEPT && oldest.done !== true) known.delete(oldest.value)
}

/**
 * `is_stranger` alone does not tell external people (it is false for those who share a channel): their team is compared
 * with the installation's. Colleagues of the same Enterprise Grid count as members only when this workspace is theirs.
 */
function standingOf(user: User, installation: Identity): Standing {
  if (user.deleted === true) return 'deactivated'
  if (user.is_bot === true || user.is_connector_bot === true || user.is_workflow_bot === true) return 'bot'
  if (user.is_stranger === true || !belongs(user, installation)) return 'external'
  return user.is_restricted === true || user.is_ultra_restricted === true ? 'guest' : 'member'
}

function belongs(user: User, { team, enterprise }: Identity): boolean {
  if (user.team_id === team) return true
  const grid = user.enterprise_user
  if (enterprise === undefined || grid?.enterprise_id !== enterprise) return false
  return grid.teams?.includes(team) === true
}
