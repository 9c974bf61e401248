import type { ActionRegistry } from '../core/action.ts'
import type { RunState } from '../core/run.ts'
import { reloadPlaybook } from '../playbook/load.ts'
import type { Playbook } from '../playbook/playbook.ts'

export type Library = {
  /** A text that loaded once, as a playbook again. Throws `playbook.refused` when it no longer loads. */
  readonly load: (text: string, file: string) => Playbook
}

/** The playbook as this run has it, which need not be the one in the folder now. Throws when it no longer loads. */
export function keptPlaybook({ library }: { readonly library: Library }, { requested }: RunState): Playbook {
  const { name, text } = requested.playbook
  return library.load(text, `${name}.yaml`)
}

/** So that a process that lives for months does not keep every playbook that ever ran. */
const MAX_KEPT = 200

/** Every run carries its playbook's text; the same text is checked once. */
export function createLibrary(actions: ActionRegistry): Library {
  const kept = new Map<string, Playbook>()
  return {
    load: (text, file) => {
      const key = `${file}\n${text}`
      const known = kept.get(key)
      if (known) return known
      const playbook = reloadPlaybook(text, file, actions)
      if (kept.size >= MAX_KEPT) kept.clear()
      kept.set(key, playbook)
      return playbook
    },
  }
}
