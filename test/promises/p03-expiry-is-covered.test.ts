import { afterEach, describe, expect, it } from 'vitest'
import type { Fact } from '../../src/core/fact.ts'
import { fold, type Contained, liveContainments } from '../../src/core/run.ts'
import { refuseUncovered } from '../../src/engine/containment.ts'
import { coverageOf } from '../../src/engine/coverage.ts'
import { reloadPlaybook } from '../../src/playbook/load.ts'
import { approveAll } from '../support/approve.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { later, MINUTE, setFor, whenHeld, whenStatus } from '../support/containments.ts'
import { ann, bob } from '../support/people.ts'
import { createToy, toyActions, type Toy } from '../support/toy.ts'

// P3 for what happens by time alone: the approval of a step covers its end, exactly that end, and nothing else does.

const approve = (count: number) => ({ from: 'approver', count, within: '30m' })
const undo = { onExpiry: 'undo' }

let bot: Bot
afterEach(() => bot.close())

async function contained(more: object): Promise<{ toy: Toy; run: string; text: string }> {
  const toy = createToy({ a: 'on' })
  const text = playbook('change', { off: setFor('10m', more) })
  bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
  const run = await bot.start('change')
  await approveAll(bot, run, [ann, bob])
  return { toy, run, text }
}

async function expired(run: string): Promise<void> {
  await later(bot, 9 * MINUTE + 1000)
  await whenHeld(bot, run, { is: ({ announced }) => announced !== undefined })
  await later(bot, 2 * MINUTE)
}

type Change = (fact: Fact) => Fact | undefined
const edit =
  <T extends Fact['type']>(type: T, change: (data: Extract<Fact, { type: T }>['data']) => object): Change =>
  (fact) =>
    fact.type === type ? ({ ...fact, data: change(fact.data as never) } as Fact) : fact
const without =
  (type: Fact['type']): Change =>
  (fact) =>
    fact.type === type ? undefined : fact

describe('an undo at the end of its time', () => {
  it.each([
    ['that one person approved', approve(1)],
    ['that two persons approved', approve(2)],
    ['that nobody had to approve', undefined],
  ])(
    'of a step %s: the log alone shows what covers it, and that people were told before',
    async (_, gate) => {
      const { toy, run } = await contained({ ...undo, ...(gate === undefined ? {} : { approve: gate }) })
      await expired(run)
      await whenStatus(bot, [run], 'lifted')
      expect(toy.lamps.get('a')).toBe('on')
      const log = await bot.all()
      const [original, effect] = log.flatMap((fact) => (fact.type === 'step.intended' ? [fact] : []))
      const requested = log.find((fact) => fact.type === 'run.requested' && fact.run === effect?.run)
      if (requested?.type !== 'run.requested' || original === undefined) throw new Error('it was not undone')
      const { expiry, undoes, expects } = requested.data
      expect([undoes, expiry?.step]).toEqual([original.run, original.step])
      expect(expects?.['undo_1']).toMatchObject({
        before: original.data.change.before,
        after: original.data.change.after,
      })
      expect(effect?.data.change).toMatchObject({
        target: original.data.change.target,
        before: original.data.change.after,
        after: original.data.change.before,
      })
      const at = (type: Fact['type']) => log.findIndex((fact) => fact.type === type)
      expect(at('containment.announced')).toBeLessThan(log.indexOf(requested))
      const approvals = log.flatMap((fact) => (fact.type === 'approval.requested' ? [fact] : []))
      expect(approvals.map(({ data }) => data.request)).toEqual(gate === undefined ? [] : [expiry?.approval])
      expect(approvals.every(({ data }) => data.lines['off'] === original.data.digest)).toBe(true)
    },
  )
})

describe('what does not cover it', () => {
  async function coverage(gate: object | undefined, change: Change, played?: string) {
    const { run, text } = await contained({ ...undo, ...(gate === undefined ? {} : { approve: gate }) })
    const facts = (await bot.firebreak.facts(run)).flatMap((fact) => change(fact) ?? [])
    const state = fold(facts)
    const step: Contained | undefined = state && liveContainments(state)[0]
    if (state === undefined || step === undefined) throw new Error('no containment')
    return coverageOf(
      state,
      step,
      reloadPlaybook(played ?? text, 'x.yaml', toyActions(createToy({ a: 'on' }))),
    )
  }

  it.each<[string, Change, RegExp]>([
    ['an approval that was never satisfied', without('approval.satisfied'), /not there/],
    [
      'an approval of another line',
      edit('approval.requested', (data) => ({ ...data, lines: { off: 'sha256:x' } })),
      /not there/,
    ],
    ['an approval that is not on record', without('approval.requested'), /not there/],
    [
      'an intent that names no approval although one was needed',
      edit('step.intended', (data) => ({ ...data, approval: undefined })),
      /nobody has approved/,
    ],
    [
      'an intent of another plan',
      edit('step.intended', (data) => ({ ...data, digest: 'sha256:x' })),
      /did not include/,
    ],
    [
      'an effect that has no inverse',
      edit('step.intended', (data) => ({ ...data, undo: { kind: 'never', reason: 'ashes' } })),
      /cannot be undone: ashes/,
    ],
  ])('%s', async (_, change, why) => {
    expect(await coverage(approve(1), change)).toEqual({ why: expect.stringMatching(why) })
    expect(await coverage(approve(1), (fact) => fact)).toHaveProperty('expiry.approval')
  })

  it('a plan that was approved without this end, or with another one', async () => {
    for (const step of [
      { action: 'toy.set', with: { lamp: 'a', value: 'off' }, approve: approve(1) },
      setFor('10m', { approve: approve(1) }),
      setFor('20m', { ...undo, approve: approve(1) }),
    ])
      expect(await coverage(approve(1), (fact) => fact, playbook('change', { off: step }))).toHaveProperty(
        'why',
      )
  })

  it('anything but exactly the inverse of what was recorded', async () => {
    const { run } = await contained(undo)
    await expired(run)
    const { lifting } = await whenStatus(bot, [run], 'lifted')
    const { state } = await bot.firebreak.run(lifting?.undo ?? '')
    const change = state.steps['undo_1']?.change
    if (change === undefined) throw new Error('it was not undone')
    expect(() => refuseUncovered(state, 'undo_1', change)).not.toThrow()
    for (const other of [
      { ...change, target: { ...change.target, id: 'lamp/b' } },
      { ...change, before: { value: 'green' } },
      { ...change, after: { value: 'green' } },
      { ...change, after: { ...change.after, more: 1 } },
      { ...change, before: {} },
    ])
      expect(() => refuseUncovered(state, 'undo_1', other)).toThrow(/is covered/)
    expect(() => refuseUncovered(state, 'undo_2', change)).toThrow(/nothing is recorded/)
  })
})
