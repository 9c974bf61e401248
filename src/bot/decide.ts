import type { Decision, DecisionOutcome } from '../core/app.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Fact } from '../core/fact.ts'
import type { RunState } from '../core/run.ts'
import { fold, isOver, isUnderWay } from '../core/run.ts'
import { withdrawOpen } from '../engine/cover.ts'
import type { Draft } from '../engine/journal.ts'
import { judgeApproval, judgeRejection, type Judged } from '../policy/approval.ts'
import { actorOf, recorded, refuse, type BotParts } from './parts.ts'
import { wished, type Wish } from './wish.ts'
import { allow } from './start.ts'
import { judgeGate } from './gate.ts'
import type { Account } from '../core/person.ts'

export function stateOf({ store, driver }: Pick<BotParts, 'store' | 'driver'>, run: string): RunState {
  const state = driver.peek(run) ?? fold(store.facts(run))
  if (state) return state
  throw new FirebreakError('run.unknown', `There is no run ${run.slice(0, 80)}`, {
    remedy: 'Look at `firebreak runs` or `/firebreak status`.',
  })
}

/** Counts a decision, or says why it does not count; either way the log knows (P4). */
export async function decide(parts: BotParts, decision: Decision): Promise<DecisionOutcome> {
  const attempt = { command: `${decision.decision} ${decision.run}`, account: decision.by }
  const state = await recorded(parts, attempt, async () => stateOf(parts, decision.run))
  if (isOver(state.status)) return refuseOver(parts, decision, state)
  const journal = parts.driver.journal(decision.run)
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
  const judgement = { run, request, digest, account, now: parts.clock.now(), authority: parts.config }
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
  await recorded(parts, attempt, async () => mayCancel(parts, run, wish.by))
  const written = await recorded(parts, attempt, () => writeCancel(parts, run, wish))
  parts.driver.wake(run)
  // It ended between the look and the commit: whoever cancelled must not believe that they did.
  if (written.length === 0) await recorded(parts, attempt, async () => mayCancel(parts, run, wish.by))
  if (written.at(-1)?.type !== 'run.cancelled' && stateOf(parts, run).status === 'parked')
    void endWhenSettled(parts, run, wish)
}

function writeCancel(parts: BotParts, run: string, wish: Wish): Promise<readonly Fact[]> {
  const fact = { actor: actorOf(parts, wish.by), data: wished(wish) }
  return parts.driver.journal(run).commit((now) => {
    if (isOver(now.status)) return undefined
    // Closing steps that stand in a request would wait with it.
    const withdrawn = withdrawOpen(now, 'the run was cancelled')
    return now.status === 'parked' && !Object.values(now.steps).some(isUnderWay)
      ? { facts: [...withdrawn, { type: 'run.cancelled', ...fact }], ends: true }
      : { facts: [{ type: 'run.cancel-requested', ...fact }, ...withdrawn] }
  })
}

/** A parked run holds its targets until what is under way has ended: another run must not act on them meanwhile (P8). */
async function endWhenSettled(parts: BotParts, run: string, wish: Wish): Promise<void> {
  try {
    await parts.driver.settled(run)
    const ended = { type: 'run.cancelled', actor: actorOf(parts, wish.by), data: wished(wish) } as const
    await parts.driver
      .journal(run)
      .commit((now) => (now.status === 'parked' ? { facts: [ended], ends: true } : undefined))
    parts.driver.wake(run)
  } catch (error) {
    // It stays parked, and can be cancelled again.
    parts.log.error({ err: error, run }, 'a cancelled run could not be ended')
  }
}

function mayCancel(parts: BotParts, run: string, by: Account): void {
  allow('cancel', by, parts.config)
  const { status } = stateOf(parts, run)
  if (!isOver(status)) return
  throw new FirebreakError('run.over', `Run ${run} has ended: ${status}`, { remedy: 'Nothing to do.' })
}
