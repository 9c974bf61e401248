import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { actions, toText } from '../../../src/index.ts'
import { loadPlaybook } from '../../../src/playbook/load.ts'
import type { Playbook } from '../../../src/playbook/playbook.ts'
import { twins } from './twins.ts'

const folder = join(import.meta.dirname, '../../../playbooks')
const stock = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

function load(text: string, file: string): Playbook {
  const loaded = loadPlaybook(text, file, actions)
  if (loaded.ok) return loaded.playbook
  throw new Error(loaded.diagnostics.map(({ line, message }) => `${file}:${line} ${message}`).join('\n'))
}

const made = Object.values(twins).map((twin) => load(toText(twin), 'made.yaml'))

/** All that a step is, but its functions. */
const shown = (steps: Playbook['steps']) =>
  steps.map((step) => ({
    ...step,
    action: step.action.name,
    when: step.when !== undefined,
    items: step.items !== undefined,
    input: undefined,
  }))

describe('a playbook in TypeScript', () => {
  it('exists for every stock playbook', () => {
    expect(made.map(({ info }) => `${info.name}.yaml`).toSorted()).toEqual(stock.toSorted())
  })

  it.each(made)('gives the graph of $info.name.yaml', ({ info, steps }) => {
    const file = `${info.name}.yaml`
    const yaml = load(readFileSync(join(folder, file), 'utf8'), file)
    // Steps with their needs, conditions and approvals; inputs; the digest of the canonical document.
    expect({ ...info, file }).toEqual(yaml.info)
    expect(shown(steps)).toEqual(shown(yaml.steps))
  })
})
