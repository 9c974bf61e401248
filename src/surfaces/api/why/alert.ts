import { moment } from '../../../core/moment.ts'
import type { Fact } from '../../../core/fact.ts'
import type { WhyAnswer } from '../../../core/wire-views.ts'
import { type Ground, headOf, runOrNone } from './head.ts'

type Decided = Fact & { readonly type: 'alert.decided' }

/** An alert that comes every minute has thousands of decisions: the last ones are told, the others counted. */
const SHOWN = 20

/** What was decided about an alert, the last that fired first: that it is over by now says nothing of why. */
export async function whyAlert(
  ground: Ground,
  facts: readonly Fact[],
): Promise<Omit<WhyAnswer, 'facts'> | undefined> {
  const decided = facts.filter((fact) => fact.type === 'alert.decided')
  const last = decided.findLast(({ data }) => data.status === 'firing') ?? decided.at(-1)
  if (last === undefined) return undefined
  const run = runOf(last, decided)
  const view = run === undefined ? undefined : await runOrNone(ground.app, run)
  const head = view === undefined ? undefined : await headOf(ground, view)
  const rest = decided.toReversed().map(lineOf)
  const older = rest.length > SHOWN ? [`and ${rest.length - SHOWN} earlier decisions`] : []
  return {
    answer: answerOf(last, { run, says: head?.says }),
    because: [...(head?.because ?? []), ...rest.slice(0, SHOWN), ...older],
    run: view ?? null,
  }
}

/** The run that it began, or that it would have begun once more. */
function runOf({ data }: Decided, decided: readonly Decided[]): string | undefined {
  if (data.decision !== 'duplicate') return data.run
  const begun = decided.filter(({ data: { run, fingerprint } }) => {
    return run !== undefined && fingerprint === data.fingerprint
  })
  return begun.at(-1)?.data.run
}

/** `says`: how the run stands, where it is still known. */
type Begun = { readonly run: string | undefined; readonly says: string | undefined }

function answerOf({ data }: Decided, { run, says }: Begun): string {
  const { name, fingerprint, decision, reason } = data
  const alert = `alert ${name} (${fingerprint})`
  const known = says === undefined ? ', of which nothing is known any more' : `, which ${says}`
  const its = run === undefined ? '' : `run ${run}${known}`
  switch (decision) {
    case 'auto':
    case 'propose':
      return `${alert} began ${its}`
    case 'duplicate':
      return `${alert} began nothing new: ${reason}${its === '' ? '' : `: ${its}`}`
    case 'ignore':
      return `${alert} began nothing: ${reason}`
    case 'refused':
      return `${alert} was refused: ${reason}`
  }
}

function lineOf({ time, data }: Decided): string {
  const { status, decision, reason, route, run, fingerprint } = data
  const parts = [
    `${moment(time)} ${fingerprint} ${status}: ${decision}: ${reason}`,
    ...(route === undefined ? [] : [`route ${route}`]),
    ...(run === undefined ? [] : [`run ${run}`]),
  ]
  return parts.join(', ')
}
