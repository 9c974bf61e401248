import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateLogKey, parseVerifierKey } from '../../src/audit/key.ts'
import { readLogKeys } from '../../src/audit/key-folder.ts'
import { createNotary } from '../../src/audit/notary.ts'
import { verifyExport } from '../../src/audit/verify-export.ts'
import { createAudit } from '../../src/bot/audit.ts'
import { endOverlap, rotateKey, type KeyOffice } from '../../src/bot/rotate-key.ts'
import { system } from '../../src/core/person.ts'
import type { Store } from '../../src/core/ports.ts'
import { makeKey } from '../../src/app/log-key.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { tempFolder } from '../support/bot.ts'

const origin = 'example.com/rotated'

/** A state folder with a log of a few entries, and nobody in it. */
function office(): KeyOffice {
  const folder = tempFolder()
  makeKey(folder, origin)
  return {
    folder,
    origin,
    actor: { kind: 'account', account: { via: 'os', user: 'ada@host' } },
    open: async (notary) => openSqlite({ folder, notary, clock: { now: Date.now } }),
  }
}

async function inStore<T>({ folder, open }: KeyOffice, work: (store: Store) => Promise<T>): Promise<T> {
  const { key, previous } = readLogKeys(folder, origin)
  const store = await open(createNotary(key, previous))
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const grow = (where: KeyOffice, count: number): Promise<void> =>
  inStore(where, async (store) => {
    for (let i = 0; i < count; i++) {
      await store.commit({ facts: [{ type: 'freeze.set', actor: system, data: { reason: `entry ${i}` } }] })
    }
  })

const exported = (where: KeyOffice): Promise<string> =>
  inStore(where, async (store) => {
    const to = join(tempFolder(), 'export')
    const audit = createAudit(store, readLogKeys(where.folder, origin).key, where.folder)
    expect(await audit.verify()).toMatchObject({ ok: true })
    await audit.export(to)
    return to
  })

const publicKey = ({ folder }: KeyOffice) =>
  parseVerifierKey(readFileSync(join(folder, 'log.vkey'), 'utf8').trim())

const stop = (): Promise<never> => Promise.reject(new Error('stopped'))

describe('a rotated key', () => {
  it('signs beside the old one in the overlap, so that either verifies all, and is readable by its owner only', async () => {
    const where = office()
    await grow(where, 3)
    const old = publicKey(where)
    const told = await rotateKey(where)
    const fresh = publicKey(where)
    expect(told).toEqual({ key: fresh.text, previous: old.text })
    expect(fresh.id).not.toBe(old.id)
    for (const name of ['log.key', 'log.key.previous']) {
      expect(statSync(join(where.folder, name)).mode & 0o777, name).toBe(0o600)
    }
    expect(existsSync(join(where.folder, 'log.key.next'))).toBe(false)
    await grow(where, 2)
    const dir = await exported(where)
    for (const key of [old, fresh]) {
      const verdict = await verifyExport(dir, { keys: [key] })
      expect(verdict).toMatchObject({ ok: true, size: 6, key: key.text })
      expect(verdict).not.toHaveProperty('keys')
    }
    const [, fact] = await inStore(where, (store) => store.log({ from: 2, limit: 2 }))
    expect(fact).toMatchObject({ type: 'log.key-rotated', data: told, actor: where.actor })
  })

  it('is followed from the old one after the overlap, over several rotations, and says what each covers', async () => {
    const where = office()
    await grow(where, 3)
    const first = publicKey(where)
    await rotateKey(where)
    const second = publicKey(where)
    await endOverlap(where)
    await grow(where, 1)
    await rotateKey(where)
    const third = publicKey(where)
    await endOverlap(where)
    await grow(where, 2)
    expect(existsSync(join(where.folder, 'log.key.previous'))).toBe(false)
    const dir = await exported(where)
    const covers = [
      { key: first.text, covers: 4 },
      { key: second.text, covers: 7 },
      { key: third.text, covers: 10 },
    ]
    expect(await verifyExport(dir, { keys: [first] })).toMatchObject({ ok: true, size: 10, keys: covers })
    expect(await verifyExport(dir, { keys: [second] })).toMatchObject({ ok: true, keys: covers.slice(1) })
    expect(await verifyExport(dir, { keys: [third] })).toMatchObject({ ok: true, key: third.text })
    const stranger = generateLogKey(origin)
    expect(await verifyExport(dir, { keys: [stranger] })).toMatchObject({ ok: false, fault: 'checkpoint' })
  })

  it('is not believed without the checkpoint in which the old one handed over, or with another', async () => {
    const where = office()
    await grow(where, 3)
    const old = publicKey(where)
    await rotateKey(where)
    await endOverlap(where)
    const dir = await exported(where)
    const handover = join(dir, 'handovers/3')
    const text = readFileSync(handover, 'utf8')
    const refused = { ok: false }
    writeFileSync(handover, text.replace('\n4\n', '\n3\n'))
    expect(await verifyExport(dir, { keys: [old] })).toMatchObject(refused)
    writeFileSync(handover, readFileSync(join(dir, 'checkpoint')))
    expect(await verifyExport(dir, { keys: [old] })).toMatchObject(refused)
    writeFileSync(handover, text)
    renameSync(handover, join(dir, 'handovers/2'))
    expect(await verifyExport(dir, { keys: [old] })).toMatchObject(refused)
    renameSync(join(dir, 'handovers/2'), handover)
    expect(await verifyExport(dir, { keys: [old] })).toMatchObject({ ok: true })
    renameSync(handover, join(dir, 'handovers/none'))
    expect(await verifyExport(dir, { keys: [old] })).toMatchObject(refused)
  })

  it('is the one that an interrupted rotation began with, wherever it was interrupted', async () => {
    for (const at of ['before the entry', 'after the entry', 'before the exchange'] as const) {
      const where = office()
      await grow(where, 2)
      const old = publicKey(where)
      const broken: KeyOffice = {
        ...where,
        open: async (notary) => {
          if (at === 'before the entry') throw new Error('stopped')
          const store = await where.open(notary)
          return at === 'after the entry'
            ? { ...store, checkpoint: stop }
            : { ...store, close: async () => store.close().then(stop) }
        },
      }
      await expect(rotateKey(broken)).rejects.toThrow('stopped')
      // The bot may run in between, with the old key.
      expect(readLogKeys(where.folder, origin)).toMatchObject({ key: { id: old.id } })
      await grow(where, 1)
      const { key } = await rotateKey(where)
      expect(publicKey(where).text).toBe(key)
      await endOverlap(where)
      const dir = await exported(where)
      expect(await verifyExport(dir, { keys: [old] }), at).toMatchObject({ ok: true })
      const facts = await inStore(where, (store) => store.log({ from: 0, limit: 99 }))
      expect(
        facts.filter(({ type }) => type === 'log.key-rotated'),
        at,
      ).toHaveLength(1)
    }
  })

  it('is refused while an earlier overlap lasts, and an overlap cannot be ended that there is not', async () => {
    const where = office()
    await expect(endOverlap(where)).rejects.toMatchObject({ code: 'audit.rotation-none' })
    await rotateKey(where)
    await expect(rotateKey(where)).rejects.toMatchObject({ code: 'audit.rotation-open' })
  })
})
