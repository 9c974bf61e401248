import type { Fact } from '../../core/fact.ts'
import type { Guards } from '../../core/ports.ts'
import { consequencesOf, type Consequence, type Step } from '../consequences.ts'
import type { CountRow } from './counts.ts'
import type { Draft } from './draft.ts'
import { nameOf, type WaitRow } from './waits.ts'

type Written = {
  readonly facts: readonly Fact[]
  /** What the commit has taken up. */
  readonly guards?: Guards
  readonly close?: string | undefined
}

/**
 * The rows of what guardrails count, and of who waits, after the facts of one commit. What has come free by it is for those
 * who wait, whatever becomes of it in a later commit of the same transaction.
 */
export function follow(draft: Draft, { facts, guards = {}, close }: Written): void {
  const open = new Set<CountRow>()
  const taken = takenBy(guards)
  for (const { fact, what } of consequencesOf(facts)) {
    for (const row of countsOf(draft, what)) change(draft, { row, what, at: fact.time }, open)
    leave(draft, waitBefore(draft, what, fact.seq), taken)
  }
  if (close !== undefined) {
    for (const row of draft.counts.ofRun(close))
      change(draft, { row, what: { kind: 'settles', ...row }, at: '' }, open)
    for (const wait of draft.waits.ofRun(close)) leave(draft, draft.waits.leave(wait), taken)
  }
  for (const row of open) if (!row.open) free(draft, row.key)
}

function takenBy({ claim, spend }: Guards): ReadonlySet<string> {
  return new Set([...(claim ? [claim.target] : []), ...(spend?.counts ?? []).map(({ key }) => key)])
}

function countsOf({ counts }: Draft, what: Consequence): CountRow[] {
  return what.kind === 'is-undone' ? counts.ofRun(what.run) : counts.ofStep(what)
}

type Change = { readonly row: CountRow; readonly what: Consequence; readonly at: string }

/** `open` gets those that were open before. */
function change(draft: Draft, { row, what, at }: Change, open: Set<CountRow>): void {
  if (row.open) open.add(row)
  switch (what.kind) {
    case 'settles':
      if (row.open && !isContained(draft, row)) draft.counts.change(row, { open: false })
      break
    case 'stays':
      draft.counts.change(row, { open: true })
      break
    case 'fails':
    case 'is-undone':
      draft.counts.change(row, { failed_at: at })
      break
    default:
  }
}

function isContained({ containments, contained }: Draft, step: Step): boolean {
  const changed = containments.get(nameOf(step))
  return changed === undefined ? contained.has(nameOf(step)) : changed.due !== null
}

/** What its step waited for until now. */
function waitBefore({ waits }: Draft, what: Consequence, seq: number): WaitRow | undefined {
  if (what.kind === 'goes-on') return waits.leave(what)
  if (what.kind !== 'waits') return undefined
  const { run, step, key, until } = what
  return waits.wait({ run, step, key, seq, until })
}

/** Who was called to a free place and does not take it leaves it to the next. */
function leave(draft: Draft, wait: WaitRow | undefined, taken: ReadonlySet<string>): void {
  if (wait !== undefined && !taken.has(wait.key)) free(draft, wait.key)
}

/** A target, or a place of a count, that steps may wait for. */
export function free({ freed }: Draft, key: string): void {
  freed.set(key, (freed.get(key) ?? 0) + 1)
}
