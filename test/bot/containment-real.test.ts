import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { numAt } from '../../src/sandbox/kubernetes/value.ts'
import { approveAll } from '../support/approve.ts'
import { playbook } from '../support/bot.ts'
import { HOUR, later, MINUTE, whenHeld, whenStatus } from '../support/containments.ts'
import { ann, bob } from '../support/people.ts'
import { startSandboxBot, type SandboxBot } from '../support/sandbox-bot.ts'

// Containments on real clients: what undoes itself is exactly what was done.

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
const [, paused = ''] = /```yaml\n(name: pause-endpoint\n[\s\S]*?)```/.exec(readme) ?? []
const rotation = playbook('rotate', {
  secret: {
    action: 'aws.rotate-secret',
    with: { secretId: 'prod/model-registry-token' },
    ttl: '2h',
    onExpiry: 'undo',
  },
})

let world: SandboxBot
beforeAll(async () => {
  world = await startSandboxBot({ playbooks: [paused, rotation] })
})
afterAll(() => world.close())

async function expired(run: string, step: string): Promise<void> {
  await later(world.bot, 2 * HOUR - MINUTE)
  await whenHeld(world.bot, run, { is: ({ announced }) => announced !== undefined, step })
  await later(world.bot, 10 * MINUTE)
}

describe('at the end of its time', () => {
  it('an endpoint that was scaled to zero comes back with its pods, by the playbook of the README', async () => {
    const { bot, kubernetes } = world
    const replicas = () =>
      numAt(kubernetes.object('Deployment', 'inference', 'llama-70b'), 'spec', 'replicas')
    const run = await bot.start('pause-endpoint', { name: 'llama-70b' })
    expect((await approveAll(bot, run, [ann])).state.status).toBe('succeeded')
    expect(replicas()).toBe(0)
    await expired(run, 'pause')
    await whenStatus(bot, [run, 'pause'], 'lifted')
    expect(replicas()).toBe(3)
  })

  it('a secret that was rotated has its old version again, though what the rotation would leave was not known', async () => {
    const { bot, aws } = world
    const current = () => {
      const secret = [...aws.state.secrets.values()].find(({ name }) => name === 'prod/model-registry-token')
      return [...(secret?.versions ?? [])].find(([, { stages }]) => stages.includes('AWSCURRENT'))?.[0]
    }
    const before = current()
    expect(before).toBeDefined()
    const run = await bot.start('rotate')
    expect((await approveAll(bot, run, [ann, bob])).state.status).toBe('succeeded')
    expect(current()).not.toBe(before)
    await expired(run, 'secret')
    const held = await whenHeld(bot, run, {
      is: ({ status, asked }) => status === 'lifted' || asked !== undefined,
      step: 'secret',
    })
    expect(held.asked?.why).toBeUndefined()
    expect(held.status).toBe('lifted')
    expect(current()).toBe(before)
  })
})
