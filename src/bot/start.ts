import { randomInt } from 'node:crypto'
import type { StartRequest } from '../core/app.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Evidence, FactData, NewFact } from '../core/fact.ts'
import type { JsonObject } from '../core/json.ts'
import type { Account, Actor } from '../core/person.ts'
import type { Gate } from '../core/plan.ts'
import { mayDo } from '../policy/authority.ts'
import {
  type Asked,
  type Asker,
  decide as judge,
  gatesOf,
  pointWords,
  sourceWords,
} from '../policy/decision.ts'
import type { Point } from '../policy/rules.ts'
import { actionsOf, type Playbook } from '../playbook/playbook.ts'
import { actorOf, commit, cut, recorded, type BotParts } from './parts.ts'
import { pointsOf } from './points.ts'

/** No vowels and no look-alikes: ids are read aloud at night, and never spell a word. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789'

/** Forty bits of chance: short enough to type on a phone. */
export function newRunId(): string {
  return Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

export function playbookNamed({ playbooks }: Pick<BotParts, 'playbooks'>, name: string): Playbook {
  const found = playbooks.get(name)
  if (found) return found
  throw new FirebreakError('playbook.unknown', `There is no playbook ${cut(name, 80)}`, {
    remedy: `The playbooks are: ${[...playbooks.keys()].join(', ')}.`,
  })
}

/** Plans, or plans and runs. A refusal is recorded, and nothing is started. */
export async function start(parts: BotParts, request: StartRequest, evidence?: Evidence): Promise<string> {
  const { mode, reason, by } = request
  return recorded(parts, { command: `${mode} ${request.playbook}`, account: by }, async () => {
    const gates = await mustBeAllowed(parts, request)
    const playbook = playbookNamed(parts, request.playbook)
    const inputs = playbook.parseInputs(request.inputs)
    const actor = actorOf(parts, by)
    return begin(parts, {
      playbook,
      inputs,
      mode,
      actor,
      ...(gates.length === 0 ? {} : { gates }),
      ...(reason === undefined ? {} : { reason }),
      ...(evidence === undefined ? {} : { evidence }),
    })
  })
}

/** Who must agree to which of its steps. Throws `authority.*` unless this account may ask for all of it. */
async function mustBeAllowed(
  parts: BotParts,
  { by, mode, playbook: name }: StartRequest,
): Promise<readonly Gate[]> {
  // Access to the socket alone permits what changes nothing (DESIGN section 8).
  if (by.via === 'os' && mode === 'dry-run') return []
  const playbook = parts.playbooks.get(name)
  const points = playbook === undefined ? [] : pointsOf(parts, playbook)
  if (by.via === 'os' && parts.localOwner) return startedBy(parts, { kind: 'owner' }, points)
  return allow(parts, by, { verb: mode === 'dry-run' ? 'plan' : 'run', points })
}

/** Throws `authority.*` unless this account may do this. Who must agree to which steps, where it is a run. */
export async function allow(parts: BotParts, by: Account, asked: Asked): Promise<readonly Gate[]> {
  await parts.authorities.refresh()
  const permission = mayDo(asked, by, parts.authorities.now())
  if (permission.allow) return permission.gates
  const { code, message, remedy } = permission
  throw new FirebreakError(code, message, { remedy })
}

/** The same for what no person starts: it acts with what the configuration gives it, and asks about the rest. */
export function startedBy(parts: BotParts, asker: Asker, points: readonly Point[]): readonly Gate[] {
  const verdict = judge(parts.authorities.now(), asker, { verb: 'run', points })
  if (verdict.outcome !== 'deny') return gatesOf(verdict)
  const what = asker.kind === 'route' ? `route ${asker.name}` : 'whoever may open the state folder'
  const why = `${what} may not run ${pointWords(verdict.point)}: ${sourceWords(verdict.by)} lets nobody`
  throw new FirebreakError('authority.route', why, { remedy: 'Change the rule, or run another playbook.' })
}

export type Beginning = {
  readonly playbook: Playbook
  readonly inputs: JsonObject
  readonly mode: 'run' | 'dry-run'
  readonly actor: Actor
  readonly gates?: readonly Gate[]
} & Pick<
  FactData<'run.requested'>,
  'reason' | 'alert' | 'route' | 'gate' | 'origin' | 'undoes' | 'expects' | 'stays' | 'expiry' | 'evidence'
>

/** Writes the request of a run and takes it up. */
async function begin(parts: BotParts, beginning: Beginning): Promise<string> {
  const run = newRunId()
  await commit(parts, { facts: [requestFact(parts, run, beginning)] })
  parts.driver.take(run)
  return run
}

export function requestFact(
  parts: BotParts,
  run: string,
  { playbook, inputs, mode, actor, gates, ...more }: Beginning,
): NewFact {
  const { name, title, digest, because, severity } = playbook.info
  const contracts = Object.fromEntries(
    playbook.steps.flatMap(actionsOf).map(({ name, contract }) => [name, contract]),
  )
  const data: FactData<'run.requested'> = {
    mode,
    playbook: { name, title, digest, text: playbook.text },
    because,
    severity,
    inputs,
    ...(gates === undefined ? {} : { gates: [...gates] }),
    config: parts.config.digest,
    contracts,
    ...more,
  }
  return { type: 'run.requested', run, n: 0, actor, data }
}
