import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeExport } from '../../../src/audit/export.ts'
import { auditFiles } from '../../../src/commands/audit-files.ts'
import type { AuditReport, LogQuery } from '../../../src/core/app.ts'
import { pagesOf } from '../../audit/pages.ts'
import { checkpointOver, sampleLog } from '../../audit/sample-log.ts'
import { createCli, createCliWithBot } from './cli.ts'
import { installed, makeKey } from './ssh-keys.ts'

const log = sampleLog(300)
const key = log.key.text
const person = installed ? makeKey('ada') : ''

/** A command line in a folder with an export named `out`. */
async function withExport() {
  const cli = createCli({ files: auditFiles })
  await writeExport(join(cli.folder, 'out'), { ...log, entries: pagesOf(log.entries, 100) })
  const file = (name: string, text: string): string => {
    writeFileSync(join(cli.folder, name), text)
    return name
  }
  return { ...cli, file }
}

describe('audit list', () => {
  test('sends its filters to the bot, and the bot refuses what is no time', async () => {
    const { run, fake } = await createCliWithBot()
    const asked: LogQuery[] = []
    Object.assign(fake.app.audit, { list: async (query: LogQuery) => (asked.push(query), []) })
    const filter = {
      run: 'r1',
      person: 'ann',
      target: 'arn:x',
      type: 'step',
      since: '2026-01-01T00:00:00Z',
      until: '2026-01-02T00:00:00+01:00',
    }
    const words = Object.entries(filter).flatMap(([name, value]) => [`--${name}`, value])
    expect(await run('audit', 'list', ...words, '--limit', '7')).toMatchObject({ code: 0, err: '' })
    expect(asked).toEqual([{ from: 0, limit: 7, ...filter }])
    expect((await run('audit', 'list', '--since', 'yesterday')).err).toContain('error api.bad-request')
  })
})

describe('audit export', () => {
  test('with --run asks for the evidence of that run', async () => {
    const { run, fake, folder } = await createCliWithBot()
    const asked: unknown[] = []
    const write = async (...args: unknown[]) => (asked.push(args), { size: 5, checkpoint: 'c' })
    Object.assign(fake.app.audit, { export: write })
    expect((await run('audit', 'export', 'out', '--run', 'r1')).out).toBe(
      `5 entries in ${join(folder, 'out')}\n`,
    )
    expect(asked).toEqual([[join(folder, 'out'), { by: { via: 'os', user: expect.any(String) }, run: 'r1' }]])
  })
})

describe('audit verify --anchors', () => {
  test('names the anchor that contradicts the log, and fails', async () => {
    const { run, fake } = await createCliWithBot()
    const asked: unknown[] = []
    const anchor = {
      name: 'disk',
      place: '/mnt/a',
      state: 'behind',
      contradicts: true,
      says: 'gone \u001b[31m',
    }
    const report = { ok: false, reason: 'anchor disk: gone', anchors: [anchor] }
    Object.assign(fake.app.audit, { verify: async (how: unknown) => (asked.push(how), report) })
    const { code, out } = await run('audit', 'verify', '--anchors')
    expect(code).toBe(1)
    expect(out).toContain('NOT sound: anchor disk: gone\nanchor disk (/mnt/a): behind: gone')
    expect(out).not.toContain('\u001b')
    expect(asked).toEqual([{ anchors: true }])
    expect((await run('audit', 'verify', 'out', '--anchors')).err).toContain('error usage.bad-arguments')
  })

  test('says where there are none', async () => {
    const { run, fake } = await createCliWithBot()
    const report = { ok: true, size: 1, root: 'r', checkpoint: 'c', anchors: [] }
    Object.assign(fake.app.audit, { verify: async () => report })
    expect((await run('audit', 'verify', '--anchors')).out).toContain('no anchors are configured')
  })
})

describe.skipIf(!installed)('a legal hold', () => {
  test.each(['hold', 'release'] as const)('%s is signed with its reason, and needs one', async (verb) => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    fake.answers.signed = () => ({ kind: 'done' })
    expect((await run('audit', verb, 'r1', '--key', person)).code).toBe(2)
    const { code, out } = await run('audit', verb, 'r1', '--key', person, '--reason', 'a lawsuit')
    expect([code, out]).toEqual([0, expect.stringContaining('run r1 is held')])
    const [sent] = fake.seen.signed
    expect(JSON.parse(sent?.message ?? '')).toMatchObject({ decision: verb, run: 'r1', reason: 'a lawsuit' })
  })
})

test('runs show says that a run is held, by whom and why', async () => {
  const { run, fake } = await createCliWithBot()
  const id = fake.begin()
  const n = (await fake.app.facts(id)).length
  const data = { reason: 'case 17\u001b[2J' }
  fake.commit({ type: 'run.held', run: id, n, actor: { kind: 'system' }, data })
  const { out } = await run('runs', 'show', id)
  expect(out).toMatch(/legal hold by \S+ since .*: case 17/)
  expect(out).not.toContain('\u001b')
})

describe('what reads the log', () => {
  test('tells the bot whose command it is', async () => {
    const { run, fake } = await createCliWithBot()
    fake.begin()
    await run('runs', 'show', 'r1', '--facts')
    await run('why', 'r1')
    const by = { via: 'os', user: expect.stringMatching(/^(?!unknown$)./) }
    expect(fake.seen.accesses).toEqual([
      { what: 'runs show r1 --facts', by },
      { what: 'why r1', by },
    ])
  })
})

describe('audit proof', () => {
  test('proves an entry, and audit verify --proof shows what was proved', async () => {
    const { run, file } = await withExport()
    const made = await run('audit', 'proof', '259', 'out')
    expect(made).toMatchObject({ code: 0, err: '' })
    const proof = file('p', made.out)
    const checked = await run('audit', 'verify', '--proof', proof, '--key', key)
    expect(checked.code).toBe(0)
    expect(checked.out).toContain(
      'proved: this is entry 259 of example.com/firebreak, which has 300 entries\n',
    )
    expect(checked.out).toContain('"seq":259')
    const bare = file('bare', made.out.replace(/^extra .*\n/m, ''))
    const entry = file('leaf', String(log.entries[259]?.leaf))
    expect((await run('audit', 'verify', '--proof', bare, '--entry', entry, '--key', key)).code).toBe(0)
    const wrong = await run('audit', 'verify', '--proof', bare, '--entry', proof, '--key', key)
    expect(wrong).toMatchObject({ code: 1, out: expect.stringMatching(/^NOT proved: /) })
    expect((await run('audit', 'verify', '--proof', proof)).code).toBe(2)
  })

  test('proves that the log only grew, from a size or a checkpoint', async () => {
    const { run, file } = await withExport()
    const old = file('old', checkpointOver(log.entries.slice(0, 44), log.key))
    const made = await run('audit', 'proof', '--from', '44', 'out')
    expect((await run('audit', 'proof', '--from', old, 'out')).out).toBe(made.out)
    const proof = file('p', made.out)
    const checked = await run('audit', 'verify', '--proof', proof, '--earlier', old, '--key', key, '--json')
    expect(JSON.parse(checked.out)).toMatchObject({
      ok: true,
      size: 300,
      proves: expect.stringContaining('its first 44'),
    })
    const fork = file('fork', checkpointOver(sampleLog(44, 'another').entries, log.key))
    expect((await run('audit', 'verify', '--proof', proof, '--earlier', fork, '--key', key)).code).toBe(1)
    expect((await run('audit', 'proof', '--from', fork, 'out')).err).toContain('error audit.not-extended')
    expect((await run('audit', 'proof', '--from', '0', 'out')).err).toContain('error audit.bad-tree')
  })

  test.each([[['out']], [['x', 'out']], [['--from', '3', '4', 'out']]])('%j is bad usage', async (words) => {
    const { run } = await withExport()
    expect(await run('audit', 'proof', ...words)).toMatchObject({ code: 2, out: '' })
  })
})

describe('audit verify', () => {
  test('takes a folder as a log of another program only when it is told so', async () => {
    const { run, folder } = await withExport()
    const bodies = join(folder, 'out/bodies.jsonl')
    writeFileSync(bodies, readFileSync(bodies, 'utf8').replace('"salt":"', '"salt":"0'))
    expect((await run('audit', 'verify', 'out', '--key', key)).code).toBe(1)
    expect(await run('audit', 'verify', 'out', '--key', key, '--any')).toMatchObject({ code: 0 })
  })

  test('says how much retention has deleted, of which run it is the evidence, and which key covers what', async () => {
    const report: AuditReport = {
      ok: true,
      size: 300,
      root: 'abc',
      checkpoint: 'c',
      withoutBody: 2,
      run: { id: 'r1', entries: 9 },
      keys: [
        { key: 'a+1+x', covers: 200 },
        { key: 'a+2+y', covers: 300 },
      ],
    }
    const { run } = createCli({ files: { auditVerifyDir: async () => report } })
    expect((await run('audit', 'verify', 'out', '--key', key)).out.split('\n')).toEqual([
      'sound: 9 entries of run r1, in a log of 300, root abc',
      '2 of them without their data, which was deleted',
      'the first 200 entries are vouched for by a+1+x',
      'the first 300 entries are vouched for by a+2+y',
      '',
    ])
  })
})

describe('audit rotate-key', () => {
  test('names both keys, and with --end the one that is left', async () => {
    const asked: unknown[] = []
    const { run } = createCli({
      owner: { rotateKey: async (request) => (asked.push(request), { key: 'new', previous: 'old' }) },
    })
    expect((await run('audit', 'rotate-key', '--state', 's')).out).toContain('new signs beside old')
    expect((await run('audit', 'rotate-key', '--end')).out).toContain('new signs alone')
    expect(asked).toEqual([
      { end: false, user: 'ada', state: 's' },
      { end: true, user: 'ada' },
    ])
  })
})
