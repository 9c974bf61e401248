import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { generateLogKey } from '../../src/audit/key.ts'
import { createNotary } from '../../src/audit/notary.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import { isPlaced } from '../../src/store/placed.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { frozen, type Member, requested, storeContract } from './contract.ts'
import { guardrailContract } from './guardrail-contract.ts'
import { budget, effect, written } from './guardrail-facts.ts'

const notary = createNotary(generateLogKey('example.com/log'))
const clock = { now: Date.now }

function member(): Member {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-store-'))
  return {
    open: async (at) => openSqlite({ folder, notary, clock: at }),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

storeContract('a journal on node:sqlite', member)
guardrailContract('a journal on node:sqlite', member)

function refusal(folder: string): unknown {
  try {
    void openSqlite({ folder, notary, clock }).close()
    return 'opened'
  } catch (error) {
    return isFirebreakError(error) ? error.code : error
  }
}

describe('the state folder', () => {
  const folders: string[] = []
  const temp = () => {
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-store-'))
    folders.push(folder)
    return folder
  }
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  it('has one owner: a second one in this process is refused, and the first goes on', async () => {
    const folder = temp()
    const store = openSqlite({ folder, notary, clock })
    expect(refusal(folder)).toBe('store.held')
    await store.commit({ facts: [requested('a')] })
    await store.close()
    expect(refusal(folder)).toBe('opened')
  })

  it('has one owner among processes, and is free the moment that one is killed', async () => {
    const folder = temp()
    const src = join(import.meta.dirname, '../../src')
    const script = `
      const { openSqlite } = await import('${src}/store/sqlite.ts')
      const { createNotary } = await import('${src}/audit/notary.ts')
      const { generateLogKey } = await import('${src}/audit/key.ts')
      openSqlite({ folder: '${folder}', notary: createNotary(generateLogKey('example.com/log')), clock: { now: Date.now } })
      console.log('open')
      setInterval(() => undefined, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(refusal(folder)).toBe('store.held')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(refusal(folder)).toBe('opened')
  })

  it('that is a file, or lies under one, is a coded error with a remedy', () => {
    const file = join(temp(), 'file')
    writeFileSync(file, '')
    expect(refusal(file)).toBe('store.unavailable')
    expect(refusal(join(file, 'state'))).toBe('store.unavailable')
  })

  it.skipIf(process.getuid?.() === 0)('that cannot be written is a coded error with a remedy', () => {
    const folder = temp()
    chmodSync(folder, 0o500)
    expect(refusal(folder)).toBe('store.unavailable')
    chmodSync(folder, 0o700)
  })

  it('with something else than a journal in it is a coded error', () => {
    const folder = temp()
    writeFileSync(
      join(folder, 'journal.db'),
      'this is no database, only some text that is long enough for a header. '.repeat(20),
    )
    expect(refusal(folder)).toBe('store.unavailable')
  })

  it('is made for its owner only', async () => {
    const folder = join(temp(), 'state')
    await openSqlite({ folder, notary, clock }).close()
    expect(statSync(folder).mode & 0o077).toBe(0)
  })

  it('of a newer program is refused, and left as it is', async () => {
    const folder = temp()
    const store = openSqlite({ folder, notary, clock })
    await store.commit({ facts: [requested('a')] })
    await store.close()
    const db = new DatabaseSync(join(folder, 'journal.db'))
    db.exec('update meta set version = 99')
    db.close()
    expect(refusal(folder)).toBe('store.newer')
  })

  it('of version 1 opens with what is new', async () => {
    const folder = temp()
    const old = openSqlite({ folder, notary, clock })
    await old.commit({ facts: [requested('h')], guards: { claim: { target: 't', run: 'h' } } })
    await old.close()
    const db = new DatabaseSync(join(folder, 'journal.db'))
    for (const table of ['counts', 'waits', 'thaws', 'reviews']) db.exec(`drop table ${table}`)
    db.exec('update meta set version = 1')
    db.close()
    const store = openSqlite({ folder, notary, clock })
    await store.commit({ facts: [requested('w')] })
    const claimed = effect(['w', 1, 's'], [], { claim: { target: 't', run: 'w' } })
    expect(await written(store, claimed)).toBe('step.held')
    expect(await written(store, effect(['w', 2, 's'], [budget(1)]))).toBe('step.intended')
    await store.close()
    const again = new DatabaseSync(join(folder, 'journal.db'))
    expect(again.prepare('select version from meta').all()).toEqual([{ version: 2 }])
    again.close()
  })

  it('whose last entry somebody has spoilt still opens, so that verifying can say so', async () => {
    const folder = temp()
    const store = openSqlite({ folder, notary, clock })
    await store.commit({ facts: [requested('a'), frozen('x')] })
    await store.close()
    const db = new DatabaseSync(join(folder, 'journal.db'))
    db.exec(`update journal set leaf = '{' where seq = 1`)
    db.close()
    expect(refusal(folder)).toBe('opened')
  })
})

describe('the place of an entry', () => {
  const body = 'a'.repeat(64)
  const leaf = `{"actor":{"kind":"system"},"body":"${body}","n":3,"run":"r","seq":7,"time":"t","type":"x","v":1}`
  const bare = `{"actor":{"body":"${body}","n":3,"run":"r","seq":7,"x":1},"body":"${body}","seq":8,"time":"t","type":"x","v":1}`

  it('is believed only where the leaf says the same', () => {
    expect(isPlaced(leaf, { seq: 7, run: 'r', n: 3 })).toBe(true)
    const others = [
      { seq: 70, run: 'r', n: 3 },
      { seq: 7, run: 'q', n: 3 },
      { seq: 7, run: 'r', n: 4 },
      { seq: 7, run: undefined, n: 3 },
      { seq: 7, run: 'r', n: undefined },
      { seq: 7, run: undefined, n: undefined },
    ]
    for (const place of others) expect(isPlaced(leaf, place)).toBe(false)
    expect(isPlaced(bare, { seq: 8, run: undefined, n: undefined })).toBe(true)
    expect(isPlaced(bare, { seq: 7, run: 'r', n: 3 })).toBe(false)
    expect(isPlaced('', { seq: 7, run: 'r', n: 3 })).toBe(false)
  })
})

describe('a log of which retention has taken much', () => {
  it('is read past what is forgotten, however long that is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-store-'))
    try {
      const store = openSqlite({ folder, notary, clock })
      const count = 25_000
      await store.commit({ facts: Array.from({ length: count }, () => frozen('x')) })
      const seqs = Array.from({ length: count - 2 }, (_, at) => at + 1)
      const data = { runs: [], entries: seqs.length, before: '2026-01-01T00:00:00.000Z' }
      await store.forget({ seqs, runs: [] }, { type: 'audit.forgotten', actor: { kind: 'system' }, data })
      const found = async (from: number, limit: number) =>
        (await store.log({ from, limit })).map(({ seq }) => seq)
      expect(await found(0, 1000)).toEqual([0, count - 1, count])
      expect(await found(0, 2)).toEqual([0, count - 1])
      expect(await found(5, 1)).toEqual([count - 1])
      expect(await found(count + 1, 1)).toEqual([])
      await store.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
