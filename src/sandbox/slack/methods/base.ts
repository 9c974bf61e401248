import { checkBlocks, checkView } from '../blocks/blocks.ts'
import { structured } from '../blocks/report.ts'
import type { Context, Method } from '../method.ts'
import type { Rec } from '../record.ts'
import { record } from '../record.ts'
import { invalidArguments, refuse } from '../refusal.ts'

export const baseMethods: Record<string, Method> = {
  'api.test': {
    required: [],
    scopes: [],
    token: 'any',
    run: ({ args }) => {
      const given = Object.fromEntries(Object.entries(args.raw).filter(([key]) => key !== 'token'))
      const error = args.text('error')
      return error === undefined ? { args: given } : refuse(error, { args: given })
    },
  },
  'auth.test': {
    required: [],
    scopes: [],
    run: ({ world, origin }) => {
      const { team, app } = world.workspace
      return {
        url: `${origin}/`,
        team: team.name,
        user: app.name,
        team_id: team.id,
        user_id: app.userId,
        bot_id: app.botId,
        is_enterprise_install: false,
      }
    },
  },
  'apps.connections.open': {
    required: [],
    scopes: [],
    token: 'app',
    run: ({ world, socket, origin }) => ({
      url: `${origin.replace(/^http/, 'ws')}/link/?ticket=${socket.ticket()}&app_id=${world.workspace.app.appId}`,
    }),
  },
  'blocks.validate': { required: [], scopes: [], token: 'any', run: validate },
  'bots.info': {
    required: [],
    scopes: ['users:read'],
    run: ({ world, args }) => {
      const { app } = world.workspace
      if ((args.text('bot') ?? app.botId) !== app.botId) refuse('bot_not_found')
      return {
        bot: {
          id: app.botId,
          deleted: false,
          name: app.name,
          updated: 1_700_000_000,
          app_id: app.appId,
          user_id: app.userId,
          icons: {},
        },
      }
    },
  },
  'team.info': {
    required: [],
    scopes: ['team:read'],
    run: ({ world }) => {
      const { team } = world.workspace
      return { team: { ...team, email_domain: '', icon: { image_default: true } } }
    },
  },
}

/** Exactly one of blocks, message, view. */
function validate({ args }: Context): Rec {
  const given = ['blocks', 'message', 'view'].filter((name) => args.has(name))
  if (given.length !== 1) invalidArguments('must provide exactly one of `blocks`, `view`, or `message`')
  const value = args.json(given[0] ?? 'blocks', 'invalid_arguments')
  const [issues, error] =
    given[0] === 'blocks'
      ? [checkBlocks(value, 'message'), 'invalid_blocks']
      : given[0] === 'view'
        ? [checkView(value), 'invalid_view']
        : [checkBlocks(record(value)['blocks'] ?? [], 'message', '/blocks'), 'invalid_message']
  return issues.length === 0 ? {} : refuse(error, { errors: structured(issues) })
}
