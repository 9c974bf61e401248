import { expect, it } from 'vitest'
import {
  apartBy,
  type About,
  type Breaker,
  type Budget,
  type RiskRule,
  type Window,
} from '../../src/core/rules.ts'
import type { Ruling } from '../../src/core/ruling.ts'
import { limitOf } from '../../src/policy/budgets.ts'
import { withoutUndefined } from '../../src/config/defined.ts'
import type { Risk } from '../../src/policy/risk.ts'
import { type Deed, guardBook, rulingOf } from '../../src/policy/ruling.ts'
import { breaker, budget, guardrails, HOUR, risky, window } from './guardrails.ts'
import { chance, type Chance } from './rules.ts'

const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)

function randomAbout({ maybe, some }: Chance): About {
  return withoutUndefined({
    providers: maybe(() => some(['aws', 'kubernetes'])),
    environments: maybe(() => some(['production', 'lab'])),
    effects: maybe(() => some(['reversible', 'irreversible'])),
    playbooks: maybe(() => some(['leaked-*', '*-key', 'model'])),
    severities: maybe(() => some(['low', 'high'])),
    routes: maybe(() => some(['leaks', 'falco'])),
  })
}

const randomAsk = ({ pick }: Chance) => ({
  from: pick(['approver', 'security']),
  count: pick([1, 2]),
  withinMs: HOUR,
})

function randomBudget(of: Chance, name: string): Budget {
  const kind = of.pick(['count', 'percent'] as const)
  return {
    ...budget(name, { about: randomAbout(of), limit: { kind, value: Math.floor(of.next() * 101) } }),
    each: of.next() < 0.5 ? [] : of.some(apartBy),
    over: of.next() < 0.5 ? 'wait' : randomAsk(of),
    ...withoutUndefined({ windowMs: of.maybe(() => HOUR) }),
  }
}

function randomBreaker(of: Chance, name: string): Breaker {
  return breaker(name, { about: randomAbout(of), failures: of.pick([1, 3]), ask: randomAsk(of) })
}

/** Every day at a full quarter of an hour, by a clock that is never changed: simple enough to be told in another way. */
type Daily = Window & { readonly began: number; readonly lasts: number }

function randomWindow(of: Chance, name: string): Daily {
  const quarter = Math.floor(of.next() * 96)
  const lasts = (1 + Math.floor(of.next() * 40)) * (HOUR / 4)
  const cron = `${(quarter % 4) * 15} ${Math.floor(quarter / 4)} * * *`
  const during = { cron, forMs: lasts, timezone: 'UTC' }
  const over = of.pick(['wait', 'wait', 'deny', randomAsk(of)] as const)
  const outside = of.next() < 0.2
  return {
    ...window(name, { about: randomAbout(of), during, outside, over }),
    began: quarter * (HOUR / 4),
    lasts,
  }
}

function randomRisky(of: Chance, name: string): RiskRule {
  return {
    ...risky(name, { about: randomAbout(of), ask: [randomAsk(of), randomAsk(of)] }),
    ...withoutUndefined({
      targets: of.maybe(() => of.pick([0, 2, 5])),
      share: of.maybe(() => of.pick([0, 10, 50, 100])),
      loses: of.maybe(() => true as const),
      noUndo: of.maybe(() => true as const),
      confidence: of.maybe(() => of.some(['verified', 'predicted'])),
    }),
  }
}

type Set4 = { budgets: Budget[]; breakers: Breaker[]; windows: Daily[]; approvals: RiskRule[] }

function randomSet(of: Chance): Set4 {
  const list = <T>(make: (of: Chance, name: string) => T): T[] =>
    Array.from({ length: Math.floor(of.next() * 4) }, (_, i) => make(of, `g${i}`))
  return {
    budgets: list(randomBudget),
    breakers: list(randomBreaker),
    windows: list(randomWindow),
    approvals: list(randomRisky),
  }
}

/** One more, of any kind. */
function withMore(of: Chance, set: Set4): Set4 {
  const more: Set4[] = [
    { ...set, budgets: [...set.budgets, randomBudget(of, 'more')] },
    { ...set, breakers: [...set.breakers, randomBreaker(of, 'more')] },
    { ...set, windows: [...set.windows, randomWindow(of, 'more')] },
    { ...set, approvals: [...set.approvals, randomRisky(of, 'more')] },
  ]
  return of.pick(more)
}

function randomDeed(of: Chance): Deed {
  const subject = withoutUndefined({
    playbook: of.maybe(() => of.pick(['leaked-key', 'model', 'other-key'])),
    because: of.maybe(() => 'leak' as const),
    severity: of.maybe(() => of.pick(['low', 'high'] as const)),
    effect: of.maybe(() => of.pick(['reversible', 'irreversible'] as const)),
    instance: of.maybe(() => of.pick(['aws/main', 'kubernetes/gpu'])),
    environment: of.maybe(() => of.pick(['production', 'lab'])),
    action: of.maybe(() => 'aws.rotate-secret'),
    route: of.maybe(() => of.pick(['leaks', 'falco'])),
  })
  const risk = withoutUndefined({
    targets: of.maybe(() => Math.floor(of.next() * 8)),
    touched: of.maybe(() => Math.floor(of.next() * 8)),
    fleet: of.maybe(() => 1 + Math.floor(of.next() * 20)),
  })
  const sure = {
    loses: of.next() < 0.3,
    undo: of.next() < 0.7,
    confidence: of.pick(['verified', 'predicted'] as const),
  }
  return { ...subject, step: 'one', risk: { ...risk, ...sure } }
}

type Trial = { of: Chance; set: Set4; deed: Deed; now: number; ruling: Ruling }

function trials(count: number, check: (trial: Trial) => void): void {
  for (let seed = 1; seed <= count; seed += 1) {
    const of = chance(seed)
    const set = randomSet(of)
    for (let i = 0; i < 3; i += 1) {
      const deed = randomDeed(of)
      const now = START + Math.floor(of.next() * 20 * DAY)
      check({ of, set, deed, now, ruling: rule(set, deed, now) })
    }
  }
}

function rule(set: Set4, deed: Deed, now: number): Ruling {
  return rulingOf(guardBook(guardrails(set)), deed, now)
}

function contents(list: readonly object[]): string[] {
  return list.map((one) => JSON.stringify(one)).toSorted()
}

function strictness({ deny, wait, gates, counts }: Ruling): number {
  if (deny !== undefined) return 3
  if (wait !== undefined) return 2
  return gates.length > 0 || counts.some(({ limit, of }) => limit === 0 && of === 'taken') ? 1 : 0
}

function expectAtLeast(stricter: Ruling, than: Ruling): void {
  expect(strictness(stricter)).toBeGreaterThanOrEqual(strictness(than))
  expect(contents(stricter.gates)).toEqual(expect.arrayContaining(contents(than.gates)))
  expect(contents(stricter.counts)).toEqual(expect.arrayContaining(contents(than.counts)))
  if (stricter.deny === undefined && than.wait !== undefined)
    expect((stricter.wait?.until ?? '') >= than.wait.until).toBe(true)
}

it('the order in which guardrails stand never matters', () => {
  trials(250, ({ of, set, deed, now, ruling }) => {
    const { budgets, breakers, windows, approvals } = set
    const shuffled = rule(
      {
        budgets: of.shuffle(budgets).map((one) => ({ ...one, each: of.shuffle(one.each) })),
        breakers: of.shuffle(breakers),
        windows: of.shuffle(windows),
        approvals: of.shuffle(approvals),
      },
      deed,
      now,
    )
    expect(shuffled.deny).toEqual(ruling.deny)
    expect(shuffled.wait).toEqual(ruling.wait)
    expect(contents(shuffled.gates)).toEqual(contents(ruling.gates))
    expect(contents(shuffled.counts)).toEqual(contents(ruling.counts))
  })
})

it('one more guardrail never frees anything', () => {
  let stricter = 0
  trials(400, ({ of, set, deed, now, ruling }) => {
    const more = rule(withMore(of, set), deed, now)
    expectAtLeast(more, ruling)
    if (JSON.stringify(more) !== JSON.stringify(ruling)) stricter += 1
  })
  expect(stricter).toBeGreaterThan(150)
})

function keys({ counts }: Ruling): string[] {
  return counts.map(({ key }) => key.split('/').slice(0, 2).join('/'))
}

it('knowing less of an effect never frees it, unless it is in no environment or nothing began it', () => {
  const doubtful = ['playbook', 'because', 'severity', 'effect', 'instance', 'action'] as const
  trials(400, ({ of, set, deed, now, ruling }) => {
    const gone = of.pick(doubtful)
    const { [gone]: _, ...less } = deed
    // What counts apart counts elsewhere then: only whether it counts is compared.
    const after = rule(set, less, now)
    expectAtLeast({ ...after, counts: [] }, { ...ruling, counts: [] })
    expect(keys(after)).toEqual(expect.arrayContaining(keys(ruling)))
  })
})

it('more risk, or risk that nobody knows, never asks fewer people', () => {
  trials(400, ({ of, set, deed, now, ruling }) => {
    const { risk } = deed
    const { targets: _, ...uncounted } = risk
    const { fleet: __, ...unknown } = risk
    const worse: Risk = of.pick<Risk>([
      { ...risk, ...(risk.targets === undefined ? {} : { targets: risk.targets + 1 }) },
      { ...risk, ...(risk.touched === undefined ? {} : { touched: risk.touched + 1 }) },
      { ...risk, loses: true },
      { ...risk, undo: false },
      uncounted,
      unknown,
    ])
    const after = rule(set, { ...deed, risk: worse }, now)
    expect(contents(after.gates)).toEqual(expect.arrayContaining(contents(ruling.gates)))
    for (const [i, { limit }] of after.counts.entries())
      expect(limit).toBeLessThanOrEqual(ruling.counts[i]?.limit ?? -1)
  })
})

it('a share is rounded down, by less than one, and grows with the whole and with the percentage', () => {
  for (let seed = 1; seed <= 5000; seed += 1) {
    const { next } = chance(seed)
    const value = Math.floor(next() * 101)
    const fleet = 1 + Math.floor(next() * (seed % 2 === 0 ? 200 : Number.MAX_SAFE_INTEGER - 1))
    const limit = BigInt(limitOf({ kind: 'percent', value }, fleet))
    expect(limit * 100n <= BigInt(value) * BigInt(fleet)).toBe(true)
    expect((limit + 1n) * 100n > BigInt(value) * BigInt(fleet)).toBe(true)
    expect(limitOf({ kind: 'percent', value }, fleet - 1)).toBeLessThanOrEqual(Number(limit))
  }
})

it('what has no room for ever asks people, and never waits', () => {
  let none = 0
  trials(400, ({ ruling }) => {
    for (const { limit, ask } of ruling.counts) {
      if (limit > 0) continue
      none += 1
      expect(ask).toBeDefined()
    }
  })
  expect(none).toBeGreaterThan(50)
})

/** Written a second time: whether a window that comes every day is shut. */
function isShut({ began, lasts, outside }: Daily, now: number): boolean {
  const since = (((now - began) % DAY) + DAY) % DAY
  return since < lasts !== outside
}

it('an effect waits until the first moment at which no window holds it back, and not a moment longer', () => {
  let waits = 0
  trials(400, ({ set, deed, now, ruling }) => {
    const about = (one: Daily) =>
      rule({ ...set, windows: [{ ...one, over: 'deny', outside: false, during: always }] }, deed, 0)
    const fitting = set.windows.filter((one) => about(one).deny !== undefined)
    const denied = fitting.some((one) => one.over === 'deny' && isShut(one, now))
    if (denied || ruling.deny !== undefined) return
    const waiting = fitting.filter(({ over }) => over === 'wait')
    const shutAt = (moment: number) => waiting.some((one) => isShut(one, moment))
    expect(ruling.wait !== undefined).toBe(shutAt(now))
    if (ruling.wait === undefined) return
    waits += 1
    const until = Date.parse(ruling.wait.until)
    const quarters = Array.from(
      { length: Math.ceil((until - now) / (HOUR / 4)) },
      (_, i) => now + i * (HOUR / 4),
    )
    expect(quarters.every(shutAt)).toBe(true)
    expect(shutAt(until - 1)).toBe(true)
    // Windows that leave no time at all are followed for as long as it takes, but not for ever.
    const never = Array.from({ length: 96 }, (_, i) => i * (HOUR / 4)).every(shutAt)
    expect(shutAt(until)).toBe(never)
  })
  expect(waits).toBeGreaterThan(50)
})

const always = { from: -1, until: 1 }

it('a book that was asked before answers like a new one', () => {
  trials(40, ({ of, set, deed }) => {
    const book = guardBook(guardrails(set))
    for (let i = 0; i < 30; i += 1) {
      const now = START + Math.floor(of.next() * 5 * DAY)
      expect(rulingOf(book, deed, now)).toEqual(rule(set, deed, now))
    }
  })
})
