import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fact } from '../../src/core/fact.ts'
import { demoScenario, LEAKED_KEY } from '../../src/sandbox/aws/scenario.ts'
import { startAws, type AwsSandbox } from '../../src/sandbox/aws/server.ts'
import { factsIn, factsOf } from '../chaos/harness.ts'
import { playbook } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { sharedPostgres, withoutPostgres } from '../support/postgres.ts'
import { openHome, type Home } from '../support/serve.ts'

const key = { userName: 'ci-deployer', accessKeyId: LEAKED_KEY }
const playbooks = {
  off: playbook('off', {
    off: { action: 'aws.deactivate-access-key', with: key },
    next: { action: 'aws.activate-access-key', with: key, after: ['off'] },
  }),
}

function types(facts: readonly Fact[]): string[] {
  return facts.flatMap(({ type, step }) => (step === undefined ? [] : [`${step} ${type}`]))
}

describe('SIGTERM', () => {
  let aws: AwsSandbox
  beforeEach(async () => {
    aws = await startAws({ seed: demoScenario(new Date()) })
  })
  afterEach(() => aws.close())

  function homeOf(store: object): Promise<Home> {
    const { region, url: endpoint, accessKeyId } = aws
    const config = {
      ...store,
      providers: {
        aws: { main: { region, endpoint, credentials: { accessKeyId, secretAccessKey: { env: 'AWS' } } } },
      },
      alerts: {
        sources: { alertmanager: { auth: 'none' } },
        routes: [
          { name: 'off', source: 'alertmanager', match: { alertname: 'off' }, mode: 'auto', playbook: 'off' },
        ],
      },
    }
    return openHome(config, { env: { AWS: aws.secretAccessKey }, playbooks })
  }

  const calls = () => aws.requests.filter(({ operation }) => operation === 'UpdateAccessKey').length

  /** While the answer to the first effect is under way, the process is told to end. Gives how it ended. */
  async function endInTheMiddle(home: Home): Promise<number | string> {
    aws.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'latency', ms: 700 }, times: 1 })
    const before = calls()
    const bot = await home.serve()
    await home.alert('off')
    await eventually(() => calls() > before)
    const code = await bot.signal('SIGTERM')
    expect(calls()).toBe(before + 1)
    return code
  }

  it('lets what is under way end and begins nothing new, and the exit code is 0', async () => {
    const home = await homeOf({})
    expect(await endInTheMiddle(home)).toBe(0)
    const after = types(factsIn(join(home.folder, 'state')))
    expect(after.slice(0, 2)).toEqual(['off step.intended', 'off step.applied'])
    expect(after.filter((text) => text.startsWith('next'))).toEqual([])
  })

  it.skipIf(withoutPostgres())('likewise on PostgreSQL', async () => {
    const store = await (await sharedPostgres()).createDatabase()
    const home = await homeOf({ store })
    await home.run('audit', 'init')
    expect(await endInTheMiddle(home)).toBe(0)
    const after = types(await factsOf(store))
    expect(after.slice(0, 2)).toEqual(['off step.intended', 'off step.applied'])
    expect(after.filter((text) => text.startsWith('next'))).toEqual([])
  })

  it('a second bot on the same state folder is refused, with the number of the first', async () => {
    const home = await homeOf({})
    const bot = await home.serve()
    const { code, err } = await home.run('serve')
    expect(code).toBe(1)
    expect(err).toContain(`error store.held: process ${bot.pid} holds the state folder`)
    expect(err).toContain(`firebreak runs --state ${join(home.folder, 'state')}`)
    expect(JSON.parse(readFileSync(join(home.folder, 'state/journal.pid'), 'utf8'))).toMatchObject({
      pid: bot.pid,
    })
    expect(await bot.signal('SIGTERM')).toBe(0)
    expect(existsSync(join(home.folder, 'state/journal.pid'))).toBe(false)
  })
})
