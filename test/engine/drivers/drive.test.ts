import { describe, expect, it } from 'vitest'
import { system } from '../../../src/core/person.ts'
import { fold } from '../../../src/core/run.ts'
import { drive, type Driven } from '../../../src/engine/drivers/drive.ts'
import type { EngineParts } from '../../../src/engine/parts.ts'
import { reloadPlaybook } from '../../../src/playbook/load.ts'
import { closeAfterEach, freshDatabase, openAs } from '../../store/postgres/stores.ts'
import { playbook } from '../../support/bot.ts'
import { eventually } from '../../support/eventually.ts'
import { withoutPostgres } from '../../support/postgres.ts'
import { openPolicy } from '../../support/open-policy.ts'
import { createToy, toyActions, type Toy } from '../../support/toy.ts'

/** One process among several, and a run that nobody has in hand yet. */
async function withRun(toy: Toy) {
  const actions = toyActions(toy)
  const { store, rota } = await openAs('a', await freshDatabase())
  const stopping = new AbortController()
  const parts: EngineParts = {
    store,
    clock: { now: Date.now },
    actions,
    clients: { get: async () => ({}), defaultInstance: () => 'default' },
    load: (text, file) => reloadPlaybook(text, file, actions),
    policy: openPolicy,
    stopping: stopping.signal,
    skewMs: 0,
    log: { error: () => undefined },
    published: () => undefined,
  }
  const text = playbook('one', { off: { action: 'toy.set', with: { lamp: 'a', value: 'off' } } })
  const { name, title, digest, because } = reloadPlaybook(text, 'one.yaml', actions).info
  const contracts = Object.fromEntries(Object.values(actions).map((action) => [action.name, action.contract]))
  const known = { name, title, digest, text }
  const data = { mode: 'run', playbook: known, because, inputs: {}, config: 'x', contracts } as const
  await store.commit({ facts: [{ type: 'run.requested', run: 'r', n: 0, actor: system, data }] })
  return { store, stopping, driving: { parts, rota, inHand: new Map<string, Driven>() } }
}

const wanted = { run: 'r', epoch: 0 }

describe.skipIf(withoutPostgres())('a run that two workflows of one process want', () => {
  closeAfterEach()

  it('stays in the hands of the first: it is woken, and put down when the process ends', async () => {
    const toy = createToy({ a: 'on' })
    const answer = Promise.withResolvers<void>()
    toy.deadlineMs = 10_000
    toy.apply = async (lamp, value) => {
      await answer.promise
      toy.lamps.set(lamp, value)
    }
    const { store, driving } = await withRun(toy)
    const first = drive(driving, wanted)
    await eventually(() => toy.calls.some(({ verb }) => verb === 'apply'))
    await drive(driving, wanted)
    expect([...driving.inHand.keys()]).toEqual(['r'])
    answer.resolve()
    await first
    expect([...driving.inHand.keys()]).toEqual([])
    expect(fold(await store.facts('r'))?.status).toBe('succeeded')
  })

  it('begins nothing when the process is asked to end while it is being read', async () => {
    const toy = createToy({ a: 'on' })
    const { stopping, store, driving } = await withRun(toy)
    const reading = Promise.withResolvers<void>()
    const read = Promise.withResolvers<void>()
    const slow = {
      ...store,
      facts: async (run: string, from?: number) => {
        reading.resolve()
        await read.promise
        return store.facts(run, from)
      },
    }
    const driven = drive({ ...driving, parts: { ...driving.parts, store: slow } }, wanted)
    await reading.promise
    stopping.abort()
    read.resolve()
    await driven
    expect(toy.calls).toEqual([])
    // Whoever is there takes it at once.
    const now = new Date().toISOString()
    expect(await driving.rota.unheld(now)).toEqual([{ run: 'r', epoch: 1 }])
  })
})
