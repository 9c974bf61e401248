import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../src/core/canonical.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import type { AlertOutcome } from '../../src/core/alert.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { ann, rita, slack } from '../support/people.ts'
import { sharedFiles } from '../support/shared.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// P13: nothing is silent. Every alert has a recorded decision; bad input gets a clear error; nothing crashes or hangs.

const text = { type: 'string', description: 'Text', default: 'x' }
const note = playbook(
  'note',
  { tell: { action: 'toy.tell', with: { text: 'Alert ${{ inputs.name }}' } } },
  { inputs: { name: text } },
)
const off = playbook('off', { off: { action: 'toy.set', with: { lamp: 'a', value: 'off' } } })
const narrow = playbook(
  'narrow',
  { tell: { action: 'toy.tell', with: { text: '${{ inputs.name }}' } } },
  { inputs: { name: { ...text, pattern: '^[a-z]$', default: 'a' } } },
)

const source = 'alertmanager'
const routes = [
  { name: 'auto', source, match: { alertname: 'Auto' }, mode: 'auto', playbook: 'off' },
  { name: 'propose', source, match: { alertname: 'Propose' }, mode: 'propose', playbook: 'off' },
  { name: 'silence', source, match: { alertname: 'Silence' }, mode: 'ignore' },
  {
    name: 'narrow',
    source,
    match: { alertname: 'Narrow' },
    mode: 'auto',
    playbook: 'narrow',
    inputs: { name: '${{ alert.labels[?"name"] }}' },
  },
  { name: 'gone', source, match: { alertname: 'Gone' }, mode: 'auto', playbook: 'no-such-playbook' },
  {
    name: 'rest',
    source,
    match: { team: 'all' },
    mode: 'auto',
    playbook: 'note',
    inputs: { name: '${{ alert.name }}' },
  },
]
const config = { alerts: { sources: { [source]: { auth: 'none' } }, routes } }

let toy: Toy
async function alertBot(more: object = {}): Promise<Bot> {
  toy = createToy({ a: 'on' })
  return startBot({
    actions: toyActions(toy),
    playbooks: [note, off, narrow],
    config: { ...config, ...more },
  })
}

function body(...alerts: { readonly [label: string]: string }[]): Buffer {
  const firing = alerts.map((labels) => ({ status: 'firing', labels, startsAt: '2026-11-23T01:00:00Z' }))
  return Buffer.from(JSON.stringify({ version: '4', status: 'firing', alerts: firing }))
}

const decisions = async (bot: Bot) =>
  (await bot.all()).flatMap((fact) => (fact.type === 'alert.decided' ? [fact.data] : []))

const recorded = sharedFiles('alertmanager', 'alertmanager-captured')
function namesIn(json: string): string[] {
  return [...json.matchAll(/"alertname": ?"([^"\\]+)"/g)].map((found) => found[1] ?? '')
}

/** Recordings hold one delivery or several, with their headers; the others are bodies. */
function bodiesOf(bytes: Buffer): Buffer[] {
  const whole: unknown = JSON.parse(bytes.toString())
  const deliveries = [whole]
    .flat()
    .filter(
      (entry): entry is { body: object } => typeof entry === 'object' && entry !== null && 'body' in entry,
    )
  return deliveries.length > 0 ? deliveries.map((entry) => Buffer.from(JSON.stringify(entry.body))) : [bytes]
}

const shown = (all: readonly { decision: string; fingerprint: string }[]) =>
  new Set(all.map(({ decision, fingerprint }) => `${fingerprint} ${decision}`))

describe.skipIf(recorded.skip)('every recorded or published alert body', () => {
  let bot: Bot
  beforeAll(async () => {
    // Whatever fires starts something: no alert may be lost on the way to its run either.
    const alertname = [...new Set(recorded.files.flatMap(({ bytes }) => namesIn(bytes.toString())))]
    const all = [
      {
        name: 'all',
        source,
        match: { alertname },
        mode: 'auto',
        playbook: 'note',
        inputs: { name: '${{ alert.name }}' },
      },
    ]
    bot = await alertBot({ alerts: { ...config.alerts, routes: all } })
  })
  afterAll(() => bot?.close())

  it('is there to be tried', () => expect(recorded.files.length).toBeGreaterThan(30))

  it.each(recorded.files)(
    '$name: each alert has a recorded decision and each run ends, or the body is refused by a code',
    async ({ bytes }) => {
      for (const sent of bodiesOf(bytes)) {
        const before = (await bot.all()).length
        const outcome = await bot.firebreak.alert(source, sent).catch((error: unknown) => error)
        const facts = (await bot.all()).slice(before)
        if (isFirebreakError(outcome)) {
          expect(outcome.code).toBe('alert.unreadable')
          expect(facts.map((fact) => fact.type === 'command.refused' && fact.data.command)).toEqual([
            `alerts, body sha256:${sha256Hex(sent)}`,
          ])
          continue
        }
        const outcomes = outcome as readonly AlertOutcome[]
        const decided = facts.flatMap((fact) => (fact.type === 'alert.decided' ? [fact.data] : []))
        expect(decided).toHaveLength(outcomes.length)
        expect(shown(decided)).toEqual(shown(outcomes))
        for (const { reason, body: digest } of decided) {
          expect(reason).not.toBe('')
          expect(digest).toBe(sha256Hex(sent))
        }
        for (const { run } of outcomes)
          if (run !== undefined) expect((await bot.over(run)).state.status).toBe('succeeded')
      }
    },
  )

  it('delivered once more: not one run more', async () => {
    const runs = async () => (await bot.firebreak.runs({ limit: 10_000 })).length
    const before = await runs()
    for (const { bytes } of recorded.files)
      for (const sent of bodiesOf(bytes)) {
        const outcomes = await bot.firebreak.alert(source, sent).catch(() => [])
        for (const { decision } of outcomes) expect(['duplicate', 'ignore']).toContain(decision)
      }
    expect(await runs()).toBe(before)
    expect(await bot.firebreak.audit.verify()).toMatchObject({ ok: true })
  })
})

describe('an alert', () => {
  let bot: Bot
  afterEach(() => bot.close())

  it('that is routed to auto runs; the same again, also at the same moment, makes no second run', async () => {
    bot = await alertBot()
    const sent = body({ alertname: 'Auto' })
    const outcomes = (await Promise.all([1, 2, 3].map(() => bot.firebreak.alert(source, sent)))).flat()
    expect(outcomes.map(({ decision }) => decision)).toEqual(['auto', 'duplicate', 'duplicate'])
    const run = outcomes[0]?.run ?? ''
    expect((await bot.over(run)).state.status).toBe('succeeded')
    bot = await bot.restart()
    expect((await bot.firebreak.alert(source, sent))[0]?.decision).toBe('duplicate')
    expect(await bot.firebreak.runs({ limit: 10 })).toHaveLength(1)
    expect(applied(toy)).toEqual(['a'])
    expect((await bot.firebreak.run(run)).state.requester).toMatchObject({
      account: { via: 'alert', source },
    })
  })

  it('that is routed to propose waits for a person, and its sender is none', async () => {
    bot = await alertBot()
    const [outcome] = await bot.firebreak.alert(source, body({ alertname: 'Propose' }))
    const run = outcome?.run ?? ''
    const { waitingFor } = await bot.waiting(run)
    expect(waitingFor.missing).toEqual([expect.stringContaining('for the whole run')])
    expect(applied(toy)).toEqual([])
    await bot.decide(run, ann)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('that starts nothing has its reason in the log', async () => {
    bot = await alertBot()
    await bot.firebreak.alert(
      source,
      body(
        { alertname: 'Silence' },
        { alertname: 'Unknown' },
        { alertname: 'Narrow', name: 'TOO LONG' },
        { alertname: 'Gone' },
      ),
    )
    const resolved = { alerts: [{ status: 'resolved', labels: { alertname: 'Auto' } }] }
    await bot.firebreak.alert(source, Buffer.from(JSON.stringify(resolved)))
    expect(
      (await decisions(bot)).map(
        ({ name, decision, reason }) => `${name} ${decision}: ${reason.split(':')[0]}`,
      ),
    ).toEqual([
      'Silence ignore: route silence says ignore',
      `Unknown ignore: no route of ${source} matches`,
      'Narrow refused: input.wrong-value',
      'Gone refused: playbook.unknown',
      'Auto ignore: the alert is resolved',
    ])
    expect(await bot.firebreak.runs({ limit: 10 })).toEqual([])
  })

  it('storm of a thousand: a decision each, one run each, and at most one effect on the target', async () => {
    bot = await alertBot()
    const alerts = Array.from({ length: 1000 }, (_, i) => ({ alertname: `Storm${i}`, team: 'all' }))
    const outcomes = await bot.firebreak.alert(source, body(...alerts))
    expect(new Set(outcomes.map(({ run }) => run)).size).toBe(1000)
    expect(await decisions(bot)).toHaveLength(1000)
    await eventually(async () => (await bot.firebreak.runs({ open: true, limit: 1 })).length === 0, {
      ms: 15_000,
    })
    expect(
      (await bot.firebreak.runs({ limit: 2000 })).every(({ state }) => state.status === 'succeeded'),
    ).toBe(true)
  })

  const deep = `{"alerts":[${'['.repeat(5000)}${']'.repeat(5000)}]}`
  const bad: [string, string | Buffer, string][] = [
    ['nothing', '', 'alert.unreadable'],
    ['no JSON', '{"alerts": [', 'alert.unreadable'],
    ['a list', '[]', 'alert.unreadable'],
    ['null', 'null', 'alert.unreadable'],
    ['alerts that are none', '{"alerts":[1,2]}', 'alert.unreadable'],
    ['alerts without labels', '{"alerts":[{}]}', 'alert.unreadable'],
    ['nesting without end', deep, 'alert.unreadable'],
    ['broken UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'alert.unreadable'],
    ['more than a mebibyte', ' '.repeat(1024 * 1024 + 1), 'alert.too-large'],
    [
      'more alerts than a message may hold',
      body(...Array.from({ length: 2001 }, () => ({ a: 'b' }))),
      'alert.too-large',
    ],
  ]
  it.each(bad)(
    'body that is %s is refused by a code and recorded, and the bot lives',
    async (_, sent, code) => {
      bot = await alertBot()
      const refused = await bot.firebreak.alert(source, Buffer.from(sent)).catch((error: unknown) => error)
      expect(isFirebreakError(refused) && refused.code).toBe(code)
      expect(
        (await bot.all()).flatMap((fact) => (fact.type === 'command.refused' ? [fact.data.code] : [])),
      ).toEqual([code])
      expect((await bot.firebreak.alert(source, body({ alertname: 'Auto' })))[0]?.decision).toBe('auto')
    },
  )

  it('of a source that is not there, by whatever name, is refused', async () => {
    bot = await alertBot()
    for (const name of ['', 'grafana', 'constructor', '__proto__', 'x'.repeat(5000)])
      await expect(bot.firebreak.alert(name, body({ alertname: 'Auto' }))).rejects.toMatchObject({
        code: 'alert.unknown-source',
      })
  })

  it('with hostile labels is data: it comes through unread, cut to size', async () => {
    bot = await alertBot()
    const hostile = {
      alertname: '${{ inputs.x }} <!channel> \u202Eevil',
      team: 'all',
      __proto__x: 'y',
      constructor: 'z',
      long: 'l'.repeat(5000),
    }
    const [outcome] = await bot.firebreak.alert(source, body(hostile))
    expect((await bot.over(outcome?.run ?? '')).state.status).toBe('succeeded')
    expect((await bot.firebreak.outbox.pending(5))[0]?.text).toBe(`Alert ${hostile.alertname}`)
    expect((await decisions(bot))[0]?.labels['long']?.length).toBeLessThan(400)
  })
})

describe('a command that cannot be carried out', () => {
  let bot: Bot
  afterEach(() => bot.close())

  const start = (playbook: string, inputs: object = {}, by = rita) =>
    bot.firebreak.start({ playbook, inputs: inputs as Record<string, string>, mode: 'run', by })

  it('is refused by a code with a remedy, recorded with who wanted it, and starts nothing', async () => {
    bot = await alertBot()
    const tries: [() => Promise<unknown>, string][] = [
      [() => start('no-such-playbook'), 'playbook.unknown'],
      [() => start('x'.repeat(5000)), 'playbook.unknown'],
      [() => start('narrow', { name: 'TOO LONG' }), 'input.wrong-value'],
      [() => start('narrow', { nam: 'a' }), 'input.unknown'],
      [() => start('off', {}, slack('stranger')), 'authority.unknown-account'],
      [() => start('off', {}, slack('rita', 'deactivated')), 'authority.bad-standing'],
      [() => bot.firebreak.cancel('no-such-run', rita, 'x'), 'run.unknown'],
      [() => bot.firebreak.undo('no-such-run', rita), 'run.unknown'],
    ]
    for (const [attempt, code] of tries) {
      const error = await attempt().catch((thrown: unknown) => thrown)
      expect(isFirebreakError(error) && error.code).toBe(code)
      expect(isFirebreakError(error) && error.remedy).not.toBe('')
      const last = (await bot.all()).at(-1)
      expect(last).toMatchObject({ type: 'command.refused', actor: { kind: 'account' }, data: { code } })
    }
    expect(await bot.firebreak.runs({ limit: 10 })).toEqual([])
  })

  it('a run that ends in a moment and one that hangs on its provider are both ended', async () => {
    toy = createToy({ a: 'on' })
    toy.plan = () => new Promise(() => undefined)
    const slow = playbook('slow', { look: { action: 'toy.look', with: { lamp: 'a' }, timeout: '1s' } })
    bot = await startBot({ actions: toyActions(toy), playbooks: [slow] })
    const { state } = await bot.over(await bot.start('slow'))
    expect(state.problem?.code).toBe('provider.timeout')
  })

  it('an output that is too large for the log ends its step instead of being tried for ever', async () => {
    toy = createToy({ a: 'x'.repeat(70_000) })
    const big = playbook('big', {
      look: { action: 'toy.look', with: { lamp: 'a' } },
      page: { when: 'failed()', action: 'toy.tell', with: { text: 'failed' } },
    })
    bot = await startBot({ actions: toyActions(toy), playbooks: [big] })
    const { state } = await bot.over(await bot.start('big'))
    expect(state.steps['look']?.problem?.code).toBe('audit.entry-too-large')
    expect(state.steps['page']?.status).toBe('succeeded')
  })

  it('a plan that is too large for the log ends its run', async () => {
    toy = createToy({ a: 'x'.repeat(40_000) })
    bot = await startBot({ actions: toyActions(toy), playbooks: [off] })
    const { state } = await bot.over(await bot.start('off'))
    expect(state).toMatchObject({ status: 'failed', problem: { code: 'audit.entry-too-large' } })
    expect(applied(toy)).toEqual([])
  })
})
