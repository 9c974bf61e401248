import type { Given } from '../inputs.ts'
import { clientErrors, isGiven, placedElements, stateOf } from '../inputs.ts'
import { viewClosed, viewSubmission } from '../payloads.ts'
import type { Rec } from '../record.ts'
import { record, records, string } from '../record.ts'
import { misuse, Refusal } from '../refusal.ts'
import { dropView, pushView, readView, replaceView } from '../views.ts'
import type { User, View } from '../world.ts'
import { viewStack } from '../world.ts'
import type { Desk, Failure } from './desk.ts'
import { openDialog, person } from './desk.ts'

/** Values by block_id, then action_id, as a person gives them. */
export type FormValues = Record<string, Record<string, Given>>

export type Submission =
  | { ok: true; next: 'closed' | 'updated' | 'pushed' | 'cleared'; ms: number }
  /** The client or the app found faults; the dialog stays. */
  | { ok: false; error: 'invalid_input'; errors: Record<string, string> }
  | { ok: false; error: Failure; errors: Record<string, string> }

export function isFormValues(value: unknown): value is FormValues {
  const blocks = Object.values(record(value))
  return blocks.every((block) => Object.values(record(block)).every(isGiven))
}

/** Types into a dialog without submitting it. */
export function fill(desk: Desk, userId: string, form: { viewId: string; values: FormValues }): View {
  const view = openDialog(desk.world, person(desk.world, userId), form.viewId)
  for (const { blockId, element } of placedElements(records(view.body['blocks']))) {
    const actionId = string(element['action_id'])
    const given = form.values[blockId]?.[actionId]
    if (given === undefined) continue
    const state = stateOf(element, given, desk.offered.get(`${view.id} ${actionId}`))
    if (state === undefined) return misuse(`${actionId} offers no option ${JSON.stringify(given)}`)
    view.values[blockId] = { ...view.values[blockId], [actionId]: state }
  }
  for (const blockId of Object.keys(form.values)) {
    if (view.values[blockId] === undefined) misuse(`the dialog has no block ${blockId} that takes a value`)
  }
  return view
}

/** Presses a dialog's submit button. Missing and malformed input never reaches the app, as in the real client. */
export async function submit(
  desk: Desk,
  userId: string,
  form: { viewId: string; values: FormValues },
): Promise<Submission> {
  const user = person(desk.world, userId)
  const view = fill(desk, userId, form)
  const errors = clientErrors(records(view.body['blocks']), view.values)
  if (Object.keys(errors).length > 0) return { ok: false, error: 'invalid_input', errors }
  const outcome = await desk.socket.deliver({
    type: 'interactive',
    acceptsResponse: true,
    payload: viewSubmission(desk.world, user, { view, triggerId: desk.triggers.issue(user.id) }),
  })
  if (!outcome.ok) return { ...outcome, errors: {} }
  return follow(desk, { user, view, answer: record(outcome.payload), ms: outcome.ms })
}

type Answered = { user: User; view: View; answer: Rec; ms: number }

/** `response_action` decides what the person sees next; none closes the dialog. */
function follow(desk: Desk, { user, view, answer, ms }: Answered): Submission {
  const { world } = desk
  try {
    switch (answer['response_action']) {
      case undefined:
        dropView(world, view)
        return { ok: true, next: 'closed', ms }
      case 'clear':
        for (const open of viewStack(world, user.id).slice(0, 1)) dropView(world, open)
        return { ok: true, next: 'cleared', ms }
      case 'update':
        replaceView(world, view, readView(world, answer['view'], 'modal'))
        return { ok: true, next: 'updated', ms }
      case 'push':
        pushView(world, user.id, readView(world, answer['view'], 'modal'))
        return { ok: true, next: 'pushed', ms }
      case 'errors':
        return { ok: false, error: 'invalid_input', errors: appErrors(view, answer['errors']) }
      default:
        return { ok: false, error: 'invalid_response', errors: {} }
    }
  } catch (error) {
    // The person sees "We had some trouble connecting"; why is in the inspector.
    if (error instanceof Refusal) return { ok: false, error: 'invalid_response', errors: { '': error.code } }
    throw error
  }
}

/** Errors must name input blocks of the view [documented]; others make the answer unusable. */
function appErrors(view: View, given: unknown): Record<string, string> {
  const inputs = new Set(
    records(view.body['blocks'])
      .filter((block) => block['type'] === 'input')
      .map((block) => string(block['block_id'])),
  )
  const errors = Object.entries(record(given))
  if (errors.length === 0 || errors.some(([block]) => !inputs.has(block))) throw new Refusal('invalid_errors')
  return Object.fromEntries(errors.map(([block, text]) => [block, string(text)]))
}

/** Cancel closes the top view, the cross (`all`) the whole stack. The app hears of it only with notify_on_close. */
export async function close(
  desk: Desk,
  userId: string,
  form: { viewId: string; all?: boolean },
): Promise<void> {
  const { world } = desk
  const user = person(world, userId)
  const view = openDialog(world, user, form.viewId)
  const all = form.all === true || view.body['clear_on_close'] === true
  const bottom = all ? (viewStack(world, user.id)[0] ?? view) : view
  const gone = dropView(world, bottom)
  await Promise.all(
    gone
      .filter((closed) => closed.body['notify_on_close'] === true)
      .map((closed) =>
        desk.socket.deliver({
          type: 'interactive',
          acceptsResponse: false,
          payload: viewClosed(world, user, { view: closed, isCleared: all }),
        }),
      ),
  )
}
