import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { leaks as leaksIn } from '../support/canary.ts'
import { rita } from '../support/people.ts'
import { createToy, toyActions } from '../support/toy.ts'

// P9: secrets do not leave, and the first line of defence holds by itself: errors are not repeated, whatever is in them.
// Nothing about these canaries tells the scrubber that they are secrets. See also p09-canaries and p09-ways-out.

/** Everything that leaves the process or stays on disk, except for the log's own signing key. */
async function everythingOf(bot: Bot): Promise<{ [where: string]: string }> {
  const { firebreak } = bot
  const files = readdirSync(bot.state).filter((name) => name !== 'log.key')
  return {
    facts: JSON.stringify(await bot.all()),
    views: JSON.stringify(await firebreak.runs({ limit: 100 })),
    outbox: JSON.stringify(await firebreak.outbox.pending(100)),
    log: bot.logged.join('\n'),
    ...Object.fromEntries(files.map((name) => [name, readFileSync(join(bot.state, name), 'latin1')])),
  }
}

async function leaks(bot: Bot, secrets: { readonly [name: string]: string }): Promise<string[]> {
  return leaksIn(await everythingOf(bot), secrets)
}

describe('what a provider puts into its errors', () => {
  const canary = 'canary-7f3b9c51d2'

  it('is not repeated, in planning, in the effect, or in the probe', async () => {
    const toy = createToy({ a: 'on' })
    const bot = await startBot({
      actions: toyActions(toy),
      playbooks: [
        playbook('fails', { off: { action: 'toy.set', with: { lamp: 'a', value: 'off' } } }),
        playbook('reads', { look: { action: 'toy.look', with: { lamp: 'a' } } }),
      ],
    })
    const hostile = () => {
      const error = new Error(`401: we were sent ${canary}`)
      error.name = `Error ${canary}`
      throw Object.assign(error, { code: 'E_HTTP', response: { headers: { seen: canary } } })
    }
    toy.apply = hostile
    toy.probe = hostile
    const run = await bot.start('fails')
    await bot.until(run, 'parked')
    toy.plan = hostile
    for (const name of ['fails', 'reads']) {
      await bot.plan(name)
      await bot.over(await bot.start(name))
    }
    expect(await leaks(bot, { canary })).toEqual([])
    await bot.close()
  })
})

describe('what somebody typed', () => {
  it('is not in the refusal of an input that holds one', async () => {
    const toy = createToy({ a: 'on' })
    const bot = await startBot({
      actions: toyActions(toy),
      playbooks: [
        playbook(
          'typed',
          { look: { action: 'toy.look', with: { lamp: '${{ inputs.lamp }}' } } },
          { inputs: { lamp: { type: 'string', pattern: '^[a-z]$', description: 'Lamp' } } },
        ),
      ],
    })
    const inputs = { lamp: 'canary-of-somebody' }
    const error = await bot.firebreak
      .start({ playbook: 'typed', inputs, mode: 'run', by: rita })
      .catch((e: Error) => e)
    expect(error).toBeInstanceOf(Error)
    expect(inspect(error)).not.toContain(inputs.lamp)
    expect(await leaks(bot, inputs)).toEqual([])
    await bot.close()
  })
})
