import type { Context, Method } from '../method.ts'
import { paginate } from '../method.ts'
import type { Rec } from '../record.ts'
import { refuse } from '../refusal.ts'
import { wireUser } from '../wire.ts'
import type { UserGroupSeed } from '../workspace.ts'

export const peopleMethods: Record<string, Method> = {
  'users.info': {
    required: ['user'],
    scopes: ['users:read'],
    run: ({ world, args }) => {
      const user = world.users.get(args.need('user'))
      return user === undefined ? refuse('user_not_found') : { user: wireUser(world, user) }
    },
  },
  'users.list': {
    required: [],
    scopes: ['users:read'],
    run: (context) => {
      const { page, next } = paginate([...context.world.users.values()], context, 1000)
      return {
        members: page.map((user) => wireUser(context.world, user)),
        cache_ts: Math.floor(context.world.clock.now() / 1000),
        response_metadata: { next_cursor: next },
      }
    },
  },
  'users.lookupByEmail': {
    required: ['email'],
    scopes: ['users:read.email'],
    run: ({ world, args }) => {
      const email = args.need('email').toLowerCase()
      const user = [...world.users.values()].find(
        (u) => u.email?.toLowerCase() === email && u.deleted !== true,
      )
      return user === undefined ? refuse('users_not_found') : { user: wireUser(world, user) }
    },
  },
  'usergroups.list': {
    required: [],
    scopes: ['usergroups:read'],
    run: (context) => {
      paidPlan(context)
      const withDisabled = context.args.flag('include_disabled')
      const groups = [...context.world.groups.values()].filter((g) => withDisabled || g.disabled !== true)
      return { usergroups: groups.map((group) => wireGroup(context, group)) }
    },
  },
  'usergroups.users.list': {
    required: ['usergroup'],
    scopes: ['usergroups:read'],
    run: (context) => {
      paidPlan(context)
      const group = context.world.groups.get(context.args.need('usergroup'))
      if (group === undefined) return refuse('no_such_subteam')
      if (group.disabled === true && !context.args.flag('include_disabled')) return refuse('no_such_subteam')
      return { users: group.users }
    },
  },
}

function paidPlan({ world }: Context): void {
  if (world.workspace.plan === 'free') refuse('plan_upgrade_required')
}

function wireGroup({ world, args }: Context, group: UserGroupSeed): Rec {
  const creator = world.workspace.users[0]?.id ?? ''
  return {
    id: group.id,
    team_id: world.workspace.team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_create: 1_700_000_000,
    date_update: 1_700_000_000,
    date_delete: group.disabled === true ? 1_700_000_000 : 0,
    auto_type: null,
    created_by: creator,
    updated_by: creator,
    deleted_by: group.disabled === true ? creator : null,
    prefs: { channels: [], groups: [] },
    ...(args.flag('include_users') ? { users: group.users } : {}),
    ...(args.flag('include_count') ? { user_count: String(group.users.length) } : {}),
  }
}
