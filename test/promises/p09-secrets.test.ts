import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { approveAll } from '../support/approve.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { ann, bob, rita } from '../support/people.ts'
import { startSandboxBot, type SandboxBot } from '../support/sandbox-bot.ts'
import { createToy, toyActions } from '../support/toy.ts'

// P9: secrets do not leave. Canaries stand for every secret that the bot or its providers hold.

/** Everything that leaves the process or stays on disk, except for the log's own signing key. */
function everythingOf(bot: Bot): { [where: string]: string } {
  const { firebreak } = bot
  const files = readdirSync(bot.state).filter((name) => name !== 'log.key')
  return {
    facts: JSON.stringify(bot.all()),
    views: JSON.stringify(firebreak.runs({ limit: 100 })),
    outbox: JSON.stringify(firebreak.outbox.pending(100)),
    log: bot.logged.join('\n'),
    ...Object.fromEntries(files.map((name) => [name, readFileSync(join(bot.state, name), 'latin1')])),
  }
}

function leaks(bot: Bot, secrets: { readonly [name: string]: string }): string[] {
  const places = Object.entries(everythingOf(bot))
  return Object.entries(secrets).flatMap(([name, secret]) =>
    places.filter(([, text]) => text.includes(secret)).map(([where]) => `${name} in ${where}`),
  )
}

describe('with real clients, after runs that worked and runs that failed', () => {
  let world: SandboxBot
  let before: { readonly [where: string]: string }
  beforeAll(async () => {
    world = await startSandboxBot()
    before = world.secrets()
    const { bot, aws, kubernetes } = world
    const inputs = {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretIds: ['prod/inference-gateway', 'prod/model-registry-token', 'prod/stuck', 'prod/none'],
    }
    await bot.plan('leaked-aws-key', inputs)
    await approveAll(bot, await bot.start('leaked-aws-key', inputs), [ann, bob])
    await approveAll(
      bot,
      await bot.start('leaked-aws-key', { ...inputs, secretIds: inputs.secretIds.slice(0, 2) }),
      [ann, bob],
    )
    // Failures of every kind: their texts come from outside.
    aws.faults.add({ operation: '*', fault: { kind: 'error', status: 500 } })
    await bot.over(await bot.start('leaked-aws-key', inputs), 15_000)
    aws.faults.clear()
    aws.faults.add({ operation: '*', fault: { kind: 'lost-request' } })
    await bot.over(await bot.start('leaked-aws-key', inputs), 15_000)
    aws.faults.clear()
    kubernetes.revokeToken('system:serviceaccount:firebreak:firebreak')
    await bot.over(await bot.start('compromised-gpu-endpoint', { namespace: 'inference', name: 'llama-70b' }))
  }, 60_000)
  afterAll(() => world.close())

  it('there are canaries, new ones too, and runs of both kinds', () => {
    const { bot } = world
    const now = world.secrets()
    expect(Object.keys(now).length).toBeGreaterThan(Object.keys(before).length)
    for (const secret of Object.values(now)) expect(secret.length).toBeGreaterThan(8)
    const statuses = bot.firebreak.runs({ limit: 100 }).map(({ state }) => state.status)
    expect(new Set(statuses)).toEqual(new Set(['succeeded', 'failed', 'planned']))
  })

  it('none of them is in a fact, a view, a message, a log line or a file of the state folder', () => {
    expect(leaks(world.bot, { ...before, ...world.secrets() })).toEqual([])
  })

  it('the check would find one that is there', () => {
    expect(leaks(world.bot, { known: 'prod/inference-gateway' }).length).toBeGreaterThan(2)
  })
})

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
      const error = new Error(`401: Authorization: Bearer ${canary}`)
      error.name = `Error ${canary}`
      throw Object.assign(error, { code: 'E_HTTP', response: { headers: { authorization: canary } } })
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
    expect(leaks(bot, { canary })).toEqual([])
    await bot.close()
  })

  it('is not in what the program logs of it', () => {
    const log = pathToFileURL(join(import.meta.dirname, '../../src/log.ts')).href
    const script = `
      const { createLog } = await import('${log}')
      const cause = Object.assign(new Error('inner ${canary}'), { config: { token: '${canary}' } })
      const error = new Error('outer ${canary}\\n${canary}', { cause })
      createLog('debug').error({ err: error }, 'a call failed')`
    const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    expect(stderr).toContain('a call failed')
    expect(stderr).not.toContain(canary)
  })
})

describe('a secret of the configuration', () => {
  const secret = new Secret('canary-11aa22bb')

  it('cannot be printed, serialised, joined to a text or enumerated', () => {
    const shown = [
      inspect(secret, { showHidden: true, depth: 9 }),
      String(secret),
      JSON.stringify({ secret }),
    ]
    for (const text of [...shown, JSON.stringify(Object.entries(secret))])
      expect(text).not.toContain('canary')
    expect(secret.reveal()).toBe('canary-11aa22bb')
  })

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
    expect(leaks(bot, inputs)).toEqual([])
    await bot.close()
  })
})
