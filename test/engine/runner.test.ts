import { expect, it } from 'vitest'
import { playbook, startBot } from '../support/bot.ts'
import { rita } from '../support/people.ts'
import { createToy, toyActions } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

/** Lets this many steps of promises pass, all of them within one turn of the event loop. */
async function hops(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}

it('a thaw in the very moment in which an intent is refused is not lost: the run goes on', async () => {
  const count = 40
  const names = Array.from({ length: count }, (_, i) => `lamp${i}`)
  const toy = createToy(Object.fromEntries(names.map((name) => [name, 'on'])))
  const text = playbook(
    'one',
    { off: { action: 'toy.set', with: { lamp: '${{ inputs.lamp }}', value: 'off' } } },
    { inputs: { lamp: { type: 'string', description: 'Lamp' } } },
  )
  const bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
  // Thaw and intent meet in one transaction, or one before the other, as many ways as there are.
  for (const [delay, lamp] of names.entries()) {
    await bot.firebreak.freeze(rita, 'hold')
    let plans = 0
    let thawed: Promise<void> | undefined
    toy.plan = () => {
      plans += 1
      if (plans === 2) thawed = hops(delay).then(() => thaw(bot.firebreak, 'go on'))
    }
    const run = await bot.start('one', { lamp })
    expect((await bot.over(run, 2_000)).state.status).toBe('succeeded')
    await thawed
  }
  await bot.close()
})
