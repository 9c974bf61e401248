import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { actions } from '../actions/index.ts'
import { createApp, type App } from '../app.ts'
import { loadConfig, parseConfig } from '../config/load.ts'
import type { RunView } from '../core/app.ts'
import { FirebreakError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Account } from '../core/person.ts'
import { isOver, waitingSteps } from '../core/run.ts'
import { createLog } from '../log.ts'
import type { Playbook } from '../playbook/playbook.ts'
import { rehearsalInputs } from '../rehearse/inputs.ts'
import type { OwnerCommands, Rehearsal } from '../surfaces/cli/deps.ts'
import { loadAll, stockPlaybooks } from './files.ts'
import { startWorld, type World } from './world.ts'

/** A rehearsal that has not ended by then is stopped and has not passed. */
const LIMIT_MS = 5 * 60_000

/**
 * Runs whole playbooks against the sandbox, effects, probes and approvals included, and says what happened and how long
 * it took. Scripted people approve: each role of each gate has enough of them.
 */
export const rehearse: OwnerCommands['rehearse'] = async ({ playbooks: names, config, state }, done) => {
  const folders = config === undefined ? [stockPlaybooks] : loadConfig(config).playbooks
  const { playbooks } = loadAll(folders)
  const wanted = names.length === 0 ? [...playbooks.keys()] : names
  const rehearsals: Rehearsal[] = []
  for (const name of wanted) {
    const playbook = playbooks.get(name)
    if (!playbook) throw unknown(name, [...playbooks.keys()])
    // Each in a fresh world: one after the other.
    // oxlint-disable-next-line no-await-in-loop
    const rehearsal = await rehearseOne(playbook, state)
    rehearsals.push(rehearsal)
    done(rehearsal)
  }
  return rehearsals
}

async function rehearseOne(playbook: Playbook, kept: string | undefined): Promise<Rehearsal> {
  const world = await startWorld()
  const state = kept ?? mkdtempSync(join(tmpdir(), 'firebreak-rehearsal-'))
  try {
    const app = await rehearsalApp(playbook, world, state)
    try {
      return await play(app, playbook, rehearsalInputs(playbook.info))
    } finally {
      await app.close()
    }
  } finally {
    await world.close()
    if (kept === undefined) rmSync(state, { recursive: true, force: true })
  }
}

/** Scripted people: a responder who asks, and for each role of a gate as many as the step that asks most people needs. */
function people(playbook: Playbook): object[] {
  const asked = playbook.steps.map(({ approve = [] }) => approve)
  const roles = [...new Set(asked.flat().map(({ from }) => from))]
  const most = Math.max(1, ...asked.map((gates) => gates.reduce((sum, { count }) => sum + count, 0)))
  const approvers = Array.from({ length: most }, (_, i) => ({
    id: `scripted-${i + 1}`,
    name: `Scripted person ${i + 1}`,
    slack: `U0SCRIPT${i + 1}`,
    roles: [...roles, 'approver'],
  }))
  return [{ id: 'drill', name: 'Drill', slack: 'U0DRILL', roles: ['responder'] }, ...approvers]
}

async function rehearsalApp(playbook: Playbook, world: World, state: string): Promise<App> {
  const text = stringify({ people: people(playbook), providers: world.providers })
  const config = parseConfig(text, join(state, 'firebreak.yaml'), world.env)
  const playbooks = new Map([[playbook.info.name, playbook]])
  return createApp({ config, actions, playbooks, state, clock: { now: Date.now }, log: createLog('silent') })
}

const TEAM = 'T0DRILL'

async function play({ firebreak }: App, playbook: Playbook, inputs: JsonObject): Promise<Rehearsal> {
  const began = performance.now()
  const by: Account = { via: 'slack', team: TEAM, user: 'U0DRILL', standing: 'member' }
  const { state } = await firebreak.start({ playbook: playbook.info.name, inputs, mode: 'run', by })
  const view = await follow(firebreak, state.id, began + LIMIT_MS)
  const durationMs = Math.round(performance.now() - began)
  const passed = view.state.status === 'succeeded'
  const note = view.state.problem?.message ?? view.state.reason ?? tooLong(view)
  return { playbook: playbook.info.name, passed, durationMs, view, ...(note === undefined ? {} : { note }) }
}

/** Approves whatever is asked, by one scripted person after the other, until the run is over. */
async function follow(firebreak: App['firebreak'], run: string, until: number): Promise<RunView> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- looked at again and again
    const view = await firebreak.run(run)
    if (isOver(view.state.status) || view.state.status === 'parked' || performance.now() > until) return view
    if (tooLong(view) !== undefined) return view
    const person = view.waitingFor?.eligible[0]
    if (view.waitingFor && person?.slack !== undefined) {
      const { request, digest } = view.waitingFor
      // oxlint-disable-next-line no-await-in-loop -- people decide one after the other
      await firebreak.decide({
        run,
        request,
        digest,
        decision: 'approve',
        by: { via: 'slack', team: TEAM, user: person.slack, standing: 'member' },
        evidence: { kind: 'slack', team: TEAM, user: person.slack },
      })
    } else {
      // oxlint-disable-next-line no-await-in-loop
      await sleep(10)
    }
  }
}

/** Scripted people have no hands, and a rehearsal does not last as long as a wait may. */
function tooLong(view: RunView): string | undefined {
  const [task] = view.byHand ?? []
  if (task !== undefined) return `${task.step} is done by hand, which a rehearsal cannot do`
  const latest = Date.now() + LIMIT_MS
  const wait = waitingSteps(view.state).find(({ waitsUntil = '' }) => Date.parse(waitsUntil) > latest)
  return wait && `${wait.id} waits until ${wait.waitsUntil}, longer than a rehearsal lasts`
}

function unknown(name: string, known: readonly string[]): FirebreakError {
  return new FirebreakError('playbook.unknown', `There is no playbook ${name.slice(0, 80)}`, {
    remedy: `The playbooks are: ${known.join(', ')}.`,
  })
}
