import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoWorkspace, startSlack, type SlackSandbox } from '../../src/sandbox/slack/server.ts'
import { playbook } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { startPostgres, withoutPostgres, type Postgres } from '../support/postgres.ts'
import { openHome, type Home, type Serving } from '../support/serve.ts'

// One bot on PostgreSQL as people run it, through an outage, a broken glass, and the way back.

const playbooks = {
  resting: playbook('resting', { wait: { action: 'firebreak.wait', with: { for: '1h' } } }),
  telling: playbook('telling', {
    tell: { action: 'slack.post', with: { channel: 'incidents', text: 'help' } },
  }),
}

describe.skipIf(withoutPostgres())('serve on PostgreSQL', () => {
  let postgres: Postgres
  let slack: SlackSandbox
  let home: Home
  let resting = ''
  const person = demoWorkspace().users.find(({ bot }) => bot !== true)?.id ?? ''
  const config = (store: string) => ({
    store,
    slack: {
      botToken: { env: 'BOT' },
      appToken: { env: 'APP' },
      apiUrl: slack.apiUrl,
      channel: 'C0INCIDENT',
    },
    people: [{ id: 'pia', name: 'Pia', slack: person, roles: ['responder'] }],
    alerts: {
      sources: { alertmanager: { auth: 'none' } },
      routes: Object.keys(playbooks).map((name) => ({
        name,
        source: 'alertmanager',
        match: { alertname: name },
        mode: 'auto',
        playbook: name,
      })),
    },
  })
  const around = () => ({ env: { BOT: slack.botToken, APP: slack.appToken }, playbooks })

  beforeAll(async () => {
    ;[postgres, slack] = await Promise.all([startPostgres(), startSlack()])
    home = await openHome(config(await postgres.createDatabase()), around())
  }, 30_000)
  afterAll(async () => {
    await slack.close()
    await postgres.remove()
  })

  const ready = () => home.get('/readyz')
  const said = () => slack.ephemerals(person).map((message) => JSON.stringify(message))

  async function started(...args: string[]): Promise<Serving> {
    const bot = await home.serve(...args)
    await eventually(async () => (await ready()).status === 200, { ms: 20_000 })
    return bot
  }

  it('needs the key of the log, which is made once', async () => {
    expect((await home.run('serve')).err).toContain('error audit.no-key')
    const made = await home.run('audit', 'init')
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toContain(readFileSync(join(home.folder, 'state/log.vkey'), 'utf8').trim())
    expect(await home.run('audit', 'init')).toMatchObject({ code: 1, out: '' })
  })

  it(
    'says while PostgreSQL is away that nothing is done, and goes on by itself',
    { timeout: 90_000 },
    async () => {
      const bot = await started()
      const [rests] = ((await (await home.alert('resting')).json()) as { outcomes: { run: string }[] })
        .outcomes
      resting = rests?.run ?? ''
      await postgres.stop()
      await eventually(async () => (await ready().catch(() => undefined))?.status === 503)
      expect(await ready()).toMatchObject({
        status: 503,
        body: { ready: false, parts: { journal: expect.stringContaining('PostgreSQL') } },
      })
      const alert = await home.alert('during')
      expect([alert.status, alert.headers.get('retry-after')]).toEqual([503, '5'])

      const [plan, doctor] = await Promise.all([home.run('plan', 'nothing'), home.run('doctor')])
      expect(plan).toMatchObject({ code: 1, err: expect.stringContaining('error store.unavailable') })
      expect(plan.err).toContain('Work goes on by itself')
      expect(doctor).toMatchObject({ code: 1, out: expect.stringMatching(/journal\s+FAILS\s+PostgreSQL/) })
      expect(Math.max(plan.ms, doctor.ms)).toBeLessThan(15_000)
      await eventually(() => slack.connections > 0)
      expect((await slack.command(person, '#incidents', '/firebreak status')).ok).toBe(true)
      await eventually(() => said().some((message) => message.includes('store.unavailable')))

      await postgres.start()
      await eventually(async () => (await ready().catch(() => undefined))?.status === 200, { ms: 30_000 })
      expect((await home.alert('after')).status).toBe(200)
      const log = await home.run('audit', 'list', '--type', 'alert')
      expect(log.out).toMatch(/resting[^]*after/)
      expect(log.out).not.toContain('during')
      // The same process, so that nobody had to start it again.
      expect(await bot.signal('SIGTERM')).toBe(0)
    },
  )

  it(
    'acts behind broken glass on a log tied to the usual one, which is frozen afterwards',
    { timeout: 90_000 },
    async () => {
      const refused = await home.run('serve', '--break-glass', '--reason', 'no need')
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('error store.not-broken') })
      expect((await home.run('serve', '--break-glass')).code).toBe(2)
      await postgres.stop()
      const known = readFileSync(join(home.folder, 'state/checkpoint'), 'utf8')

      const bot = await started('--break-glass', '--reason', 'the database burns')
      expect((await home.run('doctor')).out).toContain('BREAK-GLASS: the database burns')
      await eventually(() =>
        slack.messages('#incidents').some((message) => JSON.stringify(message).includes('BREAK-GLASS')),
      )
      const [opened] = JSON.parse((await home.run('audit', 'list', '--json')).out) as { data: unknown }[]
      expect(opened?.data).toMatchObject({ breakGlass: { reason: 'the database burns', checkpoint: known } })
      const [telling] = ((await (await home.alert('telling')).json()) as { outcomes: { run: string }[] })
        .outcomes
      const show = async (run = '') => (await home.run('runs', 'show', run)).out
      await eventually(async () => (await show(telling?.run)).includes(': succeeded'))
      expect(await show(telling?.run)).toContain('BREAK-GLASS, not the usual log: the database burns')
      expect(await bot.signal('SIGTERM')).toBe(0)
      await postgres.start()

      const usual = await started()
      const doctor = await home.run('doctor')
      expect(doctor.out).toMatch(
        /frozen since .*: break-glass since .*: the database burns; its log .* entries, root/,
      )
      expect(await show(resting)).toMatch(/: parked[^]*run\.break-glass[^]*resume the run/)
      expect(await usual.signal('SIGTERM')).toBe(0)
    },
  )
})
