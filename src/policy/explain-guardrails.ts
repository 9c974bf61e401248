import type { Target } from '../core/change.ts'
import type { ApproveRule } from '../core/playbook.ts'
import { knownOf, type Known, type Subject } from './about.ts'
import { type Assessor, type Condition, conditions, conditionsOf, type Risk } from './risk.ts'
import type { GuardBook } from './ruling.ts'
import { type Shutter, windowRuling } from './windows.ts'

/** What is said of an effect that somebody asks about. What is not said is not judged, and named instead. */
export type Said = Pick<Subject, 'action' | 'route'> & {
  /** Milliseconds since 1970. */
  readonly when?: number
  readonly target?: Target
  readonly risk: Partial<Risk>
}

export type Guarding = {
  readonly book: GuardBook
  /** Why this target is never touched; undefined when it may be. */
  readonly neverTouch: (target: Target) => string | undefined
  readonly said: Said
}

/** A guardrail that refuses, delays, or asks. */
export type Finding = {
  readonly outcome: 'ask' | 'wait' | 'deny'
  /** `window/friday`. */
  readonly rule: string
  readonly line?: number
  readonly why: string
  readonly asks: readonly ApproveRule[]
}

/** A guardrail that is about it as well, and what it depends on. */
export type Open = { readonly rule: string; readonly on: string }

export type Guarded = { readonly findings: readonly Finding[]; readonly open: readonly Open[] }

/** What guardrails say of one effect, as far as a file can say it: how much is taken up is known at the moment of effect only. */
export function guarded({ book, neverTouch, said }: Guarding, subject: Subject): Guarded {
  const { action, route } = said
  const known = knownOf({
    ...subject,
    ...(action === undefined ? {} : { action }),
    ...(route === undefined ? {} : { route }),
  })
  const timed = inTime(
    book.windows.filter(({ fits }) => fits(known)),
    said.when,
  )
  const risky = book.approvals
    .filter(({ fits }) => fits(known))
    .map((assessor) => assessed(assessor, said.risk))
  return {
    findings: [
      ...forbidden(neverTouch, said.target),
      ...timed.findings,
      ...risky.flatMap(({ findings }) => findings),
    ],
    open: [...timed.open, ...risky.flatMap(({ open }) => open), ...counted(book, known)],
  }
}

function forbidden(neverTouch: Guarding['neverTouch'], target: Target | undefined): readonly Finding[] {
  const why = target && neverTouch(target)
  return why === undefined ? [] : [{ outcome: 'deny', rule: 'never-touch', why, asks: [] }]
}

function inTime(fitting: readonly Shutter[], when: number | undefined): Guarded {
  if (when === undefined) return { findings: [], open: fitting.map(({ key }) => ({ rule: key, on: 'when' })) }
  const { deny, wait } = windowRuling(fitting, when)
  const lineOf = (key: string) => fitting.find((shutter) => shutter.key === key)?.window.line ?? 0
  const held = (
    [
      ['deny', deny],
      ['wait', wait],
    ] as const
  ).flatMap(([outcome, by]): readonly Finding[] =>
    by === undefined ? [] : [{ outcome, rule: by.key, line: lineOf(by.key), why: by.why, asks: [] }],
  )
  const asking = fitting.flatMap(({ window: { over, line }, key, at, clock }): readonly Finding[] => {
    const { shut, until } = at(when)
    if (typeof over === 'string' || !shut) return []
    const end = until === Infinity ? '' : ` until ${clock(until)}`
    return [{ outcome: 'ask', rule: key, line, why: `${key}${end} asks ${asksWords([over])}`, asks: [over] }]
  })
  return { findings: [...held, ...asking], open: [] }
}

function assessed({ rule, key }: Assessor, said: Partial<Risk>): Guarded {
  const named = conditionsOf(rule)
  const unsaid = named.filter((condition) => !isSaid[condition](said))
  // What is not said of these is never looked at: only conditions that are said are tried.
  const risk: Risk = { loses: false, undo: true, confidence: 'unknown', ...said }
  const fails = named.some((condition) => !unsaid.includes(condition) && !conditions[condition](rule, risk))
  if (fails) return { findings: [], open: [] }
  if (unsaid.length > 0) return { findings: [], open: [{ rule: key, on: unsaid.join(', ') }] }
  const why = `${key} asks ${asksWords(rule.ask)}`
  return { findings: [{ outcome: 'ask', rule: key, line: rule.line, why, asks: rule.ask }], open: [] }
}

const isSaid: { readonly [C in Condition]: (said: Partial<Risk>) => boolean } = {
  targets: ({ targets }) => targets !== undefined,
  share: ({ touched, fleet }) => touched !== undefined && fleet !== undefined,
  loses: ({ loses }) => loses !== undefined,
  noUndo: ({ undo }) => undo !== undefined,
  confidence: ({ confidence }) => confidence !== undefined,
}

function counted({ budgets, breakers }: GuardBook, known: Known): readonly Open[] {
  const on = 'what is counted at the moment of effect'
  const names = (kind: string, all: GuardBook['budgets'] | GuardBook['breakers']) =>
    all.flatMap(({ guardrail, fits }) => (fits(known) ? [{ rule: `${kind}/${guardrail.name}`, on }] : []))
  return [...names('budget', budgets), ...names('breaker', breakers)]
}

export function asksWords(asks: readonly ApproveRule[]): string {
  return asks.map(({ count, from }) => `${count} of ${from}`).join(' and ')
}
