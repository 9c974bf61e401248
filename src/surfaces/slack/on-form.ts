import type { ModalView } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import type { Mode } from '../../core/fact.ts'
import type { JsonObject } from '../../core/json.ts'
import type { PlaybookInfo } from '../../core/playbook.ts'
import type { Refusal } from './cards.ts'
import { refusalText } from './cards.ts'
import type { Desk } from './desk.ts'
import { explain, start } from './desk.ts'
import type { FormMemory } from './form.ts'
import { blockOf, MODE, MODE_BLOCK, noticeView, readMemory, startForm } from './form.ts'
import { readValues } from './form-values.ts'
import { type AckForm, answerInTime, type FormAnswer } from './in-time.ts'
import type { FormPayload } from './payload.ts'
import { code, prose } from './text.ts'

type Asked = {
  readonly memory: FormMemory
  readonly playbook: PlaybookInfo
  readonly values: JsonObject
  readonly mode: Mode
}

type Ended = { readonly view: RunView } | { readonly refusal: Refusal }

/** Starts what a form asks for. `ack` answers in time; what comes later is shown in the form by `views.update`. */
export async function onForm(desk: Desk, payload: FormPayload, ack: AckForm): Promise<void> {
  const asked = readAsked(desk, payload)
  if (asked === undefined) {
    const text =
      'This form is outdated: its playbook is no longer loaded. Close it and type /firebreak again.'
    await ack({ response_action: 'update', view: noticeView(text) })
    return
  }
  await answerInTime<Ended>(desk, payload.view.id, {
    work: begin(desk, payload, asked),
    ack,
    answer: (ended) => answerTo(asked, ended),
    late: (ended) => lateView(desk, asked, ended),
  })
}

function readAsked(desk: Desk, { view }: FormPayload): Asked | undefined {
  const memory = readMemory(view.private_metadata)
  const playbook = desk.app.playbooks().find(({ name }) => name === memory?.playbook)
  if (memory === undefined || playbook === undefined) return undefined
  const chosen = view.state?.values[MODE_BLOCK]?.[MODE]?.['selected_option']
  const run = typeof chosen === 'object' && chosen !== null && 'value' in chosen && chosen.value === 'run'
  return { memory, playbook, values: readValues(playbook, view.state), mode: run ? 'run' : 'dry-run' }
}

async function begin(
  desk: Desk,
  { user }: FormPayload,
  { memory, playbook, values, mode }: Asked,
): Promise<Ended> {
  try {
    const request = { playbook: playbook.name, inputs: values, mode, channel: memory.channel }
    return { view: await start(desk, { ...request, user: user.id, team: user.team_id }) }
  } catch (error) {
    return { refusal: explain(desk, error) }
  }
}

/** What is wrong with an input is said at its field; anything else takes the place of the form. */
function answerTo({ playbook }: Asked, ended: Ended): FormAnswer {
  if ('view' in ended) return undefined
  const { refusal } = ended
  if (!refusal.code.startsWith('input.')) {
    return { response_action: 'update', view: noticeView(refusalText(refusal)) }
  }
  const text = `${refusal.message}. ${refusal.remedy}`.slice(0, 400).toWellFormed()
  return { response_action: 'errors', errors: { [blockOf(playbook, refusal.message)]: text } }
}

/** Errors at a field can only be the answer to a submission: later the form comes back with the problem on top. */
function lateView(desk: Desk, { memory, values, mode }: Asked, ended: Ended): ModalView {
  if ('view' in ended) {
    const { id, requested } = ended.view.state
    return noticeView(`✅ Run ${code(id)} of ${prose(requested.playbook.title, 120)} has started.`)
  }
  const problem = refusalText(ended.refusal)
  if (!ended.refusal.code.startsWith('input.')) return noticeView(problem)
  return startForm({ memory: { ...memory, mode }, playbooks: desk.app.playbooks(), values, problem })
}
