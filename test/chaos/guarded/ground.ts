import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createPeople } from '../../../src/app/people.ts'
import { createLibrary } from '../../../src/bot/library.ts'
import type { BotParts } from '../../../src/bot/parts.ts'
import type { Config } from '../../../src/config/config.ts'
import { parseConfig } from '../../../src/config/load.ts'
import type { Clock, Directory } from '../../../src/core/ports.ts'
import type { Playbook } from '../../../src/playbook/playbook.ts'
import { exploredActions, type World } from '../explore/world.ts'
import { peopleIn } from './cast.ts'
import type { GuardName, Journal } from './journal.ts'
import type { Situation } from './situation.ts'
import type { Turns } from './turns.ts'

/**
 * What a test may take away, to see what happens without it: a guard of the transaction; that it is judged again at the effect
 * who approved (`eligible`), what is changed (`replan`), when (`window`), and what is never touched (`protected`); or that the
 * file knows which accounts are of one person (`persons`).
 */
export type Without = GuardName | 'eligible' | 'replan' | 'window' | 'protected' | 'persons' | undefined

export type Prepared = { readonly config: Config; readonly playbooks: readonly Playbook[] }

/** What every process stands on. */
export type Ground = Prepared & {
  readonly clock: Clock
  readonly turns: Turns
  readonly journal: Journal
  readonly directory: Directory
  readonly world: World
  readonly without: Without
  readonly stopping: AbortSignal
  readonly troubled: (error: unknown) => void
}

/** Thousands of schedules are of the same files. */
const library = createLibrary(exploredActions)
const prepared = new Map<Situation, Map<Without, Prepared>>()

export function prepare(situation: Situation, without: Without): Prepared {
  const known = prepared.get(situation)?.get(without)
  if (known !== undefined) return known
  const text = stringify({
    ...peopleIn(without === 'persons'),
    slack: { botToken: { env: 'BOT' }, appToken: { env: 'APP' }, channel: 'incidents' },
    providers: { aws: { x: {} } },
    ...situation.config,
  })
  const file = join(tmpdir(), 'firebreak.yaml')
  const made = {
    config: parseConfig(text, file, { BOT: 'xoxb-explored', APP: 'xapp-explored' }),
    playbooks: situation.playbooks.map((playbook, i) => library.load(playbook, `playbook-${i}.yaml`)),
  }
  prepared.set(situation, new Map(prepared.get(situation)).set(without, made))
  return made
}

type Shared = Omit<BotParts, 'store' | 'driver' | 'notes'>

/** What one process has of its own, besides the journal. */
export function sharedParts({ config, playbooks, clock, directory, stopping }: Ground): Shared {
  const { useDirectory, ...people } = createPeople({ config, clock, localOwner: false, stopping })
  useDirectory(directory)
  return {
    ...people,
    config,
    actions: exploredActions,
    playbooks: new Map(playbooks.map((playbook) => [playbook.info.name, playbook])),
    library,
    clock,
    skewMs: 0,
    log: { error: () => undefined, info: () => undefined },
    localOwner: false,
    published: () => undefined,
  }
}
