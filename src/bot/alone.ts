import { randomUUID } from 'node:crypto'
import type { DecisionOutcome, RunWish } from '../core/app.ts'
import { FirebreakError, isFirebreakError } from '../core/errors.ts'
import type { Person } from '../core/person.ts'
import type { OutboxNotice } from '../core/ports.ts'
import type { ApprovalState, RunState } from '../core/run.ts'
import { judgeAlone } from '../policy/alone.ts'
import { requestStatus } from '../policy/gates.ts'
import { contextFor, refuseSigner } from './gate.ts'
import { type Built, judgedCommit } from './judged.ts'
import { actorOf, cut, type BotParts } from './parts.ts'

type Alone = RunWish & { readonly request: string; readonly digest: string }

/**
 * Break-glass: one person acts at once. The request is satisfied by their word, everybody who would have been asked is told
 * in the same transaction, and nobody does it again in another run before somebody else has reviewed this one.
 */
export async function actAlone(parts: BotParts, wish: Alone): Promise<DecisionOutcome> {
  const left = await refuseSigner(parts, wish.by)
  try {
    const asked = { what: 'break-glass', wish }
    return await judgedCommit(parts, asked, (run) => left ?? built(parts, run, wish))
  } catch (error) {
    if (!isFirebreakError(error, 'guardrail.review-due')) throw error
    const { code, message, remedy } = error
    return { kind: 'refused', code, message, remedy }
  }
}

function built(parts: BotParts, run: RunState, wish: Alone): Built {
  const { request: id, digest, by: account, reason, evidence } = wish
  const request = run.approvals.find((approval) => approval.request === id)
  if (request === undefined) return notThere(run)
  const context = contextFor(parts, run)
  const { authority, about } = context
  const now = parts.clock.now()
  const judged = judgeAlone({ run, request, digest, account, now, authority, about, reason })
  if (judged.kind === 'refused') return judged
  const { person } = judged
  const people = parts.authorities.people()
  const asked = requestStatus(request, { ...context, authority: { ...authority, people } }).eligible
  const others = asked.filter((other) => other.id !== person.id)
  const told = others.map((other) => other.id)
  const data = { request: id, digest, person: person.id, account, evidence, reason: reason.trim(), told }
  return {
    facts: [{ type: 'approval.bypassed', actor: actorOf(parts, account), data }],
    guards: { reviewed: { run: run.id } },
    outbox: notices(parts, run, { request, person, others, reason }),
  }
}

function notThere({ id }: RunState): Built {
  return new FirebreakError('approval.not-open', 'this run has no such request', {
    remedy: `Look at run ${id}: it shows what it waits for.`,
  })
}

type Told = {
  readonly request: ApprovalState
  readonly person: Person
  readonly others: readonly Person[]
  readonly reason: string
}

/** In the channel of the bot, durably. Without Slack the log is all there is. */
function notices(
  { config }: BotParts,
  run: RunState,
  { request, person, others, reason }: Told,
): OutboxNotice[] {
  if (config.slack === undefined) return []
  const names = others.map(({ slack, name }) => (slack === undefined ? name : `<@${slack}>`))
  const steps = Object.keys(request.lines).join(', ')
  const asked =
    names.length === 0 ? 'Nobody else could have been asked.' : `Would have been asked: ${names.join(', ')}.`
  const text = `🔨 Break-glass: ${person.name} acts alone in run ${run.id} (${run.requested.playbook.title}): ${cut(steps, 500)}. Reason: “${cut(reason.trim(), 1000)}”. ${asked} Somebody else must review it: firebreak review ${run.id}.`
  const { channel } = config.slack
  return [
    { id: `break-glass/${randomUUID()}`, run: run.id, step: 'break-glass', channel, text: cut(text, 3000) },
  ]
}
