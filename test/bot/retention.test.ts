import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { auditFiles } from '../../src/commands/audit-files.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import type { StoredEntry } from '../../src/core/ports.ts'
import { approveAll } from '../support/approve.ts'
import { playbook, startBot, tempFolder, type Bot, type BotOptions } from '../support/bot.ts'
import { ann, rita, slack } from '../support/people.ts'
import { createToy, toyActions } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

const DAY = 86_400_000
const CANARY = 'canary-of-old-evidence'

function options(more: object = {}): BotOptions {
  const approve = { from: 'approver', count: 1, within: '30m' }
  return {
    actions: toyActions(createToy({ a: 'on', b: 'on' })),
    playbooks: [
      playbook('some', { off: { action: 'toy.set', with: { lamp: 'a', value: CANARY }, approve } }),
      playbook('more', { off: { action: 'toy.set', with: { lamp: 'b', value: CANARY }, approve } }),
      playbook('tell', { tell: { action: 'toy.tell', with: { text: 'x' } } }),
    ],
    config: { audit: { retention: more } },
  }
}

async function entriesOf(bot: Bot): Promise<StoredEntry[]> {
  const all: StoredEntry[] = []
  for await (const page of bot.app.custody.journal.entries()) all.push(...page)
  return all
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (isFirebreakError(error) ? error.code : String(error)),
  )
}

async function oneRun(bot: Bot, name = 'some'): Promise<string> {
  const run = await bot.start(name)
  await bot.waiting(run)
  await approveAll(bot, run, [ann])
  return run
}

async function loaded(bot: Bot) {
  const facts = await bot.firebreak.log({ from: 0, limit: 100, type: 'config.loaded' })
  return facts.map(({ data }) => data)
}

describe('retention', () => {
  it('deletes the bodies of old runs as a whole, and the log still verifies, is listed and exported', async () => {
    const bot = await startBot(options())
    const old = await oneRun(bot)
    await bot.firebreak.freeze(rita, `because of ${CANARY}`)
    await thaw(bot.firebreak, 'over')
    expect(await bot.app.custody.forgetOld()).toEqual({ runs: 0, entries: 0 })
    bot.forward(91 * DAY)
    const young = await oneRun(bot, 'more')
    const count = (await bot.firebreak.facts(old)).length
    expect(await bot.app.custody.forgetOld()).toEqual({ runs: 1, entries: count + 4 })
    expect(await bot.app.custody.forgetOld()).toEqual({ runs: 0, entries: 0 })

    expect((await bot.firebreak.runs({})).map(({ state }) => state.id)).toEqual([young])
    expect(await codeOf(bot.firebreak.run(old))).toBe('run.forgotten')
    expect(await codeOf(bot.firebreak.run('nothing'))).toBe('run.unknown')
    const types = (await bot.all()).map(({ type }) => type)
    expect(types.slice(0, 2)).toEqual(['log.opened', 'config.loaded'])
    expect(types.at(-1)).toBe('audit.forgotten')
    // One by one, so that no page looks like the end of the log.
    const seqs: number[] = []
    for (let from = 0; ;) {
      // oxlint-disable-next-line no-await-in-loop -- page by page
      const [next] = await bot.firebreak.log({ from, limit: 1 })
      if (next === undefined) break
      seqs.push(next.seq)
      from = next.seq + 1
    }
    expect(seqs).toEqual((await bot.all()).map(({ seq }) => seq))

    const without = (await entriesOf(bot)).filter(({ data }) => data === null)
    expect(without).toHaveLength(count + 4)
    expect(without.every(({ leaf, hash, salt }) => leaf !== '' && hash !== '' && salt === null)).toBe(true)
    const report = await bot.firebreak.audit.verify()
    expect(report).toMatchObject({ ok: true, withoutBody: count + 4 })
    const to = join(tempFolder(), 'out')
    expect(await bot.firebreak.audit.export(to, { by: rita })).toMatchObject({ withoutBody: count + 4 })
    expect(await codeOf(bot.firebreak.audit.export(join(to, 'x'), { by: rita, run: old }))).toBe(
      'run.forgotten',
    )
    await bot.close()
    const vkey = readFileSync(join(bot.state, 'log.vkey'), 'utf8').trim()
    expect(await auditFiles.auditVerifyDir(to, [vkey])).toMatchObject({ ok: true, withoutBody: count + 4 })
    const next = await startBot({ ...options(), state: bot.state })
    expect(await next.firebreak.audit.verify()).toMatchObject({ ok: true })
    expect(await codeOf(next.firebreak.run(old))).toBe('run.forgotten')
    await next.close()
  })

  it('leaves nothing of the bodies in the files of the journal', async () => {
    const bot = await startBot(options())
    await bot.firebreak.freeze(rita, `because of ${CANARY}`)
    await thaw(bot.firebreak, 'over')
    const found = () =>
      readdirSync(bot.state).filter((name) => readFileSync(join(bot.state, name)).includes(CANARY))
    expect(found()).not.toEqual([])
    bot.forward(91 * DAY)
    await bot.app.custody.forgetOld()
    await bot.close()
    expect(found()).toEqual([])
  })

  it('waits for runs that are open, young at their end, or under a legal hold; the alert of a run goes after it', async () => {
    const route = {
      name: 'r',
      source: 'alertmanager',
      match: { alertname: 'A' },
      mode: 'auto',
      playbook: 'tell',
    }
    const bot = await startBot({
      ...options(),
      config: { alerts: { sources: { alertmanager: { auth: 'none' } }, routes: [route] } },
    })
    const held = await oneRun(bot)
    await bot.firebreak.hold(held, ann, 'a lawsuit')
    const late = await bot.start('more')
    await bot.waiting(late)
    const alert = {
      version: '4',
      status: 'firing',
      receiver: 'r',
      groupLabels: {},
      commonLabels: {},
      commonAnnotations: {},
      externalURL: '',
      groupKey: 'g',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'A' },
          annotations: {},
          startsAt: new Date().toISOString(),
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: '',
          fingerprint: 'f1',
        },
      ],
    }
    const [outcome] = await bot.firebreak.alert('alertmanager', Buffer.from(JSON.stringify(alert)))
    expect(outcome?.decision).toBe('auto')
    const alerted = outcome?.run ?? ''
    await bot.over(alerted)
    bot.forward(91 * DAY)
    await bot.firebreak.cancel(late, ann, 'no more')
    await bot.over(late)
    expect(await bot.app.custody.forgetOld()).toMatchObject({ runs: 1 })
    expect((await bot.all()).some(({ type }) => type === 'alert.decided')).toBe(true)
    expect(await bot.app.custody.forgetOld()).toEqual({ runs: 0, entries: 1 })
    expect((await bot.all()).some(({ type }) => type === 'alert.decided')).toBe(false)
    expect((await bot.firebreak.runs({})).map(({ state }) => state.id).toSorted()).toEqual(
      [held, late].toSorted(),
    )
    await bot.firebreak.release(held, ann, 'it is settled')
    expect(await bot.app.custody.forgetOld()).toEqual({ runs: 0, entries: 0 })
    bot.forward(91 * DAY)
    expect(await bot.app.custody.forgetOld()).toMatchObject({ runs: 2 })
    expect(await bot.firebreak.audit.verify()).toMatchObject({ ok: true })
    await bot.close()
  })

  it('does nothing where it is switched off', async () => {
    const bot = await startBot(options({ never: true }))
    await bot.firebreak.freeze(rita, 'x')
    bot.forward(1000 * DAY)
    expect(await bot.app.custody.forgetOld()).toEqual({ runs: 0, entries: 0 })
    await bot.close()
  })

  it('is told from somebody who deletes bodies by hand', async () => {
    const bot = await startBot(options())
    await oneRun(bot)
    bot.forward(91 * DAY)
    await bot.app.custody.forgetOld()
    await bot.firebreak.freeze(rita, 'what somebody wants to hide')
    expect(await bot.firebreak.audit.verify()).toMatchObject({ ok: true })
    await bot.close()
    const db = new DatabaseSync(join(bot.state, 'journal.db'))
    db.exec(`update journal set salt = '', data = '' where leaf like '%"freeze.set"%'`)
    db.close()
    const next = await startBot({ ...options(), state: bot.state })
    expect(await next.firebreak.audit.verify()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('deleted by hand'),
    })
    await next.close()
  })
})

describe('a legal hold', () => {
  it('is set and released by those who may, is in the log, and outlives a restart', async () => {
    const bot = await startBot(options())
    const run = await oneRun(bot)
    expect(await codeOf(bot.firebreak.hold(run, slack('oli'), 'x'))).toBe('authority.missing-role')
    expect(await codeOf(bot.firebreak.release(run, ann, 'x'))).toBe('run.held')
    const both = [bot.firebreak.hold(run, ann, 'one'), bot.firebreak.hold(run, ann, 'two')]
    expect((await Promise.all(both.map(codeOf))).toSorted()).toEqual(['done', 'run.held'])
    const next = await bot.restart()
    const { held, status } = (await next.firebreak.run(run)).state
    expect([held?.reason, status]).toEqual([expect.stringMatching(/^(one|two)$/), 'succeeded'])
    await next.firebreak.release(run, ann, 'over')
    expect((await next.firebreak.run(run)).state).not.toHaveProperty('held')
    const types = (await next.all()).map(({ type }) => type)
    expect(types.filter((type) => ['run.held', 'run.released', 'command.refused'].includes(type))).toEqual([
      'command.refused',
      'command.refused',
      'run.held',
      'command.refused',
      'run.released',
    ])
    await next.close()
  })

  it('is possible on a run that goes on, which is not disturbed by it', async () => {
    const bot = await startBot(options())
    const run = await bot.start('some')
    await bot.waiting(run)
    await bot.firebreak.hold(run, ann, 'at once')
    await approveAll(bot, run, [ann])
    expect((await bot.firebreak.run(run)).state).toMatchObject({
      status: 'succeeded',
      held: { reason: 'at once' },
    })
    await bot.close()
  })
})

describe('the log', () => {
  it('names who read it, and who took it where, before they got it', async () => {
    const bot = await startBot(options())
    const to = join(tempFolder(), 'out')
    const by = { via: 'os', user: 'eve' } as const
    const listed = await bot.firebreak.audit.list({ from: 0, limit: 100, type: 'access' }, by)
    await bot.firebreak.audit.export(to, { by })
    expect(listed).toHaveLength(1)
    const facts = await bot.firebreak.log({ from: 0, limit: 100, type: 'access' })
    expect(facts.map(({ data, actor }) => [data, actor])).toEqual([
      [
        { what: 'audit list {"type":"access","from":0,"limit":100}', by },
        { kind: 'account', account: by },
      ],
      [
        { what: 'audit export', by, to },
        { kind: 'account', account: by },
      ],
    ])
    await bot.close()
  })

  it('says which configuration and playbooks were loaded, once, until one of them changes', async () => {
    const bot = await startBot(options())
    const [first] = await loaded(bot)
    expect(first).toEqual({
      digest: expect.stringMatching(/^sha256:/),
      file: 'firebreak.yaml',
      playbooks: {
        more: expect.stringMatching(/^sha256:/),
        some: expect.stringMatching(/^sha256:/),
        tell: expect.stringMatching(/^sha256:/),
      },
    })
    const same = await bot.restart()
    expect(await loaded(same)).toHaveLength(1)
    const { playbooks } = options()
    const other = await same.restart({ playbooks: playbooks.slice(0, 1) })
    expect(await loaded(other)).toHaveLength(2)
    const config = { audit: { retention: { bodies: '30d' } } }
    const third = await other.restart({ playbooks: playbooks.slice(0, 1), config })
    const digests = (await loaded(third)).map((data) => ('digest' in data ? data.digest : ''))
    expect(new Set(digests).size).toBe(2)
    expect(digests).toHaveLength(3)
    await third.close()
  })
})
