import type { KnownBlock, ModalView, PlainTextOption } from '@slack/types'
import { z } from 'zod'
import type { JsonObject } from '../../core/json.ts'
import { Mode } from '../../core/fact.ts'
import type { InputType, PlaybookInfo } from '../../core/playbook.ts'
import type { Freeze } from '../../core/ports.ts'
import { context, plainText, section } from './block.ts'
import { defaultOf, fields, fieldId } from './form-fields.ts'
import { actionIds, callbackIds } from './ids.ts'
import { code, count, prose } from './text.ts'
import { frozenText } from './thaw-message.ts'

/** What a form carries from its opening to its submission. */
export const FormMemory = z.strictObject({
  /** Where the command was typed: the run is shown there. */
  channel: z.string(),
  playbook: z.string().optional(),
  mode: Mode,
})
export type FormMemory = z.infer<typeof FormMemory>

export const MODE_BLOCK = 'mode'
export const MODE = 'mode'

export function readMemory(text: string): FormMemory | undefined {
  try {
    return FormMemory.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Opened at once, because a trigger lives for 3 s; the real content follows by `views.update`. */
export function loadingView(): ModalView {
  return modal('Firebreak', [section('⏳ One moment…')])
}

/** Says something in the place of a form or a list. */
export function noticeView(text: string): ModalView {
  return modal('Firebreak', [section(text)])
}

export function modal(title: string, blocks: readonly KnownBlock[]): ModalView {
  return {
    type: 'modal',
    title: plainText(title, 24),
    close: plainText('Close', 24),
    blocks: blocks.slice(0, 100),
  }
}

export type FormModel = {
  readonly memory: FormMemory
  readonly playbooks: readonly PlaybookInfo[]
  /** What was typed so far. */
  readonly values?: JsonObject
  /** Escaped text about why the last attempt did not start. */
  readonly problem?: string
  readonly freeze?: Freeze | undefined
}

/** The typed form: choose a playbook, give its inputs, choose dry run or run. */
export function startForm(model: FormModel): ModalView {
  const { memory, playbooks, problem, freeze } = model
  const chosen = playbooks.find(({ name }) => name === memory.playbook)
  const base = {
    ...modal('Firebreak', []),
    callback_id: callbackIds.start,
    private_metadata: JSON.stringify(memory),
  }
  const top = [
    ...(problem === undefined ? [] : [section(problem)]),
    ...(freeze === undefined ? [] : [section(frozenText(freeze))]),
    ...chooser(playbooks, chosen),
  ]
  if (chosen === undefined) return { ...base, blocks: top }
  const asked = [...top, about(chosen), ...fields(chosen, model.values ?? {}), modeField(memory.mode)]
  return { ...base, submit: plainText('Start', 24), blocks: asked.slice(0, 100) }
}

/** Slack takes 100 options; the rest can still be started by name. */
function chooser(
  playbooks: readonly PlaybookInfo[],
  chosen: PlaybookInfo | undefined,
): readonly KnownBlock[] {
  if (playbooks.length === 0) return [section('No playbook is loaded, so there is nothing to start.')]
  const shown = playbooks.slice(0, 100)
  const offered = shown.filter(({ name }) => name.length <= 75).map(label)
  return [
    {
      type: 'section',
      block_id: 'playbook',
      text: { type: 'mrkdwn', text: '*Playbook*', verbatim: true },
      accessory: {
        type: 'static_select',
        action_id: actionIds.playbook,
        placeholder: plainText('Choose a playbook', 150),
        options: offered,
        ...(chosen !== undefined && shown.includes(chosen) ? { initial_option: label(chosen) } : {}),
      },
    },
    ...(playbooks.length > shown.length
      ? [context(`${playbooks.length - shown.length} more: type their name`)]
      : []),
  ] satisfies KnownBlock[]
}

function label({ name, title }: PlaybookInfo): PlainTextOption {
  return { text: plainText(`${title} (${name})`, 75), value: name }
}

/** A modal's title has 24 characters, so the playbook's own title is in the body. */
function about(playbook: PlaybookInfo): KnownBlock {
  const effects = playbook.steps.filter(({ effect }) => effect === 'reversible' || effect === 'irreversible')
  const names = effects.slice(0, 8).map(({ title }) => prose(title, 80))
  const more = effects.length > 8 ? ` and ${effects.length - 8} more` : ''
  const does =
    effects.length === 0
      ? 'changes nothing'
      : `${count(effects.length, 'effect')}: ${names.join('; ')}${more}`
  return section(
    `*${prose(playbook.title, 150)}* (severity ${playbook.severity})\n${code(playbook.name)} — ${does}`,
  )
}

const modes = {
  'dry-run': { text: plainText('Dry run: show the plan, change nothing', 75), value: 'dry-run' },
  run: { text: plainText('Run: plan, get approval, act', 75), value: 'run' },
} as const satisfies { readonly [mode in Mode]: PlainTextOption }

function modeField(mode: Mode): KnownBlock {
  return {
    type: 'input',
    block_id: MODE_BLOCK,
    label: plainText('What to do', 150),
    element: {
      type: 'radio_buttons',
      action_id: MODE,
      options: [modes['dry-run'], modes.run],
      initial_option: modes[mode],
    },
  } satisfies KnownBlock
}

/** The block to show a refusal at: that of the input its message names first, else the choice of what to do. */
export function blockOf(playbook: PlaybookInfo, message: string): string {
  const first = message.split(/[^A-Za-z0-9_]+/).find((word) => Object.hasOwn(playbook.inputs, word))
  return first === undefined ? MODE_BLOCK : fieldId(playbook.name, first)
}

/** True when a playbook cannot start without being asked something. */
export function needsForm(playbook: PlaybookInfo, inputs: JsonObject): boolean {
  return Object.keys(inputs).length === 0 && Object.values(playbook.inputs).some(isRequired)
}

function isRequired(type: InputType): boolean {
  return defaultOf(type) === undefined
}
