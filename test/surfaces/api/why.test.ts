import { describe, expect, it } from 'vitest'
import type { Firebreak, GuardrailView } from '../../../src/core/app.ts'
import { isFirebreakError, FirebreakError } from '../../../src/core/errors.ts'
import type { FactData, FactType, NewFact } from '../../../src/core/fact.ts'
import { type Actor, system } from '../../../src/core/person.ts'
import type { Freeze } from '../../../src/core/ports.ts'
import { why } from '../../../src/surfaces/api/why/why.ts'
import { createFake, type Fake } from './fake-firebreak.ts'

const AT = '2026-01-02 03:04:05Z'
const UNTIL = '2026-01-02T05:00:00.000Z'
const problem = { code: 'provider.denied', message: 'no right', remedy: 'Grant it.' }

function by(person: string): Actor {
  return { kind: 'account', account: { via: 'os', user: person }, person }
}

const person = (id: string) => ({
  person: id,
  account: { via: 'os', user: id } as const,
  evidence: { kind: 'slack', team: 'T', user: id } as const,
})

type At = { readonly run: string; readonly step?: string; readonly actor?: Actor }

type Bench = {
  readonly fake: Fake
  /** A run that nobody was asked about. */
  readonly run: (id: string, more?: Partial<FactData<'run.requested'>>) => Promise<void>
  readonly tell: <T extends FactType>(at: string | At, type: T, data: FactData<T>) => void
  readonly hold: (run: string, data: Partial<FactData<'step.held'>>) => void
  readonly ask: (id: string) => Promise<{ answer: string; because: readonly string[] }>
  readonly answer: (id: string) => Promise<string>
  readonly code: (id: string) => Promise<unknown>
  /** Retention has deleted every run. */
  readonly forget: () => void
}

function bench(standing: { frozen?: Freeze; guardrails?: readonly GuardrailView[] } = {}): Bench {
  const fake = createFake()
  const app: Firebreak = {
    ...fake.app,
    frozen: async () => standing.frozen,
    guardrails: async () => standing.guardrails ?? [],
  }
  const tell: Bench['tell'] = (at, type, data) =>
    fake.commit({ actor: system, ...(typeof at === 'string' ? { run: at } : at), type, data } as NewFact)
  const ask = (id: string) => why(app, id)
  return {
    fake,
    tell,
    ask,
    run: async (id, more = {}) => {
      const template = fake.begin()
      const { requested, plan } = (await fake.app.run(template)).state
      fake.commit({ type: 'run.requested', run: id, actor: by('rita'), data: { ...requested, ...more } })
      if (plan !== undefined) tell(id, 'run.planned', { plan })
    },
    hold: (run, data) =>
      tell({ run, step: 'disable' }, 'step.held', { by: 'claim', key: 'aws/k', why: 'it is taken', ...data }),
    answer: async (id) => (await ask(id)).answer,
    forget: () =>
      Object.assign(app, {
        run: () => Promise.reject(new FirebreakError('run.forgotten', 'gone', { remedy: 'See an export.' })),
      }),
    code: (id) => ask(id).catch((error: unknown) => (isFirebreakError(error) ? error.code : error)),
  }
}

describe('a run that waits', () => {
  it('for people: who is missing, who may, and until when', async () => {
    const { fake, ask } = bench()
    const { answer, because } = await ask(fake.begin())
    expect(answer).toBe('run r1 (leaked-key) waits for people: 1 of 1 approver for disable')
    expect(because.slice(0, 2)).toEqual([
      'may decide: Ada (ada)',
      'the request ends at 2026-01-02 03:34:05Z, and silence is a refusal',
    ])
    expect(because).toContain(`the playbook asked 1 of approver about disable at ${AT}`)
  })

  it('for people because of a guardrail: how that stands', async () => {
    const [key, says] = ['breaker/api', '3 of 3 failed or undone runs within 1h']
    const { run, tell, ask } = bench({
      guardrails: [{ key, kind: 'breaker', says, closed: true, waiting: [] }],
    })
    await run('a')
    const gate = { scope: 'disable', from: 'approver', count: 1, withinMs: 60_000, rule: key }
    const lines = { disable: 'l' }
    tell('a', 'approval.requested', { request: 'q', digest: 'd', lines, gates: [gate], expires: UNTIL })
    const { because } = await ask('a')
    expect(because[2]).toBe(`${key} now: ${says}`)
    expect(because).toContain(`${key} asked 1 of approver about disable at ${AT}`)
  })

  it('for another run, and for what that one waits for, to the end of the chain', async () => {
    const { fake, run, hold, ask } = bench()
    await run('a')
    await run('b')
    const end = fake.begin()
    hold('a', { run: 'b' })
    hold('b', { key: 'aws/l', run: end })
    const { answer, because } = await ask('a')
    const last = `run ${end}, which holds aws/l and waits for people: 1 of 1 approver for disable`
    expect(answer).toBe(`run a (leaked-key) waits for run b, which holds aws/k and waits for ${last}`)
    expect(because.slice(0, 5)).toEqual([
      `disable is held since ${AT}: it is taken`,
      `run b (leaked-key, asked for by rita) waits for ${last}`,
      `  disable is held since ${AT}: it is taken`,
      `  run ${end} (leaked-key, asked for by ssh:SHA256:requester) waits for people: 1 of 1 approver for disable`,
      '    may decide: Ada (ada)',
    ])
  })

  it('in a circle, or for a run that is gone or over: the chain has an end all the same', async () => {
    const { run, hold, tell, answer } = bench()
    for (const id of ['a', 'b', 'c']) await run(id)
    hold('a', { run: 'b' })
    hold('b', { key: 'aws/l', run: 'a' })
    expect(await answer('a')).toMatch(
      /^run a .* run b, which holds aws\/k and waits for run a, which holds aws\/l, in a circle$/,
    )
    hold('c', { run: 'nobody' })
    expect(await answer('c')).toMatch(
      /run nobody, which holds aws\/k and of which nothing is known any more$/,
    )
    tell('b', 'run.cancelled', { reason: 'not needed' })
    expect(await answer('a')).toMatch(
      new RegExp(`run b, which holds aws/k and was cancelled at ${AT}: not needed$`),
    )
  })

  it('for room under a budget: how much is taken, until when, and who else waits', async () => {
    const key = 'budget/gpu'
    const waiting = [
      { run: 'x', step: 's' },
      { run: 'a', step: 'disable' },
    ]
    const { run, hold, ask } = bench({
      guardrails: [{ key, kind: 'budget', says: '3 of 3 within 1h', closed: true, waiting }],
    })
    await run('a')
    hold('a', { by: 'count', key, why: 'budget/gpu has 3 of 3 within 1 h', until: UNTIL })
    const { answer, because } = await ask('a')
    expect(answer).toBe(
      'run a (leaked-key) waits for room under budget/gpu, at the latest 2026-01-02 05:00:00Z',
    )
    expect(because.slice(0, 2)).toEqual([
      `disable is held since ${AT}: budget/gpu has 3 of 3 within 1 h`,
      'budget/gpu now: 3 of 3 within 1h; 2 steps wait for it',
    ])
  })

  it('for the end of a window', async () => {
    const { run, hold, answer } = bench()
    await run('a')
    hold('a', { by: 'window', key: 'window/friday', until: UNTIL })
    expect(await answer('a')).toBe(
      'run a (leaked-key) waits for the end of window/friday, at 2026-01-02 05:00:00Z',
    )
  })

  it('for a thaw: who froze, since when, why, and who has said so', async () => {
    const since = '2026-01-02T03:04:05.678Z'
    const thaw = [{ person: 'bob', at: '2026-01-02T04:00:00.000Z' }]
    const { fake, run, ask, tell } = bench({ frozen: { reason: 'all is on fire', since, thaw } })
    fake.commit({ type: 'freeze.set', actor: by('ann'), data: { reason: 'all is on fire' } })
    await run('a')
    const { answer, because } = await ask('a')
    const frozen = `frozen by ann since ${AT}: all is on fire; bob wanted the thaw at 2026-01-02 04:00:00Z`
    expect(answer).toBe('run a (leaked-key) waits for the thaw: no effect begins while Firebreak is frozen')
    expect(because[0]).toBe(frozen)
    // Who waits for people waits for them first.
    const asking = await ask(fake.begin())
    expect(asking.answer).toMatch(/waits for people: .* \(and 1 more\)$/)
    expect(asking.because).toContain(frozen)
    await run('dry', { mode: 'dry-run' })
    tell({ run: 'dry', step: 'disable' }, 'step.retrying', { tries: 2, until: UNTIL, problem })
    expect((await ask('dry')).because).not.toContain(frozen)
  })

  it('for hands, for its time, or for another try', async () => {
    const { run, tell, answer, ask } = bench()
    for (const id of ['a', 'b', 'c']) await run(id)
    tell({ run: 'a', step: 'disable' }, 'step.asked', { who: 'operator', what: 'pull the plug' })
    tell({ run: 'a', step: 'disable' }, 'step.not-closed', { why: 'it still hums' })
    expect(await answer('a')).toBe('run a (leaked-key) waits for somebody of operator to do disable by hand')
    expect((await ask('a')).because.slice(0, 3)).toEqual([
      'to be done: pull the plug',
      'it is not done yet: it still hums',
      'may say that it is done: nobody who is configured',
    ])
    tell({ run: 'b', step: 'disable' }, 'step.waiting', { until: UNTIL })
    expect(await answer('b')).toBe('run b (leaked-key) waits for 2026-01-02 05:00:00Z, as disable says')
    tell({ run: 'c', step: 'disable' }, 'step.retrying', { tries: 2, until: UNTIL, problem })
    const { answer: said, because } = await ask('c')
    expect(said).toBe('run c (leaked-key) waits for 2026-01-02 05:00:00Z, to try disable again')
    expect(because[0]).toBe('disable failed 2 times, last: provider.denied: no right')
  })

  it('for somebody to take it on: why it is parked, and how', async () => {
    const { run, tell, ask } = bench()
    await run('a')
    const doubt = { code: 'step.in-doubt', message: 'nobody can tell', remedy: 'Look at it.' }
    tell({ run: 'a', step: 'disable' }, 'step.in-doubt', doubt)
    tell('a', 'run.parked', doubt)
    const { answer, because } = await ask('a')
    expect(answer).toBe(
      'run a (leaked-key) is parked and waits for somebody to take it on: step.in-doubt: nobody can tell',
    )
    expect(because.slice(0, 3)).toEqual([
      'disable is in doubt: nobody can tell',
      'Look at it.',
      'take it on: firebreak runs resume a; end it: firebreak runs cancel a',
    ])
  })

  it('for nothing', async () => {
    const { fake, run, tell, answer } = bench()
    await run('a')
    expect(await answer('a')).toBe('run a (leaked-key) waits for nothing: it goes on')
    const { requested } = (await fake.app.run('a')).state
    tell('b', 'run.requested', requested)
    expect(await answer('b')).toBe('run b (leaked-key) waits for nothing: it is being planned')
  })
})

describe('a run that is over, or was stopped', () => {
  it.each([
    ['run.failed', problem, 'has failed', 'provider.denied: no right'],
    ['run.cancelled', { reason: 'not needed' }, 'was cancelled', 'not needed'],
    ['run.rejected', { request: 'q', reason: 'too much' }, 'was rejected', 'too much'],
    ['run.expired', { request: 'q', reason: 'nobody' }, 'has expired', 'nobody'],
  ] as const)('%s says when and why', async (...[type, data, verb, reason]) => {
    const { run, tell, answer } = bench()
    await run('a')
    tell('a', type, data)
    expect(await answer('a')).toBe(`run a (leaked-key) ${verb} at ${AT}: ${reason}`)
  })

  it('says what was refused by which rule, what was left out, and what did nothing', async () => {
    const { run, tell, ask } = bench()
    await run('a')
    const refused = { code: 'guardrail.window', message: 'window/xmas refuses this', remedy: 'Wait.' }
    tell({ run: 'a', step: 'disable' }, 'step.failed', refused)
    tell({ run: 'a', step: 'b' }, 'step.failed', problem)
    tell({ run: 'a', step: 'c' }, 'step.skipped', { reason: 'its condition is false' })
    const { because } = await ask('a')
    expect(because).toEqual(
      expect.arrayContaining([
        'disable was refused (guardrail.window): window/xmas refuses this',
        '  Wait.',
        'b failed (provider.denied): no right',
        'c was left out: its condition is false',
      ]),
    )
  })

  it('says what the plan says cannot be done', async () => {
    const { run, tell, ask, fake } = bench()
    await run('a')
    const { plan } = (await fake.app.run('a')).state
    const lines = (plan?.lines ?? []).map((line) => ({
      ...line,
      kind: 'fails' as const,
      summary: 'it is never touched',
    }))
    tell('a', 'run.planned', { plan: { digest: 'd', gates: [], lines } })
    expect((await ask('a')).because).toContain('disable cannot be done, by the plan: it is never touched')
  })
})

describe('the story of a run', () => {
  it('names the rule that asked, who agreed, who took it back, who was not counted, and why it was asked again', async () => {
    const { run, tell, ask } = bench()
    await run('a', { alert: 'f9', route: 'falco', undoes: 'z', reason: 'because' })
    const asked = { request: 'q', digest: 'd', lines: { disable: 'l' }, expires: UNTIL }
    const gate = { from: 'approver', count: 2, withinMs: 60_000 }
    const gates = [
      { ...gate, scope: 'disable', rule: 'approvals/irreversible' },
      { ...gate, scope: 'run' },
    ]
    tell('a', 'approval.requested', { ...asked, gates, because: 'the plan changed' })
    tell('a', 'approval.given', { request: 'q', digest: 'd', ...person('ann') })
    tell({ run: 'a', actor: by('eve') }, 'approval.refused', {
      request: 'q',
      account: { via: 'os', user: 'eve' },
      why: 'authority.missing-role: no',
    })
    tell('a', 'approval.given', { request: 'q', digest: 'd', ...person('bob') })
    tell('a', 'approval.withdrawn', { request: 'q', reason: 'a mistake', ...person('bob') })
    tell('a', 'approval.voided', { request: 'q', steps: ['disable'], why: 'another digest' })
    const { because } = await ask('a')
    expect(because.slice(because.findIndex((line) => line.startsWith('asked for')))).toEqual([
      `asked for by rita at ${AT}, for alert f9, by route falco, to undo run z, “because”`,
      `approvals/irreversible asked 2 of approver about disable at ${AT}, again, because the plan changed`,
      `route falco asked 2 of approver about the whole plan at ${AT}, again, because the plan changed`,
      `  ann agreed at ${AT}`,
      '  it counts no more: another digest',
      `the word of eve at ${AT} did not count: authority.missing-role: no`,
      `bob took their approval back at ${AT}: a mistake`,
    ])
  })

  it('says who rejected, who cancelled, and what people wanted of it and did not get', async () => {
    const { fake, run, tell, ask } = bench()
    await run('a')
    const gates = [{ scope: 'disable', from: 'approver', count: 1, withinMs: 60_000 }]
    tell('a', 'approval.requested', { request: 'q', digest: 'd', lines: {}, gates, expires: UNTIL })
    tell('a', 'approval.rejected', { request: 'q', reason: 'too much', ...person('ann') })
    tell({ run: 'a', actor: by('bob') }, 'run.cancel-requested', { reason: 'enough' })
    const data = { command: 'cancel a', code: 'authority.missing-role', message: 'no role' }
    fake.commit({ type: 'command.refused', actor: by('eve'), data })
    expect((await ask('a')).because).toEqual(
      expect.arrayContaining([
        `ann rejected it at ${AT}: too much`,
        `bob cancelled it at ${AT}: enough`,
        `“cancel a” of eve was refused at ${AT}: authority.missing-role: no role`,
      ]),
    )
  })

  it('says who acted alone, who was told, and whether it was reviewed', async () => {
    const { fake, tell, ask } = bench()
    const id = fake.begin()
    const bypass = { request: 'q2', digest: 'd', reason: 'no time to lose', told: ['bob', 'cho'] }
    tell(id, 'approval.bypassed', { ...bypass, ...person('ann') })
    const alone = `ann acted alone (break-glass) at ${AT}: no time to lose; told: bob, cho`
    const due = (await ask(id)).because
    expect(due.slice(due.indexOf(alone))).toEqual([alone, `  its review is due: firebreak review ${id}`])
    tell(id, 'run.reviewed', { reason: 'it was right', ...person('bob') })
    expect((await ask(id)).because).toContain(`  reviewed by bob at ${AT}: it was right`)
  })
})

function decided(more: Partial<FactData<'alert.decided'>>): NewFact {
  return {
    type: 'alert.decided',
    actor: system,
    data: {
      source: 'am',
      fingerprint: 'f9',
      status: 'firing',
      name: 'KeyLeaked',
      labels: {},
      decision: 'ignore',
      reason: 'no route of am matches',
      body: 'sha256:x',
      ...more,
    },
  }
}

describe('an alert', () => {
  it('by fingerprint or name: what was decided the last time that it fired, and all decisions', async () => {
    const { fake, ask, answer } = bench()
    fake.commit(decided({}))
    fake.commit(decided({ decision: 'refused', reason: 'input.missing: no key', route: 'leaks' }))
    fake.commit(decided({ status: 'resolved', reason: 'the alert is resolved' }))
    expect(await ask('KeyLeaked')).toMatchObject({
      answer: 'alert KeyLeaked (f9) was refused: input.missing: no key',
      because: [
        `${AT} f9 resolved: ignore: the alert is resolved`,
        `${AT} f9 firing: refused: input.missing: no key, route leaks`,
        `${AT} f9 firing: ignore: no route of am matches`,
      ],
      run: null,
    })
    expect(await answer('f9')).toBe(await answer('KeyLeaked'))
  })

  it('that began a run says how that stands; a duplicate points to it', async () => {
    const { fake, ask } = bench()
    const id = fake.begin()
    fake.commit(decided({ fingerprint: 'other', decision: 'auto', run: 'r9' }))
    fake.commit(decided({ decision: 'auto', reason: 'route leaks matches', route: 'leaks', run: id }))
    const stands = `run ${id}, which waits for people: 1 of 1 approver for disable`
    const began = await ask('f9')
    expect(began).toMatchObject({ answer: `alert KeyLeaked (f9) began ${stands}`, run: { state: { id } } })
    expect(began.because[0]).toBe('may decide: Ada (ada)')
    fake.commit(decided({ decision: 'duplicate', reason: 'this alert has started a run before' }))
    const again = await ask('f9')
    expect(again.answer).toBe(
      `alert KeyLeaked (f9) began nothing new: this alert has started a run before: ${stands}`,
    )
    expect(await ask('other')).toMatchObject({
      answer: 'alert KeyLeaked (other) began run r9, of which nothing is known any more',
      run: null,
    })
  })

  it('that comes all the time shows its last decisions, and counts the others', async () => {
    const { fake, ask } = bench()
    fake.commit(...Array.from({ length: 1025 }, () => decided({})))
    const { because } = await ask('f9')
    expect(because).toHaveLength(21)
    expect(because.at(-1)).toBe('and 1005 earlier decisions')
  })
})

describe('whatever else has a name', () => {
  it('a request is about its run; an entry by its number is about its run too', async () => {
    const { fake, answer } = bench()
    fake.begin()
    expect(await answer('q2')).toMatch(/^run r1 /)
    expect(await answer('1')).toMatch(/^run r1 /)
  })

  it('what was refused before it was a run, by what the command named, the last one first', async () => {
    const { fake, ask } = bench()
    const refuse = (code: string) =>
      fake.commit({
        type: 'command.refused',
        actor: by('eve'),
        data: { command: 'run leaked-key', code, message: 'no' },
      })
    refuse('input.missing')
    refuse('authority.missing-role')
    expect(await ask('leaked-key')).toMatchObject({
      answer: `“run leaked-key” of eve was refused at ${AT}: authority.missing-role: no`,
      because: [`“run leaked-key” of eve was refused at ${AT}: input.missing: no`],
    })
  })

  it('an unknown name is an error that says how to find one, and a forgotten run says that it is', async () => {
    const { code, forget } = bench()
    expect(await code('nope')).toBe('why.unknown')
    expect(await code('99')).toBe('why.unknown')
    forget()
    expect(await code('old')).toBe('run.forgotten')
  })
})
