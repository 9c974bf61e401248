import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ActionRegistry } from '../core/action.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Diagnostic } from '../core/playbook.ts'
import { loadPlaybook } from './load.ts'
import type { Playbook } from './playbook.ts'

export type Library = {
  readonly files: readonly string[]
  readonly playbooks: ReadonlyMap<string, Playbook>
  readonly diagnostics: readonly Diagnostic[]
}

/** Loads playbooks from files, and from the `.yaml` files that lie directly in folders. */
export function readPlaybooks(paths: readonly string[], actions: ActionRegistry): Library {
  const files = paths.flatMap(filesIn)
  const playbooks = new Map<string, Playbook>()
  const diagnostics: Diagnostic[] = []
  for (const file of files) {
    const loaded = loadPlaybook(readFileSync(file, 'utf8'), file, actions)
    if (!loaded.ok) {
      diagnostics.push(...loaded.diagnostics)
      continue
    }
    const { name } = loaded.playbook.info
    const other = playbooks.get(name)
    if (other === undefined) playbooks.set(name, loaded.playbook)
    else diagnostics.push(sameName(file, name, other.info.file))
  }
  return { files, playbooks, diagnostics }
}

function sameName(file: string, name: string, other: string): Diagnostic {
  return {
    code: 'playbook.duplicate-name',
    severity: 'error',
    message: `${other} is named ${name} too`,
    remedy: 'Rename one of them.',
    file,
    line: 1,
    column: 1,
    excerpt: '',
  }
}

function filesIn(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path)
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted()
      .map((name) => join(path, name))
  } catch (cause) {
    throw new FirebreakError('playbook.file', `${path} cannot be read`, {
      remedy: 'Name a playbook file or a folder of them.',
      cause,
    })
  }
}
