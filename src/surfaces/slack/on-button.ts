import type { Message } from './block.ts'
import { note } from './cards.ts'
import type { Desk } from './desk.ts'
import { accountOf, outcomeCard, provenBy, start } from './desk.ts'
import { detailsView } from './details-view.ts'
import { readMemory, startForm } from './form.ts'
import { readValues } from './form-values.ts'
import { actionIds, decodeShown } from './ids.ts'
import { modelOf } from './model.ts'
import { isAboutContainment, onContainment } from './on-containment.ts'
import { onDone } from './on-done.ts'
import { lookAgain } from './on-resume.ts'
import { startedCard } from './on-start.ts'
import type { ButtonPayload } from './payload.ts'
import { openBreakGlass, openReview } from './open-word-form.ts'
import { showView } from './show-view.ts'
import { takeBack } from './on-wish.ts'
import { thawToo } from './on-thaw.ts'
import { code } from './text.ts'
import { shortDigest } from './words.ts'

/** Carries out what somebody pressed or chose; returns what they, and only they, are told. */
export async function onButton(desk: Desk, payload: ButtonPayload): Promise<Message | undefined> {
  const [action] = payload.actions
  if (action === undefined) return undefined
  const { action_id: id, value = '' } = action
  if (id === actionIds.breakGlass)
    return await openBreakGlass(desk, payload.trigger_id, { shown: decodeShown(value) })
  if (isAboutContainment(id)) return await onContainment(desk, payload, { id, value })
  switch (id) {
    case actionIds.approve:
      return await onDecision(desk, payload, { decision: 'approve', value })
    case actionIds.reject:
      return await onDecision(desk, payload, { decision: 'reject', value })
    case actionIds.done:
      return await onDone(desk, payload, value)
    case actionIds.playbook:
      return await onPlaybook(desk, payload, action.selected_option?.value)
    default:
      return await onRunButton(desk, payload, { id, run: runOf(value) })
  }
}

function runOf(value: string | undefined): string {
  try {
    return decodeURIComponent(value ?? '')
  } catch {
    return ''
  }
}

type Pressed = { readonly decision: 'approve' | 'reject'; readonly value: string }

/**
 * The decision carries the digest that the pressed message showed. A message that is outdated names a request that is
 * over, or a digest that is not that request's; both go to the app as they are, which refuses and records them.
 */
async function onDecision(
  desk: Desk,
  payload: ButtonPayload,
  { decision, value }: Pressed,
): Promise<Message> {
  const shown = decodeShown(value)
  if (shown === undefined) return note('🙅 This button is damaged. Use the newest message of the run.')
  const { approvals } = (await desk.app.run(shown.run)).state
  const digest = approvals.find(({ request }) => request === shown.request)?.digest
  const outcome = await desk.app.decide({
    run: shown.run,
    request: shown.request,
    digest: digest !== undefined && shortDigest(digest) === shown.digest ? digest : shown.digest,
    decision,
    ...(await provenBy(desk, payload.user)),
  })
  return outcomeCard(outcome, decision)
}

/** Of all other buttons the value is one name: of a run, and of a thaw the freeze. */
type RunButton = { readonly id: string; readonly run: string }

async function onRunButton(
  desk: Desk,
  payload: ButtonPayload,
  { id, run }: RunButton,
): Promise<Message | undefined> {
  switch (id) {
    case actionIds.details:
      await showView(desk, payload.trigger_id, async () => detailsView(await modelOf(desk.app, run)))
      return undefined
    case actionIds.cancel: {
      const by = await accountOf(desk, payload.user.id, payload.user.team_id)
      await desk.app.cancel(run, by, 'cancelled by button in Slack')
      return note(`🚫 Run ${code(run)} is being cancelled. Steps under way finish.`)
    }
    case actionIds.resume: {
      const by = await accountOf(desk, payload.user.id, payload.user.team_id)
      return lookAgain(desk, run, { by, reason: 'look again, by button in Slack' })
    }
    case actionIds.withdraw:
      return await takeBack(desk, payload.user, { run, reason: 'taken back by button in Slack' })
    case actionIds.thaw:
      return await thawToo(desk, payload, run)
    case actionIds.review:
      return await openReview(desk, payload.trigger_id, run)
    case actionIds.undo: {
      const by = await accountOf(desk, payload.user.id, payload.user.team_id)
      return startedCard(await desk.app.undo(run, by))
    }
    case actionIds.runThis:
      return await runThis(desk, payload, run)
    default:
      desk.log.info({ action: id.slice(0, 80) }, 'slack action is not ours')
      return undefined
  }
}

/** A real run with the inputs of a dry run, asked for by whoever pressed. */
async function runThis(desk: Desk, payload: ButtonPayload, run: string): Promise<Message> {
  const { state } = await desk.app.run(run)
  const { playbook, inputs } = state.requested
  const channel = payload.channel?.id ?? (await desk.board.where(run))?.channel ?? ''
  const { id: user, team_id: team } = payload.user
  return startedCard(await start(desk, { playbook: playbook.name, inputs, mode: 'run', user, team, channel }))
}

/** In the form another playbook was chosen: its fields replace those of the one before. */
async function onPlaybook(
  desk: Desk,
  { view }: ButtonPayload,
  chosen: string | undefined,
): Promise<undefined> {
  const memory = view === null || view === undefined ? undefined : readMemory(view.private_metadata)
  const playbook = desk.app.playbooks().find(({ name }) => name === chosen)
  if (view === null || view === undefined || memory === undefined || playbook === undefined) return undefined
  const playbooks = desk.app.playbooks()
  const model = {
    memory: { ...memory, playbook: playbook.name },
    playbooks,
    freeze: await desk.app.frozen(),
  }
  const values = readValues(playbook, view.state)
  const updated = await desk.web.updateView(view.id, startForm({ ...model, values }))
  if (!updated.ok) desk.log.warn({ fault: updated.fault }, 'slack form not changed')
  return undefined
}
