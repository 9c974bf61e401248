import type { Context, Method } from '../method.ts'
import type { Rec } from '../record.ts'
import { invalidArguments, refuse } from '../refusal.ts'
import { openView, publishHome, pushView, readView, refuseTakenId, replaceView } from '../views.ts'
import { wireView } from '../wire.ts'
import type { View } from '../world.ts'

export const viewMethods: Record<string, Method> = {
  'views.open': {
    required: ['view'],
    scopes: [],
    run: (context) => {
      const body = fresh(context)
      const user = context.triggers.exchange(context.args.text('trigger_id'))
      return { view: untouched(context, openView(context.world, user, body)) }
    },
  },
  'views.push': {
    required: ['view'],
    scopes: [],
    run: (context) => {
      const body = fresh(context)
      const user = context.triggers.exchange(context.args.text('trigger_id'))
      return { view: untouched(context, pushView(context.world, user, body)) }
    },
  },
  'views.update': { required: ['view'], scopes: [], run: update },
  'views.publish': {
    required: ['user_id', 'view'],
    scopes: [],
    run: (context) => {
      const { world, args } = context
      const user = world.users.get(args.need('user_id'))
      if (user === undefined) return invalidArguments('user_not_found [json-pointer:/user_id]')
      const known = [...world.views.values()].find((v) => v.type === 'home' && v.user === user.id)
      refuseStale(context, known)
      return { view: wireView(world, publishHome(world, user.id, given(context, 'home'))) }
    },
  },
}

function fresh(context: Context): Rec {
  const body = given(context, 'modal')
  refuseTakenId(context.world, body)
  return body
}

/** The answer to open and push shows an empty state [documented example]. */
function untouched({ world }: Context, view: View): Rec {
  return { ...wireView(world, view), state: { values: {} } }
}

function given({ world, args }: Context, type: 'modal' | 'home'): Rec {
  return readView(world, args.json('view', 'invalid_arguments'), type)
}

function update(context: Context): Rec {
  const { world, args } = context
  const id = args.text('view_id')
  const external = args.text('external_id')
  if (id === undefined && external === undefined) return invalidArguments('missing required field: view_id')
  const view = [...world.views.values()].find(
    (v) => v.id === id || v.body['external_id'] === (external ?? null),
  )
  if (view === undefined) return refuse('not_found')
  refuseStale(context, view)
  const body = given(context, view.type)
  refuseTakenId(world, body, view)
  replaceView(world, view, body)
  return { view: wireView(world, view) }
}

function refuseStale({ args }: Context, view: View | undefined): void {
  const hash = args.text('hash')
  if (hash !== undefined && view !== undefined && hash !== view.hash) refuse('hash_conflict')
}
