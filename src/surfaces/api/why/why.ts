import type { Firebreak, RunView } from '../../../core/app.ts'
import { FirebreakError } from '../../../core/errors.ts'
import type { Fact } from '../../../core/fact.ts'
import { moment } from '../../../core/moment.ts'
import { nameOf } from '../../../core/person.ts'
import type { WhyAnswer } from '../../../core/wire-views.ts'
import { whyAlert } from './alert.ts'
import { type Ground, headOf, knownRun, runOrNone } from './head.ts'
import { concerns, factsOfLog } from './log.ts'
import { refusedWords, storyOf } from './story.ts'
import type { Standing } from './waits.ts'

type Asked = Pick<Firebreak, 'run' | 'facts' | 'log' | 'frozen' | 'guardrails'>

/**
 * Why something is as it is, in words: of a run, an alert (its fingerprint or its name), an approval request, what a command
 * named that was refused before it was a run, or an entry of the log by its number.
 */
export async function why(app: Asked, id: string): Promise<WhyAnswer> {
  const ground = { app, standing: await standingOf(app) }
  const run = await knownRun(app, id)
  if (run !== undefined) return whyRun(app, ground, run)
  const facts = await factsOfLog(app, 0, (fact) => concerns(fact, id))
  const found = facts.length > 0 ? facts : await entry(app, id)
  const alert = await whyAlert(ground, found)
  if (alert !== undefined) return { ...alert, facts: [...found] }
  const owner = found.findLast((fact) => fact.run !== undefined)?.run
  const view = owner === undefined ? undefined : await runOrNone(app, owner)
  return view === undefined ? whyRefused(id, found) : whyRun(app, ground, view)
}

async function whyRun(app: Asked, ground: Ground, view: RunView): Promise<WhyAnswer> {
  const { state } = view
  const own = await app.facts(state.id)
  // What decided about its alert stands just before the first fact of a run.
  const from = Math.max(0, (own[0]?.seq ?? 0) - 1)
  const about = await factsOfLog(app, from, (fact) => fact.run !== state.id && concerns(fact, state.id))
  const facts = [...own, ...about].toSorted((a, b) => a.seq - b.seq)
  const { says, because } = await headOf(ground, view)
  return {
    answer: `run ${state.id} (${state.requested.playbook.name}) ${says}`,
    because: [...because, ...storyOf(state, facts)],
    run: view,
    facts,
  }
}

/** Refused before it was a run. */
function whyRefused(id: string, facts: readonly Fact[]): WhyAnswer {
  const refused = facts.filter((fact) => fact.type === 'command.refused').map(refusedWords)
  const [last, ...earlier] = refused.toReversed()
  if (last === undefined) throw unknownId(id)
  return { answer: last, because: earlier, run: null, facts: [...facts] }
}

async function entry(app: Asked, id: string): Promise<readonly Fact[]> {
  if (!/^\d{1,15}$/.test(id)) return []
  const seq = Number(id)
  return (await app.log({ from: seq, limit: 1 })).filter((fact) => fact.seq === seq)
}

async function standingOf(app: Asked): Promise<Standing> {
  const [freeze, guardrails] = await Promise.all([app.frozen(), app.guardrails()])
  if (freeze === undefined) return { frozen: undefined, guardrails }
  const { since, reason, thaw } = freeze
  const [set] = await app.log({ from: 0, limit: 1, type: 'freeze.set', since })
  const by = set === undefined ? '' : ` by ${nameOf(set.actor)}`
  const said = thaw.map(({ person, at }) => `; ${person} wanted the thaw at ${moment(at)}`).join('')
  return { frozen: `frozen${by} since ${moment(since)}: ${reason}${said}`, guardrails }
}

function unknownId(id: string): FirebreakError {
  return new FirebreakError('why.unknown', `nothing in the log is about ${id.slice(0, 200)}`, {
    remedy:
      'Runs: `firebreak runs`. Alerts and their fingerprints: `firebreak audit list --type alert.decided`. Refusals: `firebreak audit list --type command.refused`.',
  })
}
