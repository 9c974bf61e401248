import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { actions } from '../actions/index.ts'
import { lintConfig, outlineConfig } from '../config/load.ts'
import { FirebreakError } from '../core/errors.ts'
import type { CheckContext } from '../playbook/checked.ts'
import { runInfo } from '../playbook/expand/run-action.ts'
import { readPlaybooks, type Library } from '../playbook/folder.ts'
import type { FileCommands } from '../surfaces/cli/deps.ts'
import { auditFiles } from './audit-files.ts'

/** The stock playbooks, in a checkout and in a package alike. */
export const stockPlaybooks = fileURLToPath(new URL('../../playbooks', import.meta.url))

/** Commands that open no store. */
export const files: FileCommands = {
  lint: async (paths) => {
    const configs = paths.filter(isConfig)
    const others = paths.filter((path) => !isConfig(path))
    const wanted = paths.length === 0 ? [stockPlaybooks] : others
    // With several configurations nobody could say which one a playbook is meant for.
    const [config, another] = configs
    const context = config === undefined || another ? undefined : outlineConfig(read(config), config)
    const library = readPlaybooks(wanted, actions, context)
    const inConfigs = configs.flatMap((file) => lintConfig(read(file), file))
    return { files: [...configs, ...library.files], diagnostics: [...inConfigs, ...library.diagnostics] }
  },
  playbookInfos: async (paths) => {
    const library = loadAll(paths.length === 0 ? [stockPlaybooks] : paths)
    return [...library.playbooks.values()].map(({ info }) => info)
  },
  actions: async () => [...Object.values(actions), runInfo].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ...auditFiles,
}

function isConfig(path: string): boolean {
  return /^firebreak.*\.ya?ml$/.test(basename(path))
}

/** Loads playbooks, or throws the first fault with its place. */
export function loadAll(paths: readonly string[], context?: CheckContext): Library {
  const library = readPlaybooks(paths, actions, context)
  const fault = library.diagnostics.find(({ severity }) => severity === 'error')
  if (fault === undefined) return library
  throw new FirebreakError(
    'playbook.refused',
    `${fault.file}:${fault.line}:${fault.column}: ${fault.message}`,
    {
      remedy: fault.remedy,
    },
  )
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new FirebreakError('playbook.file', `${file} cannot be read`, {
      remedy: 'Name a file that exists.',
      cause,
    })
  }
}
