import { nextTime } from '../time.ts'
import { dueAfter } from '../../core/containment.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { Fact, NewFact } from '../../core/fact.ts'
import type { Clock, Notary } from '../../core/ports.ts'
import type { Draft, Entry } from './draft.ts'
import { nameOf } from './waits.ts'

export type Sealer = { readonly notary: Notary; readonly clock: Clock }

type Sealed = { readonly facts: readonly Fact[]; readonly entries: readonly Entry[] }

/** What the log says of now. */
export function timeIn({ time }: Draft, { clock }: Sealer): string {
  return nextTime(time, clock.now())
}

/** Gives facts their place and seals them. Refuses what is out of its order in a run; changes nothing yet. */
export function seal(draft: Draft, facts: readonly NewFact[], { notary, clock }: Sealer): Sealed {
  refuseWhoCameLate(draft, facts)
  const first = draft.tree.size()
  const time = timeIn(draft, { notary, clock })
  const placed = facts.map((fact, i): Fact => ({ ...fact, seq: first + i, time }))
  const entries = placed.map((fact): Entry => {
    const { leaf, hash, salt, data } = notary.seal(fact)
    return { seq: fact.seq, run: fact.run ?? null, n: fact.n ?? null, leaf, hash, salt, data }
  })
  return { facts: placed, entries }
}

/** The fence: a fact of a run has the next number of that run, or somebody else has written meanwhile. */
function refuseWhoCameLate(draft: Draft, facts: readonly NewFact[]): void {
  const next = new Map<string, number>()
  for (const { run, n } of facts) {
    if (run === undefined || n === undefined) continue
    const expected = next.get(run) ?? draft.runs.get(run)?.n ?? 0
    if (n !== expected) {
      throw new FirebreakError('store.fenced', `Run ${run} is at entry ${expected}, not ${n}`, {
        remedy: 'Read the run again and decide anew.',
      })
    }
    next.set(run, n + 1)
  }
}

/** Appends what was sealed, and the rows that follow from it. */
export function append(draft: Draft, { facts, entries }: Sealed, protocol: number): void {
  for (const entry of entries) draft.tree.append(entry.hash)
  draft.entries.push(...entries)
  draft.time = facts.at(-1)?.time ?? draft.time
  for (const fact of facts) {
    countInRun(draft, fact, protocol)
    decide(draft, fact)
    contain(draft, fact)
  }
}

/** What people have decided for all runs, or about one. */
function decide(draft: Draft, fact: Fact): void {
  const { run = '' } = fact
  switch (fact.type) {
    case 'freeze.set':
      freeze(draft, { reason: fact.data.reason, since: fact.time })
      break
    case 'freeze.lifted':
      lift(draft)
      break
    case 'thaw.asked':
      draft.thaws.asked.set(fact.data.person, fact.time)
      break
    case 'approval.bypassed':
      draft.reviews.add(run)
      draft.reviewed.set(run, 'due')
      break
    case 'run.reviewed':
      draft.reviews.delete(run)
      draft.reviewed.set(run, 'done')
      break
    default:
  }
}

/** Who froze last has to be heard: what was said of the one before does not lift it. */
function freeze(draft: Draft, set: NonNullable<Draft['freeze']>): void {
  unsayThaw(draft)
  draft.freeze = set
  draft.freezeChanged = true
}

/** Who has said that a freeze is to be lifted has not said so of the next one. */
function unsayThaw({ thaws }: Draft): void {
  thaws.over = true
  thaws.asked.clear()
}

function contain(draft: Draft, fact: Fact): void {
  const due = dueAfter(fact)
  const { run = '', step = '' } = fact
  if (due !== undefined) draft.containments.set(nameOf({ run, step }), { run, step, due })
}

/** Runs that were put down because of the freeze are woken in the very transaction that lifts it: no crash can lose that. */
function lift(draft: Draft): void {
  draft.freeze = null
  draft.freezeChanged = true
  unsayThaw(draft)
  wakeAll(draft)
}

export function wakeAll(draft: Draft): void {
  draft.wakesOfAll += 1
  for (const row of draft.runs.values()) row.wakes += 1
}

function countInRun(draft: Draft, { run, n, seq, time }: Fact, protocol: number): void {
  if (run === undefined || n === undefined) return
  const row = draft.runs.get(run)
  if (row) row.n = n + 1
  else {
    const fresh = { epoch: 0, holder: null, wakes: 0, rest_n: null, rest_wakes: null, wake_at: null }
    draft.runs.set(run, { ...fresh, run, seq, open: true, requested_at: time, n: n + 1, protocol })
  }
  draft.changedRuns.add(run)
}
