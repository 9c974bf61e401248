import { randomBytes } from 'node:crypto'
import { checkView } from './blocks/blocks.ts'
import { normaliseBlocks } from './blocks/normalise.ts'
import { refuseView } from './blocks/report.ts'
import { initialValues } from './inputs.ts'
import type { Rec } from './record.ts'
import { isRecord, records, string } from './record.ts'
import { invalidArguments, refuse } from './refusal.ts'
import type { View, World } from './world.ts'
import { viewStack } from './world.ts'

const maxStack = 3
const maxBytes = 250_000

function newHash(world: World): string {
  return `${Math.floor(world.clock.now() / 1000)}.${randomBytes(4).toString('hex')}`
}

/** A view payload that Slack would take, normalised. */
export function readView(world: World, value: unknown, type: 'modal' | 'home'): Rec {
  if (!isRecord(value)) return invalidArguments('must provide an object [json-pointer:/view]')
  if (value['type'] !== type)
    return invalidArguments(`unsupported type: ${string(value['type'])} [json-pointer:/view/type]`)
  refuseView(checkView(value, '/view'))
  if (Buffer.byteLength(JSON.stringify(value)) > maxBytes) refuse('view_too_large')
  const body: Rec = { ...value, blocks: normaliseBlocks(value['blocks']) }
  for (const key of ['title', 'submit', 'close']) {
    const text = body[key]
    if (isRecord(text)) body[key] = { emoji: true, ...text }
  }
  return body
}

/** An external_id names one view at a time. */
export function refuseTakenId(world: World, body: Rec, own?: View): void {
  const id = string(body['external_id'])
  const taken = id !== '' && [...world.views.values()].some((v) => v !== own && v.body['external_id'] === id)
  if (taken) refuse('duplicate_external_id')
}

/** Opens a stack for the person. An open one gives way: a client shows one stack of an app at a time. */
export function openView(world: World, user: string, body: Rec): View {
  for (const old of viewStack(world, user)) world.views.delete(old.id)
  const id = world.nextId('V')
  return put(world, { id, user, rootId: id, previousId: null, body }, [])
}

export function pushView(world: World, user: string, body: Rec): View {
  const stack = viewStack(world, user)
  const top = stack.at(-1)
  if (top === undefined) return refuse('not_found')
  if (stack.length >= maxStack) return refuse('push_limit_reached')
  return put(
    world,
    { id: world.nextId('V'), user, rootId: top.rootId, previousId: top.id, body },
    stack.map((v) => v.id),
  )
}

type Start = Pick<View, 'id' | 'user' | 'rootId' | 'previousId' | 'body'>

function put(world: World, start: Start, below: string[]): View {
  const view: View = {
    ...start,
    type: 'modal',
    hash: newHash(world),
    values: initialValues(records(start.body['blocks'])),
  }
  world.views.set(view.id, view)
  world.stacks.set(view.user, [...below, view.id])
  world.changed()
  return view
}

/** Replaces a view's payload; what was typed stays where block_id and action_id are the same. */
export function replaceView(world: World, view: View, body: Rec): void {
  const fresh = initialValues(records(body['blocks']))
  for (const [block, actions] of Object.entries(fresh)) {
    for (const action of Object.keys(actions)) {
      const kept = view.values[block]?.[action]
      if (kept !== undefined) actions[action] = kept
    }
  }
  view.body = body
  view.values = fresh
  view.hash = newHash(world)
  world.changed()
}

/** Takes a view and those above it off its person's stack. */
export function dropView(world: World, view: View): View[] {
  const stack = viewStack(world, view.user)
  const at = stack.findIndex((v) => v.id === view.id)
  const gone = at < 0 ? [] : stack.slice(at)
  for (const v of gone) world.views.delete(v.id)
  world.stacks.set(
    view.user,
    stack.slice(0, Math.max(0, at)).map((v) => v.id),
  )
  world.changed()
  return gone
}

export function publishHome(world: World, user: string, body: Rec): View {
  const known = [...world.views.values()].find((v) => v.type === 'home' && v.user === user)
  if (known !== undefined) {
    replaceView(world, known, body)
    return known
  }
  const id = world.nextId('V')
  const view: View = {
    id,
    user,
    type: 'home',
    body,
    hash: newHash(world),
    rootId: id,
    previousId: null,
    values: {},
  }
  world.views.set(id, view)
  world.changed()
  return view
}
