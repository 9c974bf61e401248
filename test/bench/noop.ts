import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { createApp, type App } from '../../src/app.ts'
import { parseConfig } from '../../src/config/load.ts'
import { type ActionRegistry, defineEffect } from '../../src/core/action.ts'
import { inverse } from '../../src/core/change.ts'
import { defineProvider } from '../../src/core/provider.ts'
import { createLog } from '../../src/log.ts'
import { makeKey } from '../../src/app/log-key.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'
import type { Playbook } from '../../src/playbook/playbook.ts'

/** A bot whose outside world costs nothing: what is left is Firebreak's own work. */

const nowhere = defineProvider({ name: 'slack', config: z.strictObject({}), connect: async () => ({}) })

/** When each effect was called. */
export const applied: number[] = []

const fields = z.strictObject({ name: z.string().describe('What is switched off') })

const switchOff = defineEffect({
  name: 'slack.switch-off',
  title: 'Switch off nothing',
  effect: 'reversible',
  provider: nowhere,
  contract: 1,
  permissions: { plan: {}, apply: {} },
  input: fields,
  output: fields,
  plan: async ({ name }) => ({
    target: { kind: 'bench', id: `bench:${name}`, name },
    before: { on: true },
    after: { on: false },
    confidence: 'predicted',
    output: { name },
  }),
  apply: async () => void applied.push(performance.now()),
  probe: async () => 'applied',
  deadlineMs: 1000,
  settleMs: 0,
  undo: (_, { input }) => inverse('slack.switch-off', { name: input.name }),
})

const actions: ActionRegistry = { 'slack.switch-off': switchOff }

/** A → (B1 ‖ B2) → C → D, the shape of facts/engine.md §3 without its approval: five effects, each with its whole journal. */
const text = `
name: noop
title: Five effects that do nothing
severity: low
because: drill
inputs:
  name: { type: string, description: Whose }
steps:
  a: { action: slack.switch-off, with: { name: "\${{ inputs.name }}-a" } }
  b1: { action: slack.switch-off, with: { name: "\${{ steps.a.name }}-b1" } }
  b2: { action: slack.switch-off, with: { name: "\${{ steps.a.name }}-b2" } }
  c: { action: slack.switch-off, after: [b1, b2], with: { name: "\${{ inputs.name }}-c" } }
  d: { action: slack.switch-off, after: [c], with: { name: "\${{ inputs.name }}-d" } }
`

/** One effect that waits for an approval. */
const approved = `
name: approved
title: An effect that does nothing, when somebody agrees
severity: low
because: drill
inputs:
  name: { type: string, description: Whose }
steps:
  a: { action: slack.switch-off, with: { name: "\${{ inputs.name }}-a" }, approve: { from: approver, within: 1d } }
`

const people = 'people: [{ id: ann, name: Ann, slack: U0ANN, roles: [approver] }]'

function playbookOf(source: string): Playbook {
  const loaded = loadPlaybook(source, 'noop.yaml', actions)
  if (loaded.ok) return loaded.playbook
  throw new Error(loaded.diagnostics.map(({ message }) => message).join('; '))
}

/** On a journal in this folder, or on PostgreSQL. */
export async function startNoop(folder: string, store?: string): Promise<App> {
  const config = parseConfig(
    store === undefined ? people : `${people}\nstore: ${store}`,
    'firebreak.yaml',
    {},
  )
  if (store !== undefined && !existsSync(join(folder, 'log.key'))) makeKey(folder, config.audit.origin)
  return createApp({
    config,
    actions,
    playbooks: new Map([text, approved].map(playbookOf).map((playbook) => [playbook.info.name, playbook])),
    state: folder,
    clock: { now: Date.now },
    log: createLog('error'),
    localOwner: true,
  })
}
