import { randomInt } from 'node:crypto'
import type { StartRequest } from '../core/app.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Evidence, FactData, NewFact } from '../core/fact.ts'
import type { JsonObject } from '../core/json.ts'
import type { Account, Actor } from '../core/person.ts'
import type { Gate } from '../core/plan.ts'
import { mayDo } from '../policy/authority.ts'
import { actionsOf, type Playbook } from '../playbook/playbook.ts'
import { actorOf, commit, recorded, type BotParts } from './parts.ts'

/** No vowels and no look-alikes: ids are read aloud at night, and never spell a word. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789'

/** Forty bits of chance: short enough to type on a phone. */
export function newRunId(): string {
  return Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

export function playbookNamed({ playbooks }: Pick<BotParts, 'playbooks'>, name: string): Playbook {
  const found = playbooks.get(name)
  if (found) return found
  throw new FirebreakError('playbook.unknown', `There is no playbook ${name.slice(0, 80)}`, {
    remedy: `The playbooks are: ${[...playbooks.keys()].join(', ')}.`,
  })
}

/** Plans, or plans and runs. A refusal is recorded, and nothing is started. */
export async function start(parts: BotParts, request: StartRequest, evidence?: Evidence): Promise<string> {
  const { mode, reason, by } = request
  return recorded(parts, { command: `${mode} ${request.playbook}`, account: by }, async () => {
    mustBeAllowed(parts, request)
    const playbook = playbookNamed(parts, request.playbook)
    const inputs = playbook.parseInputs(request.inputs)
    const actor = actorOf(parts, by)
    return begin(parts, {
      playbook,
      inputs,
      mode,
      actor,
      ...(reason === undefined ? {} : { reason }),
      ...(evidence === undefined ? {} : { evidence }),
    })
  })
}

function mustBeAllowed({ config, localOwner }: BotParts, { by, mode }: StartRequest): void {
  // Access to the socket alone permits what changes nothing (DESIGN section 8).
  if (by.via === 'os' && (mode === 'dry-run' || localOwner)) return
  allow(mode === 'dry-run' ? 'plan' : 'run', by, config)
}

/** Throws `authority.*` unless this account may do this. */
export function allow(verb: Parameters<typeof mayDo>[0], by: Account, config: BotParts['config']): void {
  const permission = mayDo(verb, by, config)
  if (permission.allow) return
  const { code, message, remedy } = permission
  throw new FirebreakError(code, message, { remedy })
}

export type Beginning = {
  readonly playbook: Playbook
  readonly inputs: JsonObject
  readonly mode: 'run' | 'dry-run'
  readonly actor: Actor
  readonly reason?: string
  readonly alert?: string
  readonly gate?: Gate
  readonly undoes?: string
  readonly evidence?: Evidence
}

/** Writes the request of a run and takes it up. */
export async function begin(parts: BotParts, beginning: Beginning): Promise<string> {
  const run = newRunId()
  await commit(parts, { facts: [requestFact(parts, run, beginning)] })
  parts.driver.take(run)
  return run
}

export function requestFact(
  parts: BotParts,
  run: string,
  { playbook, inputs, mode, actor, ...more }: Beginning,
): NewFact {
  const { name, title, digest, because } = playbook.info
  const contracts = Object.fromEntries(
    playbook.steps.flatMap(actionsOf).map(({ name, contract }) => [name, contract]),
  )
  const data: FactData<'run.requested'> = {
    mode,
    playbook: { name, title, digest, text: playbook.text },
    because,
    inputs,
    config: parts.config.digest,
    contracts,
    ...more,
  }
  return { type: 'run.requested', run, n: 0, actor, data }
}
