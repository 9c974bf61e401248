import type { ActionRegistry } from '../../../src/core/action.ts'
import { stringify } from 'yaml'
import type { Diagnostic } from '../../../src/core/playbook.ts'
import { calleesIn, loadPlaybookIn, type Loaded } from '../../../src/playbook/load.ts'
import type { Playbook } from '../../../src/playbook/playbook.ts'

const head = { severity: 'low', because: 'drill' }

/** The text of a playbook of a few steps. */
export function playbookText(name: string, body: object): string {
  return stringify({ name, title: name, ...head, ...body }, { aliasDuplicateObjects: false, lineWidth: 0 })
}

export type Texts = { readonly [name: string]: string }

/** Loads one of several playbooks as a folder would. */
export function loadOf(texts: Texts, name: string, actions: ActionRegistry): Loaded {
  const context = {}
  const callees = calleesIn({ actions, context, find: (wanted) => texts[wanted] })
  return loadPlaybookIn(texts[name] ?? '', `${name}.yaml`, { actions, context, callees })
}

export function whole(texts: Texts, name: string, actions: ActionRegistry): Playbook {
  const loaded = loadOf(texts, name, actions)
  if (loaded.ok) return loaded.playbook
  throw new Error(loaded.diagnostics.map(shown).join('\n'))
}

/** `code line:column`, as the corpus of broken playbooks has it. */
export function faultsOf(texts: Texts, name: string, actions: ActionRegistry): string[] {
  const loaded = loadOf(texts, name, actions)
  return (loaded.ok ? [] : loaded.diagnostics).map(({ code, line, column }) => `${code} ${line}:${column}`)
}

function shown({ code, file, line, column, message, excerpt }: Diagnostic): string {
  return `${code} ${file}:${line}:${column}: ${message}\n${excerpt}`
}

/** An input of any text. */
export const text = { type: 'string', description: 'Some text' } as const
