import { expect, it } from 'vitest'
import { tiesOf } from '../../src/core/rule-order.ts'
import type { PermissionRule } from '../../src/core/rules.ts'
import { type Asked, type Asker, decide, type Verdict } from '../../src/policy/decision.ts'
import { globMatches } from '../../src/policy/glob.ts'
import type { Point } from '../../src/policy/rules.ts'
import { authority } from './people.ts'
import { type Chance, chance, permissionsWith, person, randomAsked, randomRule, roles } from './rules.ts'

/** Sets of rules that a configuration may have: what is ambiguous is refused when it is loaded. */
function randomRules(of: Chance): PermissionRule[] {
  const rules: PermissionRule[] = []
  for (let i = 0; i < 1 + of.next() * 12; i += 1) {
    const next = randomRule(of, `r${i}`)
    if (tiesOf([...rules, next]).length === 0) rules.push(next)
  }
  return rules
}

function within(named: readonly string[] | undefined, value: string | undefined): boolean {
  return named === undefined || (value !== undefined && named.includes(value))
}

/** Written a second time, in the plainest way: whether a rule fits. */
function fits(rule: PermissionRule, verb: string, point: Point): boolean {
  return (
    rule.verbs.some((one) => one === verb) &&
    within(rule.instances, point.instance) &&
    within(rule.environments, point.environment) &&
    within(rule.effects, point.effect) &&
    within(rule.because, point.because) &&
    within(rule.severities, point.severity) &&
    (rule.playbooks === undefined ||
      rule.playbooks.some((pattern) => point.playbook !== undefined && globMatches(pattern, point.playbook)))
  )
}

type Trial = {
  readonly of: Chance
  readonly rules: PermissionRule[]
  readonly asked: Asked
  readonly asker: Asker
}

function trials(count: number, check: (trial: Trial) => void): void {
  for (let seed = 1; seed <= count; seed += 1) {
    const of = chance(seed)
    const rules = randomRules(of)
    for (let i = 0; i < 5; i += 1) {
      const asker = person(...roles.filter(() => of.next() < 0.3))
      check({ of, rules, asked: randomAsked(of), asker })
    }
  }
}

function deciders({ each }: Verdict): string[] {
  return each.map(({ by, outcome }) => `${by.kind === 'rule' ? by.rule.name : by.kind} ${outcome}`)
}

it('nothing is allowed that no rule and no row of the table allows to somebody with these roles', () => {
  let allowed = 0
  trials(600, ({ rules, asked, asker }) => {
    const verdict = decide(permissionsWith(...rules), asker, asked)
    const mine = asker.kind === 'person' ? asker.roles : []
    for (const { outcome, point } of verdict.outcome === 'deny' ? [] : verdict.each) {
      expect(outcome).not.toBe('deny')
      const fitting = rules.filter((rule) => fits(rule, asked.verb, point))
      const lets = (named: readonly string[]) => named.some((role) => mine.includes(role))
      const table = asked.verb === 'approve' || lets(authority.permissions[asked.verb])
      expect(
        fitting.length === 0 ? table : fitting.some(({ who, ask }) => lets([...who, ...(ask?.who ?? [])])),
      ).toBe(true)
      allowed += 1
    }
  })
  expect(allowed).toBeGreaterThan(300)
})

it('the order of the rules never matters', () => {
  trials(600, ({ of, rules, asked, asker }) => {
    const straight = decide(permissionsWith(...rules), asker, asked)
    const shuffled = decide(permissionsWith(...of.shuffle(rules)), asker, asked)
    expect(deciders(shuffled)).toEqual(deciders(straight))
  })
})

it('another rule changes only what it decides itself', () => {
  let changed = 0
  trials(600, ({ of, rules, asked, asker }) => {
    const more = randomRule(of, 'more')
    if (tiesOf([...rules, more]).length > 0) return
    const before = decide(permissionsWith(...rules), asker, asked).each
    const after = decide(permissionsWith(...rules, more), asker, asked).each
    for (const [i, now] of after.entries()) {
      const mine = now.by.kind === 'rule' && now.by.rule.name === 'more'
      if (mine) changed += 1
      else expect(now).toEqual(before[i])
      if (mine) expect(fits(more, asked.verb, now.point)).toBe(true)
    }
  })
  expect(changed).toBeGreaterThan(50)
})

it('more roles never take anything away', () => {
  const rank = { deny: 0, ask: 1, allow: 2 } as const
  trials(600, ({ of, rules, asked, asker }) => {
    const mine = asker.kind === 'person' ? asker.roles : []
    const less = decide(permissionsWith(...rules), asker, asked)
    const more = decide(permissionsWith(...rules), person(...mine, of.pick(roles)), asked)
    expect(rank[more.outcome]).toBeGreaterThanOrEqual(rank[less.outcome])
  })
})

it('of all that fits, the one that decides names a place whenever another one does', () => {
  trials(600, ({ rules, asked, asker }) => {
    for (const { by, point } of decide(permissionsWith(...rules), asker, asked).each) {
      const places = rules.filter((rule) => fits(rule, asked.verb, point) && rule.instances !== undefined)
      if (places.length > 0) expect(by.kind === 'rule' && by.rule.instances !== undefined).toBe(true)
    }
  })
})

it('rules that tie are found: wherever two of one weight fit, loading has refused them', () => {
  let refused = 0
  for (let seed = 1; seed <= 3000; seed += 1) {
    const of = chance(seed)
    const pair = [randomRule(of, 'a'), randomRule(of, 'b')]
    const asked = randomAsked(of)
    const asker = person('responder')
    const [one, other] = [pair, pair.toReversed()].map((rules) =>
      deciders(decide(permissionsWith(...rules), asker, asked)),
    )
    const ties = tiesOf(pair).length > 0
    if (ties) refused += 1
    else expect(other).toEqual(one)
  }
  expect(refused).toBeGreaterThan(10)
})
