import { expect, it } from 'vitest'
import { playbook } from '../support/bot.ts'
import { startEngine } from '../support/engine.ts'
import { createToy, toyActions } from '../support/toy.ts'

it('a run that is still being read when the process is asked to end begins nothing', async () => {
  const toy = createToy({ a: 'on' })
  const read = Promise.withResolvers<void>()
  const had = Promise.withResolvers<void>()
  const engine = startEngine({
    actions: toyActions(toy),
    through: (store) => ({
      ...store,
      facts: async (run, from) => {
        await read.promise
        had.resolve()
        return store.facts(run, from)
      },
    }),
  })
  const run = await engine.start(
    playbook('one', { off: { action: 'toy.set', with: { lamp: 'a', value: 'off' } } }),
  )
  await engine.stop()
  read.resolve()
  await had.promise
  // Everything that could begin has had its turn.
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
  expect(toy.calls).toEqual([])
  expect((await engine.facts(run)).map(({ type }) => type)).toEqual(['run.requested'])
  await engine.close()
})
