import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import { readKeyFile } from '../../src/audit/key-file.ts'
import type { LogKey } from '../../src/audit/key.ts'
import { verifyEntries } from '../../src/audit/verify.ts'
import { createNotary } from '../../src/audit/notary.ts'
import { createAudit } from '../../src/bot/audit.ts'
import { auditFiles } from '../../src/commands/audit-files.ts'
import type { AuditReport } from '../../src/core/app.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { approveAll } from '../support/approve.ts'
import { playbook, startBot, tempFolder, type BotOptions } from '../support/bot.ts'
import { ann, rita, slack } from '../support/people.ts'
import { createToy, toyActions } from '../support/toy.ts'

// P10: the log proves itself. Whatever is changed in the journal's file, verifying says no and names the entry.

type Row = { readonly [column: string]: string | number | null }

let original: string
let key: LogKey
let rows: Row[]
let options: BotOptions

beforeAll(async () => {
  const approve = { from: 'approver', count: 1, within: '30m' }
  options = {
    actions: toyActions(createToy({ a: 'on', b: 'on' })),
    playbooks: [
      playbook('some', {
        off: { action: 'toy.set', with: { lamp: 'a', value: 'off' }, approve },
        tell: { action: 'toy.tell', with: { text: 'ünïcödé and "quotes" \\ and ${{ 1 + 1 }}' } },
      }),
    ],
  }
  const bot = await startBot(options)
  const run = await bot.start('some')
  await bot.waiting(run)
  await bot.decide(run, slack('gus', 'guest'))
  await approveAll(bot, run, [ann])
  await bot.firebreak.freeze(rita, 'to have entries without a run')
  expect(await bot.firebreak.audit.verify()).toMatchObject({ ok: true })
  await bot.close()
  original = bot.state
  key = readKeyFile(join(original, 'log.key'), 'firebreak.local/log')
  const db = new DatabaseSync(join(original, 'journal.db'))
  rows = db.prepare('select * from journal order by seq').all() as Row[]
  db.close()
})

/** Verifies a copy of the state folder after somebody has worked on its database, through the bot's own door. */
async function verified(tamper: (db: DatabaseSync) => void): Promise<AuditReport> {
  const folder = tempFolder()
  cpSync(original, folder, { recursive: true })
  const db = new DatabaseSync(join(folder, 'journal.db'))
  db.exec('pragma synchronous=off')
  tamper(db)
  db.close()
  const store = openSqlite({ folder, notary: createNotary(key), clock: { now: Date.now } })
  try {
    return await createAudit(store, key, folder).verify()
  } finally {
    await store.close()
  }
}

const columns = ['seq', 'run', 'n', 'leaf', 'hash', 'salt', 'data'] as const
type Column = (typeof columns)[number]

function flipped(text: string, at: number): string {
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
}

function changed(row: Row, column: Column): string | number {
  const value = row[column] ?? null
  if (value === null) return column === 'n' ? 0 : 'another'
  if (typeof value === 'number') return value + 1000
  return flipped(value, Math.floor(value.length / 2))
}

describe('a log that nobody touched', () => {
  it('is sound, also after a restart', async () => {
    expect(await verified(() => undefined)).toMatchObject({ ok: true, size: rows.length })
  })
})

describe('a change to', () => {
  it.each(columns)('the column %s of any entry is found, and the entry is named', async (column) => {
    const missed: unknown[] = []
    for (const row of rows) {
      const seq = Number(row['seq'])
      const report = await verified((db) => {
        db.prepare(`update journal set ${column} = ? where seq = ?`).run(changed(row, column), seq)
      })
      if (report.ok || report.seq !== seq) missed.push({ seq, report })
    }
    expect(missed).toEqual([])
  })

  it('any single character of an entry is found', async () => {
    const missed: unknown[] = []
    const entries = rows.map(({ seq, leaf, hash, salt, data }) => ({
      seq: Number(seq),
      leaf: String(leaf),
      hash: String(hash),
      salt: String(salt),
      data: String(data),
    }))
    const notary = createNotary(key)
    const tree = notary.tree()
    for (const { hash } of entries) tree.append(hash)
    const checkpoint = notary.sign(tree.size(), tree.root())
    expect((await verifyEntries([entries], checkpoint, { keys: [key] })).ok).toBe(true)
    let tried = 0
    for (const entry of entries) {
      for (const column of ['leaf', 'hash', 'salt', 'data'] as const) {
        for (let at = 0; at < entry[column].length; at++) {
          const spoilt = { ...entry, [column]: flipped(entry[column], at) }
          const spoiltLog = entries.map((other) => (other === entry ? spoilt : other))
          const verdict = await verifyEntries([spoiltLog], checkpoint, { keys: [key] })
          tried += 1
          if (verdict.ok || verdict.seq !== entry.seq) missed.push({ seq: entry.seq, column, at })
        }
      }
    }
    expect(missed).toEqual([])
    expect(tried).toBeGreaterThan(5_000)
  })
})

describe('an entry that is', () => {
  it('deleted, from the first to the last', async () => {
    for (const seq of rows.map((row) => Number(row['seq']))) {
      const report = await verified((db) => void db.prepare('delete from journal where seq = ?').run(seq))
      expect(report).toMatchObject({ ok: false, seq })
    }
  })

  it('exchanged with its neighbour', async () => {
    const report = await verified((db) =>
      db.exec(
        'update journal set seq = -1 where seq = 3; update journal set seq = 3 where seq = 4; update journal set seq = 4 where seq = -1',
      ),
    )
    expect(report).toMatchObject({ ok: false, seq: 3 })
  })

  it('exchanged with its neighbour in all but its place', async () => {
    const report = await verified((db) => {
      const put = db.prepare('update journal set leaf = ?, hash = ?, salt = ?, data = ? where seq = ?')
      const [three, four] = [rows[3], rows[4]]
      for (const [row, seq] of [
        [four, 3],
        [three, 4],
      ] as const)
        put.run(
          String(row?.['leaf']),
          String(row?.['hash']),
          String(row?.['salt']),
          String(row?.['data']),
          seq,
        )
    })
    expect(report).toMatchObject({ ok: false, seq: 3 })
  })

  it('added at the end', async () => {
    const report = await verified((db) => {
      db.exec(
        `insert into journal select ${rows.length}, null, null, leaf, hash, salt, data from journal where seq = 1`,
      )
    })
    expect(report).toMatchObject({ ok: false, seq: rows.length })
  })

  it('cut off with everything after it', async () => {
    const report = await verified((db) => db.exec(`delete from journal where seq >= 5`))
    expect(report).toMatchObject({ ok: false, seq: 5 })
  })
})

describe('the evidence of a run', () => {
  it('is exported while the bot runs, and verifies elsewhere with the public key alone', async () => {
    const folder = tempFolder()
    const actions = toyActions(createToy({ a: 'on', b: 'on' }))
    const bot = await startBot({ ...options, actions, state: folder })
    const run = await bot.start('some')
    await bot.waiting(run)
    await bot.firebreak.freeze(rita, 'an entry of no run')
    const to = join(tempFolder(), 'evidence')
    const { size } = await bot.firebreak.audit.export(to, { by: rita, run })
    const facts = await bot.firebreak.facts(run)
    await expect(bot.firebreak.audit.export(join(to, 'x'), { by: rita, run: 'nope' })).rejects.toMatchObject({
      code: 'run.unknown',
    })
    await bot.close()
    const vkey = readFileSync(join(folder, 'log.vkey'), 'utf8').trim()
    const report = await auditFiles.auditVerifyDir(to, [vkey])
    expect(report).toMatchObject({ ok: true, run: { id: run, entries: size } })
    expect(size).toBe(facts.length)
    expect(readFileSync(join(to, 'report.md'), 'utf8')).toContain(`# Run ${run}`)
  })
})

describe('a log that went back as a whole', () => {
  it('is caught by the checkpoint that was kept, and the proof is not overwritten', async () => {
    const folder = tempFolder()
    const bot = await startBot({ ...options, state: folder })
    await bot.close()
    const young = tempFolder()
    cpSync(folder, young, { recursive: true })
    const grown = await startBot({ ...options, state: folder })
    await grown.firebreak.freeze(rita, 'an entry that somebody would like to lose')
    const { checkpoint } = (await grown.firebreak.audit.verify()) as { checkpoint: string }
    await grown.close()
    // Database and tree of yesterday, sound in themselves.
    cpSync(join(young, 'journal.db'), join(folder, 'journal.db'))
    const back = await startBot({ ...options, state: folder })
    const { length } = await back.firebreak.log({ from: 0, limit: 100 })
    for (let i = 0; i < 2; i++)
      expect(await back.firebreak.audit.verify()).toMatchObject({ ok: false, seq: length })
    // Other entries in its place do not help.
    await back.firebreak.freeze(rita, 'another story')
    expect(await back.firebreak.audit.verify()).toMatchObject({ ok: false })
    await back.close()
    expect(Number(checkpoint.split('\n')[1])).toBeGreaterThan(length)
  })
})
