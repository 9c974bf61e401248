import { afterEach, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import type { Guards, Refused, Store } from '../../src/core/ports.ts'
import type { Ruling, RuledCount } from '../../src/core/ruling.ts'
import { playbook } from '../support/bot.ts'
import { startEngine, type Engine } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// What becomes of an effect that a guardrail refuses for now: it waits and says for what, or people are asked. Whether there
// is room is the store's to say; here a test says it.

let engine: Engine
afterEach(() => engine.close())

const off = (lamp: string, more: object = {}) => ({
  action: 'toy.set',
  with: { lamp, value: 'off' },
  ...more,
})
const one = playbook('one', { off: off('a') })

/** A store in which this refuses commits with guards. */
function refusing(refuse: (guards: Guards) => Refused | undefined): (store: Store) => Store {
  return (store) => ({
    ...store,
    commit: (commit) => {
      const { guards: { claim, ...guards } = {}, otherwise, ...rest } = commit
      const refused = claim === undefined ? undefined : refuse(commit.guards ?? {})
      if (refused === undefined) return store.commit(commit)
      const fact = otherwise?.(refused)
      return fact === undefined
        ? Promise.reject(refused.error)
        : store.commit({ ...rest, guards, facts: [fact] })
    },
  })
}

function claimed(target = 'aws/lamp/a'): Refused {
  const error = new FirebreakError('guardrail.claimed', `Run other holds ${target}`, { remedy: 'Wait.' })
  return { error, key: target, run: 'other' }
}

function over(until?: string): Refused {
  const error = new FirebreakError('guardrail.over', 'budget/lamps has 1 of 1', { remedy: 'Wait.' })
  return { error, key: 'budget/lamps', ...(until === undefined ? {} : { until }) }
}

const budget = {
  key: 'budget/lamps',
  of: 'taken',
  limit: 1,
  windowMs: 1000,
  why: 'one lamp a second',
} as const
const ask = { scope: 'off', from: 'approver', count: 1, withinMs: 60_000, rule: 'budget/lamps' }

function ruled(...counts: readonly RuledCount[]): { ruling: () => Ruling } {
  return { ruling: () => ({ gates: [], counts }) }
}

function start(toy: Toy, more: Partial<Parameters<typeof startEngine>[0]>): Engine {
  engine = startEngine({ actions: toyActions(toy), ...more })
  return engine
}

async function held(run: string, step = 'off') {
  return eventually(async () => (await engine.state(run)).steps[step]?.held)
}

/** With this policy whoever is asked agrees at once; somebody has to look. */
async function agree(run: string, nth = 1): Promise<void> {
  await eventually(async () => (await engine.state(run)).approvals.length >= nth)
  engine.wake(run)
}

async function types(run: string): Promise<string[]> {
  return (await engine.facts(run)).map(({ type }) => type)
}

describe('an effect whose target another run holds', () => {
  it('waits, says for what, and acts when it is called and the target is free', async () => {
    const toy = createToy({ a: 'on' })
    let free = false
    start(toy, { through: refusing(() => (free ? undefined : claimed())) })
    const run = await engine.start(one)
    expect(await held(run)).toMatchObject({ by: 'claim', key: 'aws/lamp/a', run: 'other' })
    expect(applied(toy)).toEqual([])
    free = true
    engine.wake(run)
    const { status, steps } = await engine.over(run)
    expect(status).toBe('succeeded')
    expect(steps['off']?.held).toBeUndefined()
    expect(applied(toy)).toEqual(['a'])
  })

  it('says so once, however often it is called in vain', async () => {
    const toy = createToy({ a: 'on' })
    let tries = 0
    start(toy, {
      through: refusing(() => {
        tries += 1
        return tries <= 4 ? claimed() : undefined
      }),
    })
    const run = await engine.start(one)
    await held(run)
    for (const wanted of [2, 3, 4]) {
      engine.wake(run)
      await eventually(async () => tries >= wanted)
    }
    engine.wake(run)
    await engine.over(run)
    expect((await types(run)).filter((type) => type === 'step.held')).toHaveLength(1)
  })

  it('keeps no place of a step that repeats: the items behind it act', async () => {
    const toy = createToy({ a: 'on', b: 'on', c: 'on' })
    let free = false
    const each = playbook('each', {
      off: { forEach: '${{ ["a", "b", "c"] }}', ...off('${{ item }}'), concurrency: 1 },
    })
    start(toy, {
      through: refusing(({ claim }) => (claim?.target === 'aws/lamp/a' && !free ? claimed() : undefined)),
    })
    const run = await engine.start(each)
    await eventually(async () => applied(toy).length === 2)
    expect(applied(toy)).toEqual(['b', 'c'])
    free = true
    engine.wake(run)
    expect((await engine.over(run)).status).toBe('succeeded')
    expect(applied(toy)).toEqual(['b', 'c', 'a'])
  })

  it('fails where each waits for the other', async () => {
    const toy = createToy({ a: 'on' })
    const error = new FirebreakError('guardrail.deadlock', 'each waits for the other', { remedy: 'Nothing.' })
    start(toy, { through: refusing(() => ({ error, key: 'aws/lamp/a' })) })
    const { status, problem } = await engine.over(await engine.start(one))
    expect([status, problem?.code]).toEqual(['failed', 'guardrail.deadlock'])
    expect(applied(toy)).toEqual([])
  })
})

describe('an effect over a budget', () => {
  it('waits for the time when there is room, and acts then by itself', async () => {
    const toy = createToy({ a: 'on' })
    const until = new Date(Date.now() + 300).toISOString()
    start(toy, {
      policy: ruled(budget),
      through: refusing(() => (Date.now() < Date.parse(until) ? over(until) : undefined)),
    })
    const run = await engine.start(one)
    expect(await held(run)).toMatchObject({ by: 'count', key: 'budget/lamps', until })
    expect((await engine.over(run)).status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
  })

  it('asks people where the budget says so, and goes beyond it when they agree', async () => {
    const toy = createToy({ a: 'on' })
    const seen: Guards[] = []
    start(toy, {
      policy: ruled({ ...budget, ask }),
      through: refusing((guards) => {
        seen.push(guards)
        return guards.spend?.counts[0]?.waived ? undefined : over()
      }),
    })
    const run = await engine.start(one)
    await agree(run)
    const { status, approvals, steps } = await engine.over(run)
    expect(status).toBe('succeeded')
    expect(approvals).toMatchObject([{ gates: [ask], because: 'budget/lamps has 1 of 1' }])
    expect(steps['off']?.intent).toMatchObject({
      approval: approvals[0]?.request,
      counts: [{ key: 'budget/lamps', waived: true }],
    })
    expect(seen.map(({ spend }) => spend?.counts[0]?.waived ?? false)).toEqual([false, true])
  })

  it('asks once for all items of a step that have not begun', async () => {
    const toy = createToy({ a: 'on', b: 'on', c: 'on' })
    const each = playbook('each', {
      off: { forEach: '${{ ["a", "b", "c"] }}', ...off('${{ item }}'), concurrency: 1 },
    })
    let room = 1
    start(toy, {
      policy: ruled({ ...budget, ask }),
      through: refusing(({ spend }) => {
        if (spend?.counts[0]?.waived) return undefined
        room -= 1
        return room < 0 ? over() : undefined
      }),
    })
    const run = await engine.start(each)
    await agree(run)
    const { status, approvals } = await engine.over(run)
    expect(status).toBe('succeeded')
    expect(approvals.map(({ lines }) => Object.keys(lines))).toEqual([['off[1]', 'off[2]']])
    expect(applied(toy)).toEqual(['a', 'b', 'c'])
  })

  it('is not begun by people who agreed and may not any more', async () => {
    const toy = createToy({ a: 'on' })
    let asked = 0
    start(toy, {
      // Enough to let the request go, not enough at the moment of effect.
      policy: {
        ...ruled({ ...budget, ask }),
        gate: async () => ({ satisfied: (asked += 1) <= 1, missing: '1 of 1 approver' }),
      },
      through: refusing(({ spend }) => (spend?.counts[0]?.waived ? undefined : over())),
    })
    const run = await engine.start(one)
    await agree(run)
    await eventually(async () => (await types(run)).includes('approval.voided'))
    expect(applied(toy)).toEqual([])
    const { approvals } = await engine.state(run)
    expect(approvals.at(-1)).toMatchObject({ status: 'open', gates: [ask] })
  })

  it('writes what it takes up into its intent', async () => {
    const toy = createToy({ a: 'on' })
    start(toy, { policy: ruled(budget) })
    const { steps } = await engine.over(await engine.start(one))
    const { why: _, ...counted } = budget
    expect(steps['off']?.intent).toMatchObject({ claim: 'aws/lamp/a', counts: [counted] })
  })
})

describe('a time set aside', () => {
  const key = 'window/night'
  it('makes an effect wait for its end, and only then are people asked', async () => {
    const toy = createToy({ a: 'on' })
    const end = Date.now() + 300
    const until = new Date(end).toISOString()
    const gate = { scope: 'off', from: 'approver', count: 1, withinMs: 60_000 }
    start(toy, {
      policy: {
        ruling: () =>
          Date.now() < end
            ? { gates: [], counts: [], wait: { key, why: 'nothing at night', until } }
            : { gates: [], counts: [] },
        gates: (run) => (run.plan === undefined ? [] : [gate]),
      },
    })
    const run = await engine.start(one)
    expect(await held(run)).toMatchObject({ by: 'window', key, until })
    const { approvals, plan } = await engine.state(run)
    expect(approvals).toEqual([])
    expect(plan?.lines[0]?.summary).toContain('nothing at night')
    await agree(run)
    expect((await engine.over(run)).status).toBe('succeeded')
    expect(Date.now()).toBeGreaterThanOrEqual(end)
  })

  it('that refuses is in the plan, and the step fails without an intent', async () => {
    const toy = createToy({ a: 'on' })
    start(toy, {
      policy: { ruling: () => ({ gates: [], counts: [], deny: { key, why: 'never at night' } }) },
    })
    const { status, problem, plan } = await engine.over(await engine.start(one))
    expect([status, problem?.code]).toEqual(['failed', 'guardrail.window'])
    expect(plan?.lines[0]).toMatchObject({ kind: 'fails' })
    expect(plan?.lines[0]?.summary).toContain('never at night')
    expect(await types('run1')).not.toContain('step.intended')
  })
})

describe('a rule of risk', () => {
  it('that begins to ask after the approval voids it: nobody was asked about that', async () => {
    const toy = createToy({ a: 'on' })
    const plain = { scope: 'off', from: 'approver', count: 1, withinMs: 60_000 }
    const risky = { ...plain, from: 'security', rule: 'approvals/risky' }
    let asked = 0
    start(toy, {
      policy: {
        gates: () => ((asked += 1) === 1 ? [plain] : [plain, risky]),
      },
    })
    const run = await engine.start(one)
    await agree(run)
    await agree(run, 2)
    const { approvals } = await engine.over(run)
    expect(approvals.map(({ gates, status }) => [gates.length, status])).toEqual([
      [1, 'voided'],
      [2, 'satisfied'],
    ])
    expect(approvals[1]?.because).toBe('approvals/risky asks as well')
  })
})
