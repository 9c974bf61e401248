import type { DecisionOutcome } from '../../core/app.ts'
import type { Refusal } from './cards.ts'
import { refusalText } from './cards.ts'
import type { Desk } from './desk.ts'
import { explain, provenBy } from './desk.ts'
import { noticeView } from './form.ts'
import { type AckForm, answerInTime, type FormAnswer } from './in-time.ts'
import { alonenessCard, reviewedCard } from './on-wish.ts'
import type { FormPayload } from './payload.ts'
import { WORDS, WORDS_BLOCK, WordMemory } from './word-form.ts'

/** Carries out what a form of words asks for. The app decides again whether it may be, and records where not. */
export async function onWordForm(desk: Desk, payload: FormPayload, ack: AckForm): Promise<void> {
  const memory = readWordMemory(payload.view.private_metadata)
  if (memory === undefined) {
    await ack({ response_action: 'update', view: noticeView('🙅 This form is damaged. Open it again.') })
    return
  }
  await answerInTime<DecisionOutcome>(desk, payload.view.id, {
    work: carryOut(desk, payload, memory),
    ack,
    answer: (ended) => atField(ended) ?? { response_action: 'update', view: viewOf(memory, ended) },
    late: (ended) => viewOf(memory, ended),
  })
}

function readWordMemory(text: string): WordMemory | undefined {
  try {
    return WordMemory.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

async function carryOut(
  desk: Desk,
  { user, view }: FormPayload,
  memory: WordMemory,
): Promise<DecisionOutcome> {
  const held = view.state?.values[WORDS_BLOCK]?.[WORDS]?.['value']
  const reason = typeof held === 'string' ? held.trim() : ''
  try {
    const wish = { run: memory.run, reason, ...(await provenBy(desk, user)) }
    if (memory.kind === 'review') return await desk.app.review(wish)
    const { request, digest } = memory
    return await desk.app.breakGlass({ ...wish, request, digest })
  } catch (error) {
    return { kind: 'refused', ...explain(desk, error) }
  }
}

/** Too short a reason is said at the field, so that what was typed is not lost. */
function atField(outcome: DecisionOutcome): FormAnswer {
  if (outcome.kind !== 'refused' || outcome.code !== 'review.reason-missing') return undefined
  return { response_action: 'errors', errors: { [WORDS_BLOCK]: errorText(outcome) } }
}

function errorText({ message, remedy }: Refusal): string {
  return `${message}. ${remedy}`.slice(0, 400).toWellFormed()
}

function viewOf({ kind, run }: WordMemory, outcome: DecisionOutcome) {
  if (outcome.kind === 'refused') return noticeView(refusalText(outcome))
  const card = kind === 'review' ? reviewedCard(outcome, run) : alonenessCard(outcome, run)
  return noticeView(card.text)
}
