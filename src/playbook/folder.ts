import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ActionRegistry } from '../core/action.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Diagnostic } from '../core/playbook.ts'
import type { CheckContext } from './checked.ts'
import { parseYaml } from '../core/yaml.ts'
import { isObject } from './json.ts'
import { calleesIn, loadPlaybookIn } from './load.ts'
import type { Playbook } from './playbook.ts'

export type Library = {
  readonly files: readonly string[]
  readonly playbooks: ReadonlyMap<string, Playbook>
  readonly diagnostics: readonly Diagnostic[]
}

/** Loads playbooks from files, and from the `.yaml` files that lie directly in folders. */
export function readPlaybooks(
  paths: readonly string[],
  actions: ActionRegistry,
  context: CheckContext = {},
): Library {
  const files = paths.flatMap(filesIn)
  const playbooks = new Map<string, Playbook>()
  const diagnostics: Diagnostic[] = []
  const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))
  const callees = calleesIn({ actions, context, find: finder(texts) })
  for (const [file, text] of texts) {
    const means = { actions, context: { ...context, onDisk: true }, callees }
    const loaded = loadPlaybookIn(text, file, means)
    diagnostics.push(...(loaded.ok ? loaded.warnings : loaded.diagnostics))
    if (!loaded.ok) continue
    const { name } = loaded.playbook.info
    const other = playbooks.get(name)
    if (other === undefined) playbooks.set(name, loaded.playbook)
    else diagnostics.push(sameName(file, name, other.info.file))
  }
  return { files, playbooks, diagnostics }
}

/** Playbooks that others run are found by name among the files, and beside them: a playbook lies in the file of its name. */
function finder(texts: ReadonlyMap<string, string>): (name: string) => string | undefined {
  // Made when the first one asks: most folders have none.
  let byName: ReadonlyMap<string | undefined, string> | undefined
  const folders = new Set([...texts.keys()].map((file) => dirname(file)))
  return (name) => {
    byName ??= new Map([...texts].toReversed().map(([file, text]) => [nameIn(text, file), text]))
    const known = byName.get(name)
    if (known !== undefined || !/^[a-z][a-z0-9-]*$/.test(name)) return known
    const beside = [...folders].map((folder) => join(folder, `${name}.yaml`)).find((file) => existsSync(file))
    return beside === undefined ? undefined : readFileSync(beside, 'utf8')
  }
}

function nameIn(text: string, file: string): string | undefined {
  const yaml = parseYaml(text, file)
  const name = yaml.ok && isObject(yaml.value) ? yaml.value['name'] : undefined
  return typeof name === 'string' ? name : undefined
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
