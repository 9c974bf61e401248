import type { NewFact } from '../fact.ts'
import type { Commit, Store } from '../ports.ts'
import { findKnown } from './known.ts'
import { scrubData } from './data.ts'
import { scrub } from './scrub.ts'

/**
 * The journal's door: what is committed holds no secret. Facts of a run's steps are searched for known values only,
 * because what they hold was scrubbed where it came from a provider, before anything was digested (engine/call.ts), and
 * there are many of them; facts in which people and alerts speak are searched for everything.
 */
export function scrubbedStore(store: Store): Store {
  return {
    ...store,
    commit: (commit) => store.commit(scrubCommit(commit)),
    forget: (what, fact) => store.forget(what, scrubFact(fact)),
    settle: (notice, fact) => store.settle(notice, scrubFact(fact)),
    memo: { get: store.memo.get, set: (key, value) => store.memo.set(key, scrubData(value)) },
  }
}

function scrubCommit(commit: Commit): Commit {
  const facts = commit.facts.map(scrubFact)
  if (commit.outbox === undefined) return { ...commit, facts }
  return {
    ...commit,
    facts,
    outbox: commit.outbox.map((notice) => ({ ...notice, text: scrub(notice.text) })),
  }
}

function scrubFact(fact: NewFact): NewFact {
  return fact.step === undefined || holdsKnown(fact) ? scrubData(fact) : fact
}

function holdsKnown(fact: NewFact): boolean {
  let found = false
  findKnown(JSON.stringify(fact), () => {
    found = true
  })
  return found
}
