import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { generateLogKey } from '../../src/audit/key.ts'
import { createNotary } from '../../src/audit/notary.ts'
import { listGuardrails } from '../../src/bot/guardrails.ts'
import type { GuardrailView } from '../../src/core/app.ts'
import type { Counted } from '../../src/core/fact.ts'
import type { Store } from '../../src/core/ports.ts'
import type { Guardrails } from '../../src/core/rules.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { approver, between, breaker, budget, guardrails, HOUR, window } from '../policy/guardrails.ts'
import { requested } from '../store/contract.ts'
import { effect, failed, held } from '../store/guardrail-facts.ts'

const NOON = Date.parse('2026-11-04T12:00:00Z')
const notary = createNotary(generateLogKey('example.com/log'))

type Bench = {
  readonly list: (some: Partial<Guardrails>) => Promise<readonly GuardrailView[]>
  readonly says: (some: Partial<Guardrails>) => Promise<readonly (readonly [string, string, boolean])[]>
  readonly store: Store
  readonly later: (ms: number) => void
}

async function bench(...runs: readonly string[]): Promise<Bench> {
  let now = NOON
  const clock = { now: () => now }
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-guardrails-'))
  const store = openSqlite({ folder, notary, clock })
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await store.commit({ facts: runs.map((run) => requested(run)) })
  const list: Bench['list'] = (some) =>
    listGuardrails({ config: { guardrails: guardrails(some) }, store, clock })
  return {
    list,
    says: async (some) => (await list(some)).map(({ key, says, closed }) => [key, says, closed]),
    store,
    later: (ms) => (now += ms),
  }
}

const taken = (key: string, windowMs?: number): Counted => ({
  key,
  of: 'taken',
  limit: 100,
  ...(windowMs === undefined ? {} : { windowMs }),
})

const failures = (key: string): Counted => ({ key, of: 'failed', limit: 100, windowMs: HOUR })

it('a budget says how much of it is taken, and is closed from its limit on', async () => {
  const { says, store, later } = await bench('a', 'b')
  const budgets = [
    budget('hourly', { limit: { kind: 'count', value: 2 }, windowMs: HOUR }),
    budget('once', { limit: { kind: 'count', value: 2 }, over: approver }),
  ]
  expect(await says({ budgets })).toEqual([
    ['budget/hourly', '0 of 2 within 1h', false],
    ['budget/once', '0 of 2 at once, beyond that asks 1 of approver', false],
  ])
  const both = [taken('budget/hourly', HOUR), taken('budget/once')]
  await store.commit(effect(['a', 1], both))
  expect((await says({ budgets })).map(([, said, closed]) => [said.slice(0, 6), closed])).toEqual([
    ['1 of 2', false],
    ['1 of 2', false],
  ])
  await store.commit(effect(['b', 1], both))
  expect((await says({ budgets })).map(([, said, closed]) => [said.slice(0, 6), closed])).toEqual([
    ['2 of 2', true],
    ['2 of 2', true],
  ])
  later(HOUR + 1)
  // What is under way counts until it ends; what was within an hour does not.
  expect((await says({ budgets })).map(([key, said]) => [key, said.slice(0, 6)])).toEqual([
    ['budget/once', '2 of 2'],
    ['budget/hourly', '0 of 2'],
  ])
})

it('a share is told as one: it is closed when somebody waits for it, as nobody else knows how much it is', async () => {
  const { list, store } = await bench('a')
  const budgets = [budget('share', { limit: { kind: 'percent', value: 20 } })]
  await store.commit(effect(['a', 1], [taken('budget/share')]))
  expect(await list({ budgets })).toEqual([
    {
      key: 'budget/share',
      kind: 'budget',
      says: '1 of 20% of what there is at once',
      closed: false,
      waiting: [],
    },
  ])
  await store.commit({ facts: [held(['a', 2, 't'], 'budget/share')] })
  expect(await list({ budgets })).toMatchObject([{ closed: true, waiting: [{ run: 'a', step: 't' }] }])
})

it('of a budget that counts apart there is a line for each value in use, and one where none is', async () => {
  const { says, list, store, later } = await bench('a', 'b')
  const budgets = [
    budget('each', { limit: { kind: 'count', value: 1 }, windowMs: HOUR, each: ['playbook', 'route'] }),
    // Its name begins like the other one's.
    budget('each2', {}),
  ]
  const empty = ['budget/each', '0 of 1 within 1h, for each playbook and route', false]
  expect((await says({ budgets }))[0]).toEqual(empty)
  await store.commit(effect(['a', 1], [taken('budget/each/leaks/falco', HOUR), taken('budget/each2')]))
  await store.commit({ facts: [held(['b', 1, 's'], 'budget/each/gone/-')] })
  expect(await says({ budgets })).toEqual([
    ['budget/each/gone/-', '0 of 1 within 1h', true],
    ['budget/each/leaks/falco', '1 of 1 within 1h', true],
    ['budget/each2', '1 of 10 at once', false],
  ])
  expect((await list({ budgets }))[0]?.waiting).toEqual([{ run: 'b', step: 's' }])
  later(HOUR + 1)
  expect((await says({ budgets })).map(([key]) => key)).toEqual(['budget/each/gone/-', 'budget/each2'])
})

it('a breaker counts runs that failed, each once, and is closed from its limit on', async () => {
  const { says, list, store } = await bench('a', 'b')
  const breakers = [breaker('api', { failures: 2, each: ['route'] }), breaker('all', { failures: 3 })]
  const counts = [failures('breaker/api/falco'), failures('breaker/all')]
  await store.commit(effect(['a', 1], counts))
  await store.commit({ facts: [failed(['a', 2, 's'])] })
  await store.commit(effect(['a', 3, 't'], counts))
  await store.commit({ facts: [failed(['a', 4, 't'])] })
  const then = 'failed or undone runs within 1h, then asks 1 of approver'
  expect(await says({ breakers })).toEqual([
    ['breaker/api/falco', `1 of 2 ${then}`, false],
    ['breaker/all', `1 of 3 ${then}`, false],
  ])
  await store.commit(effect(['b', 1], counts))
  await store.commit({ facts: [failed(['b', 2, 's'])] })
  expect(await says({ breakers })).toEqual([
    ['breaker/api/falco', `2 of 2 ${then}`, true],
    ['breaker/all', `2 of 3 ${then}`, false],
  ])
  expect((await list({ breakers })).map(({ kind }) => kind)).toEqual(['breaker', 'breaker'])
})

const shut = 'shut until Wed 2026-11-04 13:00 UTC'
const [soon, past] = ['2026-11-04T13:00:00Z', '2026-11-03T13:00:00Z']

it.each([
  [`${shut}, effects wait`, true, { until: soon }],
  [`${shut}, effects are refused`, true, { until: soon, over: 'deny' }],
  [`${shut}, asks 1 of approver`, true, { until: soon, over: approver }],
  ['open from now on', false, { until: past }],
  ['shut from now on, effects wait', true, { until: past, outside: true }],
  ['open until Wed 2026-11-04 13:00 UTC, then effects wait', false, { until: soon, outside: true }],
] as const)('a window is %s', async (said, closed, { until, ...more }) => {
  const { says } = await bench()
  const windows = [window('w', { during: between('2026-11-03T00:00:00Z', until), ...more })]
  expect(await says({ windows })).toEqual([['window/w', said, closed]])
})

it('what somebody waits for is at the top, then what is closed, and the rest as the file has it', async () => {
  const { list, store } = await bench('a')
  await store.commit({ facts: [held(['a', 1, 's'], 'window/busy', { by: 'window' })] })
  const always = between('2026-11-03T00:00:00Z', '2026-11-05T00:00:00Z')
  const some = {
    budgets: [budget('full', { limit: { kind: 'count', value: 0 } }), budget('free', {})],
    breakers: [breaker('calm', {})],
    windows: [window('shut', { during: always }), window('busy', { during: always })],
  }
  const keys = (await list(some)).map(({ key }) => key)
  expect(keys).toEqual(['window/busy', 'budget/full', 'window/shut', 'budget/free', 'breaker/calm'])
})
