import type { KnownBlock, ModalView } from '@slack/types'
import { z } from 'zod'
import type { RunView } from '../../core/app.ts'
import { stepOf } from '../../core/plan.ts'
import { context, plainText, section, sections } from './block.ts'
import { modal } from './form.ts'
import { missingWords } from './guardrail-words.ts'
import { callbackIds } from './ids.ts'
import { linesOf, longLine } from './lines.ts'
import type { RunModel } from './summary.ts'
import { summary, tally } from './summary.ts'
import { code, prose } from './text.ts'
import { clock, shortDigest } from './words.ts'

// Forms that ask for words: why somebody acts alone, and what somebody found who has looked at it.

/** What everybody is told, and the review is about. The app asks for as much, by whatever door. */
const SHORTEST_REASON = 10
const LONGEST = 1000

export const WORDS_BLOCK = 'words'
export const WORDS = 'words'

/** What such a form carries: of break-glass, the request and the plan that it shows. */
export const WordMemory = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('break-glass'),
    run: z.string(),
    request: z.string(),
    digest: z.string(),
  }),
  z.strictObject({ kind: z.literal('review'), run: z.string() }),
])
export type WordMemory = z.infer<typeof WordMemory>

export type Waiting = NonNullable<RunView['waitingFor']>

/** Shows what will run, who would have been asked, and that all of them are told, before it asks for the reason. */
export function breakGlassForm(
  { view }: RunModel,
  { request, digest, eligible }: Waiting,
  typed: string | undefined,
): ModalView {
  const { state, playbook } = view
  const memory: WordMemory = { kind: 'break-glass', run: state.id, request, digest }
  const names = eligible.map(({ name }) => prose(name, 60))
  const asked = names.length === 0 ? 'nobody else' : names.slice(0, 20).join(', ')
  const more = names.length > 20 ? ` and ${names.length - 20} more` : ''
  return asks({ title: 'Break-glass', submit: 'Act alone', callback: callbackIds.breakGlass, memory }, [
    section(`🔨 You act alone in run ${code(state.id)} of *${prose(playbook.title, 150)}*.`),
    section(`*What will run* (plan ${code(shortDigest(digest))})`),
    ...covered(view, request),
    section(`*Would be asked*: ${asked}${more}. Missing: ${missingWords(view, 150).join('; ')}.`),
    section(
      '*All of them are told*, with your name and your reason. The run is marked, and a *review is due*: somebody else must look at it before anybody acts alone again.',
    ),
    words({ label: 'Why it cannot wait', min: SHORTEST_REASON, typed }),
  ])
}

const MAX_LINES = 30

/** The lines of the plan that the request asks about. */
function covered(view: RunView, request: string): readonly KnownBlock[] {
  const lines = view.state.approvals.find((approval) => approval.request === request)?.lines ?? {}
  const steps = new Set(Object.keys(lines).flatMap((step) => [step, stepOf(step)]))
  const shown = linesOf(view).filter(({ id, plan }) =>
    steps.size === 0 ? plan?.kind === 'change' || plan?.kind === 'unknown' : steps.has(id),
  )
  const rest = shown.length - MAX_LINES
  return [
    ...sections(shown.slice(0, MAX_LINES).map(longLine)),
    ...(rest > 0 ? [context(`and ${rest} more, in the thread of the run`)] : []),
  ]
}

/** Shows who acted alone, why, and what came of it. */
export function reviewForm(model: RunModel, review: NonNullable<RunView['state']['review']>): ModalView {
  const { view } = model
  const memory: WordMemory = { kind: 'review', run: view.state.id }
  const { by, reason, at } = review
  return asks({ title: 'Review', submit: 'Reviewed', callback: callbackIds.review, memory }, [
    section(`🔨 *${prose(by, 60)}* acted alone at ${clock(at)}: ${prose(reason, 1000)}`),
    section(summary(model)),
    section(`*${tally(view)}*`),
    ...sections(linesOf(view).slice(0, MAX_LINES).map(longLine)),
    words({ label: 'What you found', min: 1, typed: undefined }),
  ])
}

type Head = {
  readonly title: string
  readonly submit: string
  readonly callback: string
  readonly memory: WordMemory
}

function asks({ title, submit, callback, memory }: Head, blocks: readonly KnownBlock[]): ModalView {
  return {
    ...modal(title, blocks),
    callback_id: callback,
    submit: plainText(submit, 24),
    private_metadata: JSON.stringify(memory),
  }
}

type Field = { readonly label: string; readonly min: number; readonly typed: string | undefined }

function words({ label, min, typed }: Field): KnownBlock {
  return {
    type: 'input',
    block_id: WORDS_BLOCK,
    label: plainText(label, 150),
    hint: plainText(min > 1 ? `At least ${min} characters` : 'In a sentence or two', 150),
    element: {
      type: 'plain_text_input',
      action_id: WORDS,
      multiline: true,
      min_length: min,
      max_length: LONGEST,
      ...(typed === undefined ? {} : { initial_value: typed.slice(0, LONGEST).toWellFormed() }),
    },
  } satisfies KnownBlock
}
