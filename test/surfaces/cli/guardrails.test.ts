import { expect, test } from 'vitest'
import type { GuardrailView } from '../../../src/core/app.ts'
import { createCliWithBot } from './cli.ts'

const waiting = ['a', 'b', 'c', 'd', 'e'].map((run) => ({ run, step: 'down' }))
const views: readonly GuardrailView[] = [
  { key: 'budget/gpu', kind: 'budget', says: '3 of 3 within 1h', closed: true, waiting },
  { key: 'window/fri', kind: 'window', says: 'open from\u001b[2J now on', closed: false, waiting: [] },
]

test('guardrails shows what is taken and closed, and who waits, hostile text made harmless', async () => {
  const { run, fake } = await createCliWithBot()
  expect(await run('guardrails')).toEqual({ code: 0, out: 'no guardrails are configured\n', err: '' })
  Object.assign(fake.app, { guardrails: async () => views })
  const { code, out } = await run('guardrails')
  expect(code).toBe(0)
  expect(out).toBe(
    [
      'GUARDRAIL   STATE   NOW               WAITING',
      'budget/gpu  closed  3 of 3 within 1h  down of a, down of b, down of c, 2 more',
      'window/fri  open    open from now on\n',
    ].join('\n'),
  )
  expect(JSON.parse((await run('guardrails', '--json')).out)).toEqual(views)
})

test('why gives the answer first, then what it rests on, then what else the log has reasons for', async () => {
  const { run, fake } = await createCliWithBot()
  const id = fake.begin()
  const failed = { notice: 'n', channel: '#incidents', why: 'channel_not_found' }
  fake.commit({ type: 'notice.failed', run: id, actor: { kind: 'system' }, data: failed })
  const { code, out } = await run('why', id)
  expect(code).toBe(0)
  const [first, ...rest] = out.split('\n')
  expect(first).toBe(`run ${id} (leaked-key) waits for people: 1 of 1 approver for disable`)
  expect(rest.slice(0, 2)).toEqual([
    '  may decide: Ada (ada)',
    '  the request ends at 2026-01-02 03:34:05Z, and silence is a refusal',
  ])
  expect(rest.at(-2)).toBe('  2026-01-02 03:04:05Z  notice.failed  #incidents: channel_not_found')
  const json = JSON.parse((await run('why', id, '--json')).out) as object
  expect(json).toMatchObject({
    answer: first,
    run: { state: { id } },
    facts: [{ type: 'run.requested' }, {}, {}, {}],
  })
  expect(fake.seen.accesses[0]).toMatchObject({ what: `why ${id}`, by: { user: 'ada' } })
})

test('why of what nobody knows says how to find a name', async () => {
  const { run } = await createCliWithBot()
  const { code, err } = await run('why', 'nope')
  expect(code).toBe(1)
  expect(err).toContain('error why.unknown: nothing in the log is about nope')
  expect(err).toContain('firebreak runs')
})
