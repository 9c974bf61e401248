import type { AnchorCheck, Firebreak, RunView, StartRequest } from '../core/app.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Evidence, Fact } from '../core/fact.ts'
import { system } from '../core/person.ts'
import type { Store } from '../core/ports.ts'
import { isOver } from '../core/run.ts'
import { undoFacts, undoPlaybook } from '../engine/undo.ts'
import { personOf } from '../policy/person.ts'
import type { LogKey } from '../audit/key.ts'
import { auditFor } from './access.ts'
import { receive } from './alerts.ts'
import { createAudit } from './audit.ts'
import { sayDone } from './by-hand.ts'
import { keep, lift, renew } from './containments/decide.ts'
import { writeTo } from './run-journal.ts'
import { listContainments } from './containments/list.ts'
import { containmentDoers } from './containments/signed.ts'
import { liftsOf } from './containments/undo-run.ts'
import { cancel, decide, stateOf } from './decide.ts'
import { actAlone } from './alone.ts'
import { freeze } from './freeze.ts'
import { listGuardrails } from './guardrails.ts'
import { hold, release } from './hold.ts'
import { keptPlaybook } from './library.ts'
import { searchLog } from './log-search.ts'
import { actorOf, recorded, type BotParts } from './parts.ts'
import { originOf, pointsOfRun } from './points.ts'
import { resume } from './resume.ts'
import { review } from './review.ts'
import { createSigned, doing, type Doers } from './signed.ts'
import { decisionDoers } from './signed-decisions.ts'
import { allow, newRunId, playbookNamed, requestFact, start } from './start.ts'
import { thaw } from './thaw.ts'
import { until } from './until.ts'
import { viewOf } from './views.ts'
import { wished, type Wish } from './wish.ts'
import { withdraw } from './withdraw.ts'

type Around = {
  readonly key: LogKey
  readonly folder: string
  readonly listeners: Set<(facts: readonly Fact[]) => void>
  readonly anchors: () => AnchorCheck | undefined
}

/** How many runs a list shows when nobody says. */
const DEFAULT_LIMIT = 20
/** So many of a list are read side by side. */
const AT_ONCE = 16
/** A plan that takes longer is answered as `planning`; it goes on, and surfaces show it when it is there. */
const PLAN_WAIT_MS = 30_000

/** What every surface receives: the use cases over one set of parts. */
export function createFirebreak(parts: BotParts, { key, folder, listeners, anchors }: Around): Firebreak {
  const { store, config } = parts
  const startAndPlan = async (request: StartRequest, evidence?: Evidence): Promise<RunView> => {
    const run = await start(parts, request, evidence)
    // People want to see the plan, not that one is being made.
    await until(listeners, { run, condition: () => hasPlan(parts, run), ms: PLAN_WAIT_MS })
    return viewOf(parts, await stateOf(parts, run))
  }
  return {
    ...reads(parts),
    start: (request) => startAndPlan(request),
    decide: (decision) => decide(parts, decision),
    done: (said) => sayDone(parts, said),
    cancel: (run, by, reason) => cancel(parts, run, { by, reason }),
    undo: (run, by, reason = 'no reason given') => undo(parts, run, { by, reason }),
    resume: (run, by, { reason, answers = {} }) => resume(parts, run, { by, reason, answers }),
    renew: (wish) => renew(parts, wish),
    lift: (wish) => lift(parts, wish),
    keep: (wish) => keep(parts, wish),
    hold: (run, by, reason) => hold(parts, run, { by, reason }),
    release: (run, by, reason) => release(parts, run, { by, reason }),
    freeze: (by, reason) => freeze(parts, { by, reason }),
    thaw: (by, reason, evidence) => thaw(parts, { by, reason, evidence }),
    withdraw: (wish) => withdraw(parts, wish),
    breakGlass: (wish) => actAlone(parts, wish),
    review: (wish) => review(parts, wish),
    ...createSigned(parts, key.name, doersOf(parts, startAndPlan)),
    alert: (source, body) => receive(parts, source, body),
    person: (account) => personOf(account, config.people),
    audit: auditFor(parts, { audit: createAudit(store, key, folder), anchors }),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    memo: store.memo,
  }
}

async function hasPlan(parts: BotParts, run: string): Promise<boolean> {
  const { plan, status } = await stateOf(parts, run)
  return plan !== undefined || isOver(status) || status === 'parked'
}

function stillRunning(run: string): FirebreakError {
  return new FirebreakError('run.not-over', `Run ${run} has not ended yet`, {
    remedy: 'Cancel it or let it end, then undo it.',
  })
}

function reads(
  parts: BotParts,
): Pick<
  Firebreak,
  | 'playbooks'
  | 'playbook'
  | 'run'
  | 'runs'
  | 'facts'
  | 'log'
  | 'frozen'
  | 'guardrails'
  | 'containments'
  | 'outbox'
> {
  const { store } = parts
  return {
    playbooks: () => [...parts.playbooks.values()].map(({ info }) => info),
    playbook: (name) => playbookNamed(parts, name).info,
    run: async (id) => viewOf(parts, await stateOf(parts, id)),
    runs: async (filter) => {
      const ids = await runsOf(store, filter)
      const views: RunView[] = []
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const some = ids.slice(from, from + AT_ONCE)
        // oxlint-disable-next-line no-await-in-loop -- a long list must not take every connection of the journal
        views.push(...(await Promise.all(some.map(async (run) => viewOf(parts, await stateOf(parts, run))))))
      }
      return views
    },
    facts: (run) => store.facts(run),
    log: (query) => searchLog(store, query),
    frozen: () => store.frozen(),
    guardrails: () => listGuardrails(parts),
    containments: () => listContainments(parts),
    outbox: outboxOf(store),
  }
}

async function runsOf(
  store: Store,
  { open, reviewDue, limit = DEFAULT_LIMIT }: Parameters<Firebreak['runs']>[0],
): Promise<readonly string[]> {
  if (reviewDue === true) return (await store.reviewsDue()).slice(0, limit)
  const rows = await store.runs({ limit, ...(open === undefined ? {} : { open }) })
  return rows.map(({ run }) => run)
}

type Begin = (request: StartRequest, evidence?: Evidence) => Promise<RunView>

function doersOf(parts: BotParts, startAndPlan: Begin): Doers {
  const done = { kind: 'done' } as const
  return {
    run: async ({ playbook = '', inputs = {} }, { evidence, ...wish }) => {
      const { state } = await startAndPlan({ playbook, inputs, mode: 'run', ...wish }, evidence)
      return { ...done, run: state.id }
    },
    cancel: doing(({ run = '' }, wish) => cancel(parts, run, wish)),
    undo: async ({ run = '' }, wish) => ({ ...done, run: (await undo(parts, run, wish)).state.id }),
    ...containmentDoers(parts),
    resume: doing(({ run = '', answers = {} }, wish) => resume(parts, run, { ...wish, answers })),
    hold: doing(({ run = '' }, wish) => hold(parts, run, wish)),
    release: doing(({ run = '' }, wish) => release(parts, run, wish)),
    freeze: doing((_, wish) => freeze(parts, wish)),
    ...decisionDoers(parts),
  }
}

function outboxOf(store: Store): Firebreak['outbox'] {
  return {
    pending: (limit) => store.outbox(limit),
    delivered: ({ id, step, channel }, receipt) => {
      const data = { notice: id, channel, receipt }
      return store.settle(id, { type: 'notice.delivered', actor: system, step, data })
    },
    failed: ({ id, step, channel }, why) =>
      store.settle(id, { type: 'notice.failed', actor: system, step, data: { notice: id, channel, why } }),
  }
}

/** Starts the run that puts back what `run` did. It is planned and approved like any other. */
function undo(parts: BotParts, run: string, wish: Wish): Promise<RunView> {
  return recorded(parts, { command: `undo ${run}`, account: wish.by }, () => startUndo(parts, run, wish))
}

async function startUndo(parts: BotParts, run: string, wish: Wish): Promise<RunView> {
  const state = await stateOf(parts, run)
  await allow(parts, wish.by, { verb: 'undo', points: pointsOfRun(parts, state) })
  if (!isOver(state.status)) throw stillRunning(run)
  const { info } = keptPlaybook(parts, state)
  const text = undoPlaybook(state, info)
  const playbook = parts.library.load(text, `undo-${run}.yaml`)
  const actor = actorOf(parts, wish.by)
  const undo = newRunId()
  const known = undoFacts(state, { info, actions: parts.actions })
  const asked = {
    playbook,
    inputs: {},
    mode: 'run',
    actor,
    undoes: run,
    origin: originOf(state),
    ...known,
    ...wished(wish),
  } as const
  const others = [requestFact(parts, undo, asked)]
  await writeTo(parts, run, (now) => ({ facts: liftsOf(parts, now, { undo, wish }), others }))
  parts.driver.take(undo)
  return viewOf(parts, await stateOf(parts, undo))
}
