import type { Decision, DecisionOutcome } from '../core/app.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Fact } from '../core/fact.ts'
import type { RunState } from '../core/run.ts'
import { fold, isLeftAlone, isOver, isUnderWay } from '../core/run.ts'
import { withdrawOpen } from '../engine/withdraw.ts'
import type { Draft } from '../engine/journal.ts'
import { judgeApproval, judgeRejection, type Judged } from '../policy/approval.ts'
import { actorOf, recorded, refuse, type BotParts } from './parts.ts'
import { missingRun } from './missing-run.ts'
import { pointsOfRun } from './points.ts'
import { wished, type Wish } from './wish.ts'
import { allow } from './start.ts'
import { contextFor, judgeGate } from './gate.ts'
import type { Account } from '../core/person.ts'

export async function stateOf(
  { store, driver }: Pick<BotParts, 'store' | 'driver'>,
  run: string,
): Promise<RunState> {
  const state = driver.peek(run) ?? fold(await store.facts(run))
  if (state) return state
  throw await missingRun(store, run)
}

/** Counts a decision, or says why it does not count; either way the log knows (P4). */
export async function decide(parts: BotParts, decision: Decision): Promise<DecisionOutcome> {
  const attempt = { command: `${decision.decision} ${decision.run}`, account: decision.by }
  const state = await recorded(parts, attempt, () => stateOf(parts, decision.run))
  if (isOver(state.status)) return refuseOver(parts, decision, state)
  await parts.authorities.refresh()
  const journal = await parts.driver.journal(decision.run)
  let judged: Judged | undefined
  const write = () =>
    journal.commit((run) => {
      // Judged inside the commit: two clicks at once are judged one after the other.
      judged = judge(parts, run, decision)
      return { facts: [factOf(parts, decision, judged)] }
    })
  await recorded(parts, attempt, write)
  if (judged?.kind === 'refused') return judged
  parts.driver.wake(decision.run)
  return { kind: 'counted', still: await missing(parts, journal.state(), decision.request) }
}

function judge(
  parts: BotParts,
  run: RunState,
  { request: id, decision, digest, by: account }: Decision,
): Judged {
  const request = run.approvals.find((approval) => approval.request === id)
  if (request === undefined) {
    return {
      kind: 'refused',
      code: 'approval.not-open',
      message: 'this run has no such request',
      remedy: `Look at run ${run.id}: it shows what it waits for.`,
    }
  }
  const { authority, about } = contextFor(parts, run)
  const judgement = { run, request, digest, account, now: parts.clock.now(), authority, about }
  return decision === 'approve' ? judgeApproval(judgement) : judgeRejection(judgement)
}

function factOf(parts: BotParts, decision: Decision, judged: Judged): Draft {
  const { request, digest, by: account, evidence } = decision
  const actor = actorOf(parts, account)
  if (judged.kind === 'refused') {
    return {
      type: 'approval.refused',
      actor,
      data: { request, account, why: `${judged.code}: ${judged.message}` },
    }
  }
  const person = judged.person.id
  return decision.decision === 'approve'
    ? { type: 'approval.given', actor, data: { request, digest, person, account, evidence } }
    : {
        type: 'approval.rejected',
        actor,
        data: { request, person, account, evidence, reason: decision.reason ?? 'no reason given' },
      }
}

async function refuseOver(
  parts: BotParts,
  { run, by, decision }: Decision,
  state: RunState,
): Promise<DecisionOutcome> {
  const error = new FirebreakError('run.over', `Run ${run} has ended: ${state.status}`, {
    remedy: 'Nothing to do. Start the playbook again if it is needed.',
  })
  await refuse(parts, { command: `${decision} ${run}`, account: by, error })
  return { kind: 'refused', code: error.code, message: error.message, remedy: error.remedy }
}

/** In words, judged like the engine judges it: with who is eligible now. */
async function missing(parts: BotParts, run: RunState, id: string): Promise<readonly string[]> {
  const approval = run.approvals.find(({ request }) => request === id)
  if (approval?.status !== 'open') return []
  const gates = await Promise.all(approval.gates.map((gate) => judgeGate(parts, run, { approval, gate })))
  return gates.flatMap((gate) => (gate.satisfied ? [] : [gate.missing]))
}

/** Stops a run: what is under way ends, nothing more begins, closing steps run. */
export async function cancel(parts: BotParts, run: string, wish: Wish): Promise<void> {
  const attempt = { command: `cancel ${run}`, account: wish.by }
  await recorded(parts, attempt, () => mayCancel(parts, run, wish.by))
  const written = await recorded(parts, attempt, () => writeCancel(parts, run, wish))
  parts.driver.wake(run)
  // It ended between the look and the commit: whoever cancelled must not believe that they did.
  if (written.length === 0) await recorded(parts, attempt, () => mayCancel(parts, run, wish.by))
}

async function writeCancel(parts: BotParts, run: string, wish: Wish): Promise<readonly Fact[]> {
  const fact = { actor: actorOf(parts, wish.by), data: wished(wish) }
  const journal = await parts.driver.journal(run)
  return journal.commit((now) => {
    if (isOver(now.status)) return undefined
    // Closing steps that stand in a request would wait with it.
    const withdrawn = withdrawOpen(now, 'the run was cancelled')
    // A parked run holds its targets until what is under way has ended: another run must not act on them meanwhile (P8).
    return now.status === 'parked' && (isLeftAlone(now) || !Object.values(now.steps).some(isUnderWay))
      ? { facts: [...withdrawn, { type: 'run.cancelled', ...fact }], ends: true }
      : { facts: [{ type: 'run.cancel-requested', ...fact }, ...withdrawn] }
  })
}

async function mayCancel(parts: BotParts, run: string, by: Account): Promise<void> {
  const state = await stateOf(parts, run)
  await allow(parts, by, { verb: 'cancel', points: pointsOfRun(parts, state) })
  const { status } = state
  if (!isOver(status)) return
  throw new FirebreakError('run.over', `Run ${run} has ended: ${status}`, { remedy: 'Nothing to do.' })
}
