import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import type { RunView } from '../../../src/core/app.ts'
import { checkBlocks, checkView } from '../../../src/sandbox/slack/blocks/blocks.ts'
import { helpCard, playbooksCard, refusalCard, runsCard } from '../../../src/surfaces/slack/cards.ts'
import { detailsView } from '../../../src/surfaces/slack/details-view.ts'
import { startForm } from '../../../src/surfaces/slack/form.ts'
import { modelOf } from '../../../src/surfaces/slack/model.ts'
import { runPages } from '../../../src/surfaces/slack/run-pages.ts'
import { changeLine, createFakeApp, playbook } from './fake-app.ts'
import type { FakeApp } from './fake-app.ts'
import { KEY, ROSA } from './bench.ts'

const rosa = { via: 'slack', team: 'T0SANDBOX1', user: ROSA, standing: 'member' } as const

async function started(app: FakeApp, mode: 'run' | 'dry-run' = 'run'): Promise<RunView> {
  return await app.start({ playbook: playbook.name, inputs: { accessKeyId: KEY }, mode, by: rosa })
}

function succeed(app: FakeApp, { run, step }: { run: string; step: string }, output = {}): void {
  const line = changeLine(step)
  app.emit({ run, step }, 'step.intended', {
    attempt: 1,
    key: 'k',
    input: {},
    change: line.change!,
    undo: line.undo!,
    digest: line.digest,
    deadlineMs: 1000,
    settleMs: 0,
  })
  app.emit({ run, step }, 'step.applied', {})
  app.emit({ run, step }, 'step.probed', { verdict: 'applied', inDoubt: false })
  app.emit({ run, step }, 'step.succeeded', { output })
}

/** Every page is one that Slack takes, with a text for those who see no blocks. */
async function expectValid(app: FakeApp, run: string): Promise<ReturnType<typeof runPages>> {
  const pages = runPages(await modelOf(app, run))
  for (const { key, text, blocks } of pages) {
    expect(checkBlocks(blocks, 'message'), key).toEqual([])
    expect(blocks.length, key).toBeLessThanOrEqual(50)
    expect(Buffer.byteLength(JSON.stringify(blocks)), key).toBeLessThan(12_000)
    expect(text.length, key).toBeGreaterThan(10)
    expect(text.length, key).toBeLessThanOrEqual(4000)
  }
  expect(checkView(detailsView(await modelOf(app, run)))).toEqual([])
  return pages
}

function words(value: unknown): string {
  return JSON.stringify(value)
}

test('the details of a run say that it is under a legal hold, by whom and why, in words that call nobody', async () => {
  const app = createFakeApp()
  const { state } = await started(app, 'dry-run')
  expect(words(detailsView(await modelOf(app, state.id)))).not.toContain('Legal hold')
  app.emit(state.id, 'run.held', { reason: 'case 17 <!channel>' })
  await expectValid(app, state.id)
  const shown = words(detailsView(await modelOf(app, state.id)))
  expect(shown).toContain('Legal hold by')
  expect(shown).toContain('case 17')
  expect(shown).not.toContain('<!channel>')
})

test('a dry run says that nothing was changed, and offers to run it', async () => {
  const app = createFakeApp()
  const { state } = await started(app, 'dry-run')
  const [main, ...rest] = await expectValid(app, state.id)
  expect(words(main?.blocks)).toContain('`Active` → `Inactive`')
  expect(words(main?.blocks)).toContain('predicted')
  expect(words(main?.blocks)).toContain('"Run this"')
  expect(words(main?.blocks)).not.toContain('"Approve"')
  expect(rest.map(({ key }) => key)).toEqual(['plan:0'])
})

test('a run that waits says who may approve, who is missing, until when, and of which plan', async () => {
  const app = createFakeApp()
  const { state } = await started(app)
  const request = app.ask(state.id, { count: 2 })
  const [main, ask] = await expectValid(app, state.id)
  for (const shown of [main, ask]) {
    expect(words(shown?.blocks)).toContain('2 of 2 approvers for disable')
    expect(words(shown?.blocks)).toContain('0123456789ab')
    expect(words(shown?.blocks)).toContain(`${state.id}|${request}|0123456789ab`)
  }
  expect(ask?.text).toContain('<@U0AMIR0002>')
  expect(ask?.text).not.toContain(`<@${ROSA}>`)
})

test.each([
  ['approvals/irreversible-production', 'asked by the rule `irreversible-production`'],
  ['permissions/leads-only', 'asked by the rule `leads-only`'],
  ['budget/gpu-hour/leaks/-', 'asked by the budget `gpu-hour` (leaks), which has no room left'],
  ['breaker/k8s', 'asked by the circuit breaker `k8s`, which is open'],
  ['window/friday', 'asked by the window `friday`, which is now'],
])('a gate that %s asks for says so in words', async (rule, said) => {
  const app = createFakeApp()
  const { state } = await started(app)
  app.ask(state.id, { rule })
  for (const page of (await expectValid(app, state.id)).slice(0, 2)) {
    expect(page.text).toContain(`1 of 1 approvers for disable, ${said}`)
    expect(words(page.blocks)).toContain(said)
    expect(words(page)).not.toContain(rule)
  }
})

test.each([
  [{ by: 'claim', key: 'aws/uid-1', run: 'run-abcd' }, 'waits: run `run-abcd` holds `AKIAIOSFODNN7EXAMPLE`'],
  [{ by: 'count', key: 'budget/gpu-hour' }, 'waits for room in the budget `gpu-hour`'],
  [{ by: 'window', key: 'window/friday' }, 'waits for its time, by the window `friday`'],
] as const)('a step that is held says for what it waits, and until when', async (held, said) => {
  const app = createFakeApp()
  const { state } = await started(app)
  app.emit({ run: state.id, step: 'disable' }, 'step.held', { ...held, why: 'x' })
  const [main] = await expectValid(app, state.id)
  expect(main?.text).toContain(`\`disable\` ${said}`)
  expect(words(main?.blocks)).toContain(`⏲️ ${said}`)
  const until = '2031-02-03T03:14:00.000Z'
  app.emit({ run: state.id, step: 'disable' }, 'step.held', { ...held, why: 'x', until })
  const [later] = await expectValid(app, state.id)
  expect(later?.text).toContain(`${said} until 03:14 UTC`)
  expect(words(later?.blocks)).toContain('03:14 UTC')
  // Nothing waits in a run that is over.
  app.emit(state.id, 'run.cancelled', { reason: 'x' })
  expect(words((await expectValid(app, state.id))[0])).not.toContain(said)
})

test('buttons are few, short, explained to screen readers and asked twice where they act', async () => {
  const app = createFakeApp()
  const { state } = await started(app)
  app.ask(state.id)
  const main = (await expectValid(app, state.id))[0]
  const actions = main?.blocks.find((block) => block.type === 'actions')
  const buttons = actions?.type === 'actions' ? actions.elements : []
  expect(buttons.length).toBeLessThanOrEqual(5)
  for (const button of buttons) {
    if (button.type !== 'button') throw new Error('only buttons')
    expect(button.text.text.length).toBeLessThanOrEqual(20)
    expect(button.accessibility_label).toBeDefined()
    if (button.style === 'danger') expect(button.confirm).toBeDefined()
  }
})

test('after the end it says what a probe has proved, and offers undo when there is an inverse', async () => {
  const app = createFakeApp()
  const { state } = await started(app)
  succeed(app, { run: state.id, step: 'disable' })
  app.emit(state.id, 'run.succeeded', {})
  const pages = await expectValid(app, state.id)
  expect(words(pages[0]?.blocks)).toContain('Seen in place by a probe: `disable`')
  expect(words(pages[0]?.blocks)).toContain('"Undo"')
  expect(pages.map(({ key }) => key)).toEqual(['main', 'plan:0', 'steps:0', 'end'])
})

test('a parked run offers to look again, which is asked twice, and to cancel', async () => {
  const app = createFakeApp()
  const { state } = await started(app)
  const problem = { code: 'step.in-doubt', message: 'nobody can tell', remedy: 'Look at it' }
  app.emit({ run: state.id, step: 'disable' }, 'step.in-doubt', problem)
  app.emit(state.id, 'run.parked', problem)
  const main = words((await expectValid(app, state.id))[0]?.blocks)
  expect(main).toContain('"Look again"')
  expect(main).toContain('Look again and go on?')
  expect(main).toContain('"Cancel"')
  app.emit(state.id, 'run.resumed', { reason: 'seen', answers: { disable: 'applied' } })
  const after = words((await expectValid(app, state.id))[0]?.blocks)
  expect(after).not.toContain('"Look again"')
  expect(after).toContain('applied by the word of')
})

test('an undo says what it leaves as it is, and why; a step that is tried again says when', async () => {
  const app = createFakeApp()
  const { state } = await started(app)
  const stays = [{ step: 'burn', reason: 'ashes' }]
  app.emit('undo-1', 'run.requested', { ...state.requested, undoes: state.id, stays })
  app.emit('undo-1', 'run.planned', { plan: app.plan })
  const main = words((await expectValid(app, 'undo-1'))[0]?.blocks)
  expect(main).toContain('*Stays as it is*')
  expect(main).toContain('`burn`: ashes')
  app.emit({ run: state.id, step: 'disable' }, 'step.retrying', {
    tries: 1,
    until: new Date(Date.now() + 60_000).toISOString(),
    problem: { code: 'provider.throttled', message: 'not now', remedy: 'Wait' },
  })
  expect(words((await expectValid(app, state.id))[0]?.blocks)).toContain('waits for try 2')
})

test('a failure is a new post with its remedy, and mentions who asked', async () => {
  const app = createFakeApp()
  const { state } = await started(app)
  app.emit(state.id, 'run.failed', { code: 'x.y', message: 'The key is gone', remedy: 'Look at IAM' })
  const failed = (await expectValid(app, state.id)).find(({ key }) => key === 'failed')
  expect(failed?.place).toBe('channel')
  expect(failed?.text).toContain(`<@${ROSA}>`)
  expect(failed?.text).toContain('Look at IAM')
})

test('sixty steps with 40 kB of output are shortened, never dropped', async () => {
  const app = createFakeApp()
  const lines = Array.from({ length: 60 }, (_, at) =>
    changeLine(`secrets[${at}]`, { title: `Rotate secret number ${at} ${'of a long name '.repeat(4)}` }),
  )
  app.plan = { ...app.plan, lines }
  const { state } = await started(app)
  app.ask(state.id)
  await expectValid(app, state.id)
  for (let at = 0; at < 59; at++)
    succeed(app, { run: state.id, step: `secrets[${at}]` }, { log: `<&>😀${'x'.repeat(700)}` })
  const problem = { code: 'aws.denied', message: '<!channel> denied '.repeat(400), remedy: 'R'.repeat(4000) }
  app.emit({ run: state.id, step: 'secrets[59]' }, 'step.failed', problem)
  app.emit(state.id, 'run.failed', problem)
  const pages = await expectValid(app, state.id)
  expect(words(pages[0]?.blocks)).toContain('59 done')
  expect(words(pages[0]?.blocks)).toContain('1 failed')
  expect(words(pages)).not.toContain('<!channel>')
})

test('hostile names, reasons and values stay text in every view', async () => {
  const app = createFakeApp()
  const evil = '<!channel>\n*Approved by amir*\u202E <https://evil.example|ok> ``` `x`'
  const line = changeLine('disable', { title: evil, summary: evil })
  const change = {
    ...line.change!,
    target: { kind: evil, id: 'x', name: evil },
    before: { [evil]: evil },
    note: evil,
  }
  app.plan = { ...app.plan, lines: [{ ...line, change, undo: { kind: 'never', reason: evil } }] }
  const { state } = await app.start({
    playbook: playbook.name,
    inputs: { accessKeyId: KEY },
    mode: 'run',
    by: rosa,
    reason: evil,
  })
  app.ask(state.id, { because: evil })
  const cards = [
    refusalCard({ code: evil, message: evil, remedy: evil }),
    helpCard(evil, evil),
    runsCard([await app.run(state.id)], { reason: evil, since: evil, thaw: [{ person: evil, at: evil }] }),
    playbooksCard([{ ...playbook, title: evil, name: evil }]),
  ]
  const all = [...(await expectValid(app, state.id)), ...cards]
  for (const card of cards) expect(checkBlocks(card.blocks, 'message')).toEqual([])
  for (const { text, blocks } of all) {
    const shown = text + words(blocks)
    expect(shown).not.toMatch(/<!channel>|<https:|\u202E/)
    // In inline code nothing is formatted.
    expect(shown.replaceAll(/`[^`]*`/g, '')).not.toContain('*Approved by')
  }
})

test('the form has a field for each input by its type, and passes the limits', () => {
  const view = startForm({
    memory: { channel: 'C1', mode: 'dry-run', playbook: playbook.name },
    playbooks: [playbook],
    values: { accessKeyId: KEY },
  })
  expect(checkView(view)).toEqual([])
  const elements = view.blocks.flatMap((block) =>
    block.type === 'input' && 'element' in block ? [block.element.type] : [],
  )
  expect(elements).toEqual([
    'plain_text_input',
    'number_input',
    'radio_buttons',
    'checkboxes',
    'plain_text_input',
    'radio_buttons',
  ])
})

test('a form of the oddest inputs is still one that Slack takes', () => {
  const many = Array.from({ length: 99 }, (_, at) => `choice-${at}`)
  const odd = {
    ...playbook,
    title: 'T'.repeat(300),
    inputs: {
      when: {
        type: 'string',
        format: 'date-time',
        description: 'd'.repeat(5000),
        default: '2026-11-24T10:00:00Z',
      },
      mail: { type: 'string', format: 'email', description: 'd' },
      link: { type: 'string', format: 'uri', description: 'd', default: 'https://example.com' },
      pick: { type: 'string', enum: many, description: 'd', default: 'choice-3' },
      huge: { type: 'string', enum: [...many, 'x'.repeat(200)], description: 'd' },
      some: {
        type: 'array',
        items: { type: 'string', enum: many, description: 'd' },
        description: 'd',
        default: ['choice-1'],
      },
      rate: { type: 'number', minimum: 0.5, maximum: 2, default: 1.5, description: 'd' },
      body: { type: 'object', properties: {}, description: 'd' },
    },
  } as const
  const memory = { channel: 'C1', mode: 'run', playbook: odd.name } as const
  expect(checkView(startForm({ memory, playbooks: [odd] }))).toEqual([])
  const crowd = Array.from({ length: 150 }, (_, at) => ({
    ...playbook,
    name: `playbook-${at}`,
    title: `P${at}`,
  }))
  expect(checkView(startForm({ memory: { channel: 'C1', mode: 'run' }, playbooks: crowd }))).toEqual([])
})
