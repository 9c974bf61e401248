import type { GuardrailView } from '../core/app.ts'
import { durationText } from '../core/duration.ts'
import type { ApproveRule } from '../core/playbook.ts'
import type { Clock, Counting, Store, Waiting } from '../core/ports.ts'
import type { Breaker, Budget, Guardrails, Limit, Window } from '../core/rules.ts'
import { asksWords } from '../policy/explain-guardrails.ts'
import { shutterOf } from '../policy/windows.ts'

type Known = {
  readonly config: { readonly guardrails: Guardrails }
  readonly store: Pick<Store, 'taken' | 'waiting' | 'counted'>
  readonly clock: Clock
}

/** Budgets, breakers and windows as they are now: those that somebody waits for, those that are closed, then the others. */
export async function listGuardrails({ config, store, clock }: Known): Promise<readonly GuardrailView[]> {
  const { budgets, breakers, windows } = config.guardrails
  const waits = await store.waiting()
  const waiting = (key: string) => waits.filter((wait) => wait.key === key).map(stepOf)
  const counting = [...budgets.map(budgetTally), ...breakers.map(breakerTally)]
  const counts = (await Promise.all(counting.map((tally) => countsOf(tally, store, waits)))).flat()
  const taken = await store.taken(counts.map(({ count }) => count))
  const rows = counts.map(({ tally, count: { key } }, i): Row => ({ tally, key, taken: taken[i] ?? 0 }))
  const shown = counting.flatMap((tally) => rowsOf(tally, rows, waiting))
  const views = [
    ...shown.map(({ tally, ...row }) => tally.view(row, waiting(row.key))),
    ...windows.map((window) => windowView(window, { now: clock.now(), waiting })),
  ]
  return views.toSorted((a, b) => urgency(b) - urgency(a))
}

type Steps = GuardrailView['waiting']
type Waits = (key: string) => Steps

/** A guardrail that counts, under one key or under one for each value. */
type Tally = {
  readonly key: string
  readonly each: boolean
  readonly count: Omit<Counting, 'key'>
  readonly view: (row: { readonly key: string; readonly taken: number }, waiting: Steps) => GuardrailView
}

type Row = { readonly tally: Tally; readonly key: string; readonly taken: number }

/** What is counted, also under values that nobody has configured any more. */
async function countsOf(
  tally: Tally,
  store: Known['store'],
  waits: readonly Waiting[],
): Promise<{ readonly tally: Tally; readonly count: Counting }[]> {
  const prefix = `${tally.key}/`
  const used = tally.each ? await store.counted(prefix) : [tally.key]
  const waited = tally.each ? waits.map(({ key }) => key).filter((key) => key.startsWith(prefix)) : []
  return [...new Set([...used, ...waited])]
    .toSorted((a, b) => a.localeCompare(b))
    .map((key) => ({ tally, count: { key, ...tally.count } }))
}

/** Of each value that is in use one; of none that is, the guardrail itself. */
function rowsOf(tally: Tally, rows: readonly Row[], waiting: Waits): readonly Row[] {
  const own = rows.filter((row) => row.tally === tally)
  if (!tally.each) return own
  const used = own.filter(({ key, taken }) => taken > 0 || waiting(key).length > 0)
  return used.length === 0 ? [{ tally, key: tally.key, taken: 0 }] : used
}

function budgetTally({ name, limit, windowMs, each, over }: Budget): Tally {
  const time = windowMs === undefined ? 'at once' : `within ${durationText(windowMs)}`
  const beyond = over === 'wait' ? '' : `, beyond that ${asks(over)}`
  const own = `budget/${name}`
  return {
    key: own,
    each: each.length > 0,
    count: { of: 'taken', ...(windowMs === undefined ? {} : { windowMs }) },
    view: ({ key, taken }, waiting) => ({
      key,
      kind: 'budget',
      says: `${taken} of ${limitWords(limit)} ${time}${key === own ? apartWords(each) : ''}${beyond}`,
      // How much a share is, only an effect knows: it sees how many there are.
      closed: waiting.length > 0 || (limit.kind === 'count' && taken >= limit.value),
      waiting,
    }),
  }
}

function limitWords({ kind, value }: Limit): string {
  return kind === 'count' ? `${value}` : `${value}% of what there is`
}

function apartWords(each: Budget['each']): string {
  return each.length === 0 ? '' : `, for each ${each.join(' and ')}`
}

function breakerTally({ name, failures, windowMs, each, ask }: Breaker): Tally {
  const own = `breaker/${name}`
  return {
    key: own,
    each: each.length > 0,
    count: { of: 'failed', windowMs },
    view: ({ key, taken }, waiting) => ({
      key,
      kind: 'breaker',
      says: `${taken} of ${failures} failed or undone runs within ${durationText(windowMs)}${key === own ? apartWords(each) : ''}, then ${asks(ask)}`,
      closed: taken >= failures,
      waiting,
    }),
  }
}

type Moment = { readonly now: number; readonly waiting: Waits }

function windowView(window: Window, { now, waiting }: Moment): GuardrailView {
  const { key, at, clock } = shutterOf(window)
  const { shut, until } = at(now)
  const end = until === Infinity ? ' from now on' : ` until ${clock(until)}`
  const then = shut
    ? `, ${doneMeanwhile(window)}`
    : until === Infinity
      ? ''
      : `, then ${doneMeanwhile(window)}`
  const says = `${shut ? 'shut' : 'open'}${end}${then}`
  return { key, kind: 'window', says, closed: shut, waiting: waiting(key) }
}

function doneMeanwhile({ over }: Window): string {
  if (over === 'wait') return 'effects wait'
  return over === 'deny' ? 'effects are refused' : asks(over)
}

function asks(rule: ApproveRule): string {
  return `asks ${asksWords([rule])}`
}

function urgency({ waiting, closed }: GuardrailView): number {
  return (waiting.length > 0 ? 2 : 0) + (closed ? 1 : 0)
}

function stepOf({ run, step }: Waiting): Steps[number] {
  return { run, step }
}
