import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/core/app.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { ann, bob, rita, slack } from '../support/people.ts'
import { randomFrom, shuffled } from '../support/random.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// P12: Slack is a view. Lost, doubled, late or reordered traffic never changes what happened. The payloads themselves
// are replayed in the tests of the Slack surface; here it is what they ask for.

const gated = playbook('gated', {
  off: {
    action: 'toy.set',
    with: { lamp: 'a', value: 'off' },
    approve: { from: 'approver', count: 2, within: '30m' },
  },
})

async function waiting(): Promise<{ bot: Bot; toy: Toy; run: string; clicks: Decision[] }> {
  const toy = createToy({ a: 'on' })
  const bot = await startBot({ actions: toyActions(toy), playbooks: [gated] })
  const run = await bot.start('gated')
  const { request, digest } = (await bot.waiting(run)).waitingFor
  const click = (by: Decision['by'], more: Partial<Decision> = {}): Decision => ({
    run,
    request,
    digest,
    decision: 'approve',
    by,
    evidence: { kind: 'slack', team: 'T0TEST', user: by.via === 'slack' ? by.user : '' },
    ...more,
  })
  const clicks = [
    click(ann),
    click(bob),
    click(rita),
    click(slack('gus', 'guest')),
    click(slack('oli'), { decision: 'reject' }),
    click(ann, { digest: 'sha256:of-an-older-message' }),
    click(bob, { request: 'of-an-older-message' }),
  ]
  return { bot, toy, run, clicks }
}

describe('every decision, delivered three times in random order', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))('comes to the same end (order %i)', async (seed) => {
    const { bot, toy, run, clicks } = await waiting()
    const random = randomFrom(seed)
    const traffic = shuffled([...clicks, ...clicks, ...clicks], random)
    const outcomes = []
    // Some come at the same moment, some wait for the one before.
    while (traffic.length > 0) {
      const together = traffic.splice(0, 1 + Math.floor(random() * 4))
      outcomes.push(...(await Promise.all(together.map((decision) => bot.firebreak.decide(decision)))))
    }
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
    expect(state.approvals).toHaveLength(1)
    const persons = state.approvals[0]?.given.map(({ person }) => person) ?? []
    expect(persons.toSorted((a, b) => a.localeCompare(b))).toEqual(['ann', 'bob'])
    expect(outcomes.filter(({ kind }) => kind === 'counted')).toHaveLength(2)
    // Each of the others was answered with a reason, and the log has every one of them.
    const refusals = (await bot.all()).filter(
      ({ type }) => type === 'approval.refused' || type === 'command.refused',
    )
    expect(refusals).toHaveLength(3 * clicks.length - 2)
    await bot.close()
  })
})

describe('surfaces', () => {
  it('that throw at every fact do not disturb the run they show', async () => {
    const { bot, run, clicks } = await waiting()
    bot.firebreak.subscribe(() => {
      throw new Error('the surface is broken')
    })
    for (const decision of clicks.slice(0, 2)) await bot.firebreak.decide(decision)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(bot.logged.some((line) => line.includes('a surface failed'))).toBe(true)
    await bot.close()
  })

  it('deliver each notice once, however often they say so', async () => {
    const bot = await startBot({
      actions: toyActions(createToy()),
      playbooks: [playbook('tells', { tell: { action: 'toy.tell', with: { text: 'hello' } } })],
    })
    await bot.over(await bot.start('tells'))
    const [notice] = await bot.firebreak.outbox.pending(10)
    if (notice === undefined) throw new Error('no notice waits')
    await Promise.all([
      bot.firebreak.outbox.delivered(notice, '1.1'),
      bot.firebreak.outbox.failed(notice, 'late'),
      bot.firebreak.outbox.delivered(notice, '2.2'),
    ])
    expect(await bot.firebreak.outbox.pending(10)).toEqual([])
    expect((await bot.all()).filter(({ type }) => type.startsWith('notice.'))).toHaveLength(1)
    await bot.close()
  })

  it('hear of every fact once and in order', async () => {
    const { bot, run, clicks } = await waiting()
    const heard: number[] = []
    const from = (await bot.all()).length
    const stop = bot.firebreak.subscribe((facts) => heard.push(...facts.map(({ seq }) => seq)))
    for (const decision of clicks) await bot.firebreak.decide(decision)
    await bot.over(run)
    const last = (await bot.all()).length
    expect(heard).toEqual(Array.from({ length: last - from }, (_, i) => from + i))
    stop()
    await bot.firebreak.freeze(rita, 'not heard any more')
    expect(heard).toHaveLength(last - from)
    await bot.close()
  })
})
