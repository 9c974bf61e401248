import { isFirebreakError } from '../../core/errors.ts'
import { noticeAt, noticeMs } from '../../core/containment.ts'
import { type Contained, isOver, liveContainments, type RunState } from '../../core/run.ts'
import { coverageOf } from '../../engine/coverage.ts'
import type { Draft, DraftCommit } from '../../engine/journal.ts'
import { keptPlaybook } from '../library.ts'
import type { BotParts } from '../parts.ts'
import { announcement, postponement, question, tell } from './notice.ts'
import { liftOf } from './undo-run.ts'

/** How the run that puts a containment back has fared, as far as it is known. */
export type Found =
  | { readonly kind: 'under-way' }
  | { readonly kind: 'lifted' }
  | { readonly kind: 'stuck' | 'ended'; readonly why: string }
export type Fate = Found & { readonly undo: string }

/** What is known from outside the run. */
export type Around = {
  readonly now: number
  readonly frozen: string | undefined
  /** Of the run that is lifting it; undefined without one. */
  readonly fate: Fate | undefined
}

/**
 * What is to be written about a containment now: told, over, put back or asked. Pure; undefined when there is nothing. It
 * never ends by time alone: until an undo has succeeded or people have decided, it stays.
 */
export function turnOf(
  parts: BotParts,
  run: RunState,
  about: { step: string; around: Around },
): DraftCommit | undefined {
  const { around } = about
  const step = liveContainments(run).find(({ id }) => id === about.step)
  if (step === undefined) return undefined
  const settled = settle(parts, run, { step, fate: around.fate })
  if (settled !== undefined) return settled
  return step.containment.status === 'active'
    ? active(parts, run, { step, around })
    : end(parts, run, { step, around, began: [] })
}

function active(
  parts: BotParts,
  run: RunState,
  { step, around }: { step: Contained; around: Around },
): DraftCommit | undefined {
  const early = announce(parts, run, { step, now: around.now })
  if (early !== undefined || around.now < Date.parse(step.containment.until)) return early
  const began: Draft[] = [{ type: 'containment.expired', step: step.id, data: {} }]
  return end(parts, run, { step, around, began })
}

/** When there is something to write although nothing happens; undefined while others have to do something first. */
export function turnAt({ containment }: Contained): number | undefined {
  const { status, announced, until } = containment
  if (status !== 'active') return undefined
  return Date.parse(announced === undefined ? noticeAt(containment) : until)
}

type Announcing = { readonly step: Contained; readonly now: number }

/** Who is told late, because no bot was running, has half the usual time all the same. Where people are asked, nothing is lost. */
function announce(parts: BotParts, run: RunState, { step, now }: Announcing): DraftCommit | undefined {
  const { announced, until, onExpiry, ttlMs } = step.containment
  const end = Date.parse(until)
  if (announced !== undefined || now < Date.parse(noticeAt(step.containment))) return undefined
  if (onExpiry === 'ask' && now >= end) return undefined
  const told = new Date(onExpiry === 'ask' ? end : Math.max(end, now + noticeMs(ttlMs) / 2)).toISOString()
  return {
    facts: [{ type: 'containment.announced', step: step.id, data: { until: told } }],
    outbox: tell(parts, run, { step, text: announcement(run, step, told) }),
  }
}

type Ending = {
  readonly step: Contained
  readonly around: Around
  /** What has just been found out, and stands before what follows from it. */
  readonly began: readonly Draft[]
}

/** Its time is over: it undoes itself where that is covered and possible, otherwise people are asked. */
function end(parts: BotParts, run: RunState, { step, around, began }: Ending): DraftCommit | undefined {
  const { onExpiry, asked, lifting } = step.containment
  // Somebody is at it already, or has been asked: what comes of that is seen first.
  if (asked !== undefined || lifting !== undefined) return began.length === 0 ? undefined : { facts: began }
  if (onExpiry === 'ask') return ask(parts, run, { step, began, why: 'its time is over' })
  if (!isOver(run.status)) return postpone(parts, run, { step, began })
  if (around.frozen !== undefined)
    return ask(parts, run, {
      step,
      began,
      why: `its time is over, and Firebreak is frozen: ${around.frozen}`,
    })
  return undo(parts, run, { step, began })
}

type Following = { readonly step: Contained; readonly began: readonly Draft[] }

/** A run holds its targets until it ends. */
function postpone(parts: BotParts, run: RunState, { step, began }: Following): DraftCommit | undefined {
  if (began.length === 0) return undefined
  return { facts: began, outbox: tell(parts, run, { step, text: postponement(run, step) }) }
}

function undo(parts: BotParts, run: RunState, { step, began }: Following): DraftCommit {
  const lift = tryLift(parts, run, step)
  if ('why' in lift) return ask(parts, run, { step, began, why: `its time is over, but ${lift.why}` })
  return { facts: [...began, ...lift.facts], others: lift.others, guards: { thawed: true } }
}

function tryLift(
  parts: BotParts,
  run: RunState,
  step: Contained,
): ReturnType<typeof liftOf> | { why: string } {
  try {
    const coverage = coverageOf(run, step, keptPlaybook(parts, run))
    return 'why' in coverage
      ? coverage
      : liftOf(parts, run, { step, cause: { by: 'expiry', covered: coverage.expiry } })
  } catch (error) {
    // Such as a playbook whose actions this program no longer has.
    if (!isFirebreakError(error)) throw error
    return { why: `it cannot be undone now: ${error.message}` }
  }
}

type Asking = Following & { readonly why: string }

function ask(parts: BotParts, run: RunState, { step, began, why }: Asking): DraftCommit {
  return {
    facts: [...began, { type: 'containment.asked', step: step.id, data: { why } }],
    outbox: tell(parts, run, { step, text: question(run, step, why) }),
  }
}

type Settling = { readonly step: Contained; readonly fate: Fate | undefined }

/** The run that was to put it back has succeeded, has ended without, or needs a person. */
function settle(parts: BotParts, run: RunState, { step, fate }: Settling): DraftCommit | undefined {
  const { lifting, asked } = step.containment
  if (lifting === undefined || fate?.undo !== lifting.undo) return undefined
  const { undo: id, by } = lifting
  if (fate.kind === 'under-way') return undefined
  if (fate.kind === 'lifted')
    return { facts: [{ type: 'containment.lifted', step: step.id, data: { undo: id } }] }
  if (fate.kind === 'stuck')
    return asked === undefined
      ? ask(parts, run, { step, began: [], why: `run ${id} waits for a person: ${fate.why}` })
      : undefined
  const failed: Draft = { type: 'containment.not-lifted', step: step.id, data: { undo: id, why: fate.why } }
  // What people began is theirs to go on with; they see how the run ended.
  if (by === 'people') return { facts: [failed] }
  return ask(parts, run, { step, began: [failed], why: `it could not be undone by run ${id}: ${fate.why}` })
}
