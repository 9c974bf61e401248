import type { ActionRegistry } from '../core/action.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Fact, NewFact } from '../core/fact.ts'
import type { Account, Actor } from '../core/person.ts'
import type { Clock, Commit, Store } from '../core/ports.ts'
import type { RunState } from '../core/run.ts'
import { scrubField } from '../core/scrub/scrub.ts'
import type { Config } from '../config/config.ts'
import type { Driver } from '../engine/driver.ts'
import { personOf } from '../policy/person.ts'
import type { Playbook } from '../playbook/playbook.ts'
import type { Authorities } from './authority.ts'
import type { Library } from './library.ts'
import type { Standings } from './standings.ts'

export type Log = {
  readonly error: (data: object, message: string) => void
  readonly info: (data: object, message: string) => void
}

/** Everything a use case needs, as values. `app.ts` makes it. */
export type BotParts = {
  readonly config: Config
  readonly actions: ActionRegistry
  readonly playbooks: ReadonlyMap<string, Playbook>
  readonly library: Library
  readonly store: Store
  readonly driver: Driver
  readonly standings: Standings
  readonly authorities: Authorities
  readonly clock: Clock
  /** How far apart the clocks of processes that share the journal may be. */
  readonly skewMs: number
  readonly log: Log
  /** `run --local`: whoever may open the state folder may start a run, and approve nothing. */
  readonly localOwner: boolean
  readonly published: (facts: readonly Fact[]) => void
  /** What people must know of a run besides its state. */
  readonly notes: (run: RunState) => Promise<readonly string[]>
}

/** Writes facts that concern no single run's state, or begin one, and tells the surfaces. */
export async function commit({ store, published }: BotParts, draft: Commit): Promise<readonly Fact[]> {
  const facts = await store.commit(draft)
  published(facts)
  return facts
}

/** An account as the log names it, with the person where one is bound. */
export function actorOf({ config }: Pick<BotParts, 'config'>, account: Account): Actor {
  const person = personOf(account, config.people)
  return { kind: 'account', account, ...(person ? { person: person.id } : {}) }
}

/**
 * What outsiders sent, short enough for the log; it holds no half characters, such as a cut may leave, and no half of a
 * secret, which nobody would recognise any more.
 */
export function cut(text: string, length: number): string {
  const whole = text.length <= length ? text : scrubField(text)
  return whole.slice(0, length).toWellFormed()
}

type Attempt = { readonly command: string; readonly account: Account }

/** Does it, or records who wanted what and why it was refused (P13). A journal that cannot be written records nothing. */
export async function recorded<T>(parts: BotParts, attempt: Attempt, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FirebreakError && !error.code.startsWith('store.'))
      await refuse(parts, { ...attempt, error })
    throw error
  }
}

export async function refuse(
  parts: BotParts,
  refused: Attempt & { error: { code: string; message: string } },
): Promise<void> {
  const { command, account, error } = refused
  const fact: NewFact = {
    type: 'command.refused',
    actor: actorOf(parts, account),
    data: { command: cut(command, 200), code: error.code, message: cut(error.message, 1000) },
  }
  await commit(parts, { facts: [fact] })
}
