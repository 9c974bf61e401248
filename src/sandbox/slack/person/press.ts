import type { Given, Placed } from '../inputs.ts'
import { initialValues, placedElements, stateOf, valueKey } from '../inputs.ts'
import { actionEntry, blockSuggestion, messageAction, viewAction } from '../payloads.ts'
import type { Rec } from '../record.ts'
import { record, records, string } from '../record.ts'
import { misuse } from '../refusal.ts'
import type { Channel, Message, User, View } from '../world.ts'
import type { Desk, Outcome } from './desk.ts'
import { onScreen, openDialog, person } from './desk.ts'

/** Where an element is: on a message or in an open view. */
export type Spot = { channel: string; ts: string } | { viewId: string }

/** Which element, and what was chosen in it (nothing for a button). */
export type Act = { actionId: string; blockId?: string; value?: Given }

type Found = { user: User; placed: Placed; key: string } & (
  | { channel: Channel; message: Message; view?: never }
  | { view: View; channel?: never; message?: never }
)

function blocksOf(message: Message): Rec[] {
  return [...(message.blocks ?? []), ...records(message.attachments).flatMap((a) => records(a['blocks']))]
}

function find(desk: Desk, userId: string, at: Spot & Act): Found {
  const user = person(desk.world, userId)
  if ('viewId' in at) {
    const view = openDialog(desk.world, user, at.viewId)
    return { user, view, placed: element(records(view.body['blocks']), at), key: `${view.id} ${at.actionId}` }
  }
  const { channel, message } = onScreen(desk.world, user, at)
  return {
    user,
    channel,
    message,
    placed: element(blocksOf(message), at),
    key: `${message.ts} ${at.actionId}`,
  }
}

function element(blocks: readonly Rec[], { actionId, blockId }: Act): Placed {
  const found = placedElements(blocks).find(
    (p) => p.element['action_id'] === actionId && (blockId === undefined || p.blockId === blockId),
  )
  return (
    found ??
    misuse(`there is no element ${actionId}${blockId === undefined ? '' : ` in block ${blockId}`} there`)
  )
}

/** Presses a button or chooses in a select, radio group, checkbox list, picker or overflow menu. */
export async function act(desk: Desk, userId: string, at: Spot & Act): Promise<Outcome> {
  const found = find(desk, userId, at)
  const action = actionEntry(desk.world, found.placed, choice(desk, found, at.value ?? null))
  const triggerId = desk.triggers.issue(found.user.id)
  const payload =
    found.view === undefined
      ? onMessage(desk, found, { triggerId, action })
      : viewAction(desk.world, found.user, { triggerId, action, view: found.view })
  return await desk.socket.deliver({ type: 'interactive', payload, acceptsResponse: false })
}

function onMessage(
  desk: Desk,
  found: Found & { message: Message },
  parts: { triggerId: string; action: Rec },
): Rec {
  const { user, channel, message } = found
  const responseUrl = desk.urls.issue('actions', { user: user.id, channel, original: message })
  return messageAction(desk.world, user, {
    ...parts,
    channel,
    message,
    responseUrl,
    values: picked(desk, found),
  })
}

/** Remembers what was chosen and returns it in the form of the `actions` entry. */
function choice(desk: Desk, found: Found, value: Given): Rec {
  const { element: chosenIn, blockId } = found.placed
  if (valueKey(chosenIn) === undefined) return {}
  const state = stateOf(chosenIn, value, desk.offered.get(found.key))
  if (state === undefined)
    return misuse(`${string(chosenIn['action_id'])} offers no option ${JSON.stringify(value)}`)
  if (chosenIn['type'] !== 'overflow') {
    const values = found.view === undefined ? picked(desk, found) : found.view.values
    values[blockId] = { ...values[blockId], [string(chosenIn['action_id'])]: state }
  }
  return state
}

/** What this person has chosen on the message so far, for the elements it has now. */
function picked(desk: Desk, found: Found & { message: Message }): Record<string, Rec> {
  const key = `${found.user.id} ${found.message.ts}`
  const values = initialValues(blocksOf(found.message))
  const before = desk.picked.get(key) ?? {}
  for (const [blockId, actions] of Object.entries(values)) {
    for (const actionId of Object.keys(actions)) {
      const kept = before[blockId]?.[actionId]
      if (kept !== undefined) actions[actionId] = kept
    }
  }
  desk.picked.set(key, values)
  return values
}

/** Types into an external select: the app has 3 s to offer options. Too short a query is not sent. */
export async function suggest(
  desk: Desk,
  userId: string,
  at: Spot & Act & { query: string },
): Promise<Rec[]> {
  const found = find(desk, userId, at)
  const least = Number(found.placed.element['min_query_length'] ?? 3)
  if (at.query.length < least) return []
  const { view, message, channel } = found
  const where = view === undefined ? { message, channel } : { view }
  const outcome = await desk.socket.deliver({
    type: 'interactive',
    acceptsResponse: true,
    payload: blockSuggestion(desk.world, found.user, { placed: found.placed, query: at.query, ...where }),
  })
  const answer = record(outcome.ok ? outcome.payload : undefined)
  const groups = records(answer['option_groups']).flatMap((group) => records(group['options']))
  const options = [...records(answer['options']), ...groups].slice(0, 100)
  desk.offered.set(found.key, [...(desk.offered.get(found.key) ?? []), ...options])
  return options
}
