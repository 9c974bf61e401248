import { describe, expect, it } from 'vitest'
import { signCheckpoint } from '../../src/audit/checkpoint.ts'
import type { StoredEntry } from '../../src/audit/entry.ts'
import { generateLogKey } from '../../src/audit/key.ts'
import { EMPTY_ROOT } from '../../src/audit/tree.ts'
import { verifyEntries } from '../../src/audit/verify.ts'
import type { Verdict, VerifyOptions } from '../../src/audit/verify.ts'
import { pagesOf } from './pages.ts'
import { checkpointOver, ORIGIN, sampleEntry, sampleLog } from './sample-log.ts'

const SIZE = 11
const { entries, checkpoint, key } = sampleLog(SIZE)
const forged = sampleLog(SIZE, 'forged').entries

function at(list: readonly StoredEntry[], seq: number): StoredEntry {
  const entry = list[seq]
  if (entry === undefined) throw new Error(`the sample has no entry ${seq}`)
  return entry
}

function verdict(list: readonly StoredEntry[], options: Partial<VerifyOptions> = {}): Promise<Verdict> {
  return verifyEntries(pagesOf(list), checkpoint, { keys: [key], ...options })
}

/** Each byte of a text, flipped, removed and doubled. */
function* mutations(text: string): Generator<string> {
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i++) {
    const flipped = Buffer.from(bytes)
    flipped[i] = (bytes[i] ?? 0) ^ (1 << (i % 8))
    yield flipped.toString()
    const [before, own, after] = [bytes.subarray(0, i), bytes.subarray(i, i + 1), bytes.subarray(i + 1)]
    yield Buffer.concat([before, after]).toString()
    const longer = Buffer.concat([before, own, own, after]).toString()
    if (longer !== text) yield longer
  }
}

describe('a sound log', () => {
  it('is confirmed, with origin, size, root and key', async () => {
    const got = await verdict(entries)
    expect(got).toMatchObject({ ok: true, origin: ORIGIN, size: SIZE, key: key.text, withoutBody: 0 })
    expect(
      await verifyEntries(pagesOf(entries), checkpoint, { keys: [generateLogKey('other.example'), key] }),
    ).toEqual(got)
  })

  it('is confirmed without stored hashes, from any iterable, and when it is empty', async () => {
    const bare = entries.map(({ hash: _hash, ...rest }) => rest)
    expect((await verdict(bare)).ok).toBe(true)
    expect((await verifyEntries(new Set(pagesOf(entries)), checkpoint, { keys: [key] })).ok).toBe(true)
    const empty = signCheckpoint({ origin: ORIGIN, size: 0, root: EMPTY_ROOT }, key)
    expect(await verifyEntries(pagesOf([]), empty, { keys: [key] })).toMatchObject({
      ok: true,
      size: 0,
      root: EMPTY_ROOT,
    })
  })

  it('is confirmed at every size, and with every earlier checkpoint', async () => {
    for (let size = 1; size <= SIZE; size++) {
      const head = checkpointOver(entries.slice(0, size), key)
      const earlier = Array.from({ length: size }, (_, i) => checkpointOver(entries.slice(0, i + 1), key))
      expect(
        await verifyEntries(pagesOf(entries.slice(0, size)), head, { keys: [key], earlier }),
      ).toMatchObject({
        ok: true,
        size,
      })
    }
  })
})

describe('a log that grows while it is verified', () => {
  const more = [...entries, ...Array.from({ length: 5 }, (_, i) => sampleEntry(SIZE + i))]
  const sizes = (list: readonly number[]) => {
    const left = [...list]
    return async () => checkpointOver(more.slice(0, left.shift() ?? SIZE), key)
  }

  it('is confirmed up to a newer checkpoint, which is asked for as often as it takes', async () => {
    const got = await verdict(more, { newer: sizes([SIZE + 1, SIZE + 5]) })
    expect(got).toMatchObject({ ok: true, size: SIZE + 5 })
  })

  it('has an entry too many where no newer checkpoint covers it', async () => {
    expect(await verdict(more, { newer: sizes([SIZE + 2, SIZE + 2]) })).toMatchObject({
      fault: 'extra',
      seq: SIZE + 2,
    })
    expect(await verdict(more, { newer: sizes([]) })).toMatchObject({ fault: 'extra', seq: SIZE })
  })

  it('is refused when it had left its first checkpoint before, whatever a newer one says', async () => {
    const again = [...forged, sampleEntry(SIZE)]
    const newer = async () => checkpointOver(again, key)
    expect(await verdict(again, { newer })).toMatchObject({ fault: 'root', between: { from: 0, to: SIZE } })
  })

  it('is refused when the newer checkpoint is of another key', async () => {
    const newer = async () => checkpointOver(more, generateLogKey(ORIGIN))
    expect(await verdict(more, { newer })).toMatchObject({ ok: false, fault: 'checkpoint' })
  })
})

describe('any byte of any entry', () => {
  for (const column of ['leaf', 'data', 'salt', 'hash'] as const) {
    it(`of its ${column}, changed, removed or doubled, is noticed, and the entry is named`, async () => {
      let tried = 0
      for (const [seq, entry] of entries.entries()) {
        for (const text of mutations(String(entry[column]))) {
          const got = await verdict(entries.with(seq, { ...entry, [column]: text }))
          if (got.ok || got.seq !== seq)
            expect.fail(`entry ${seq}, ${column} ${text}: ${JSON.stringify(got)}`)
          tried++
        }
      }
      expect(tried).toBeGreaterThan(SIZE * 32)
    })
  }

  it('of its seq, is noticed', async () => {
    for (const [seq, entry] of entries.entries()) {
      for (const other of [seq + 1, seq - 1, -seq - 1, seq + 0.5, Number.NaN, 2 ** 53]) {
        expect((await verdict(entries.with(seq, { ...entry, seq: other }))).ok).toBe(false)
      }
    }
  })

  it('of its leaf is noticed also where no hash is stored, though it cannot always be named', async () => {
    const bare = entries.map(({ hash: _hash, ...rest }) => rest)
    for (const [seq, entry] of bare.entries()) {
      for (const leaf of mutations(String(entry.leaf))) {
        const got = await verdict(bare.with(seq, { ...entry, leaf }))
        const fair = !got.ok && (got.seq === seq || (got.fault === 'root' && got.seq === undefined))
        if (!fair) expect.fail(`entry ${seq}, leaf ${leaf}: ${JSON.stringify(got)}`)
      }
    }
  })
})

describe('attacks', () => {
  it('edit: data changed, with salt and hash left', async () => {
    const edited = { ...at(entries, 4), data: '{"note":"nothing happened"}' }
    expect(await verdict(entries.with(4, edited))).toMatchObject({ ok: false, fault: 'body', seq: 4 })
  })

  it('another salt', async () => {
    const edited = { ...at(entries, 4), salt: 'f'.repeat(32) }
    expect(await verdict(entries.with(4, edited))).toMatchObject({ ok: false, fault: 'body', seq: 4 })
  })

  it('the same salt in capitals', async () => {
    const salt = (at(entries, 4).salt ?? '').toUpperCase()
    expect(await verdict(entries.with(4, { ...at(entries, 4), salt }))).toMatchObject({
      fault: 'body',
      seq: 4,
    })
  })

  it('delete', async () => {
    for (let seq = 0; seq < SIZE - 1; seq++) {
      expect(await verdict(entries.toSpliced(seq, 1))).toMatchObject({ ok: false, fault: 'missing', seq })
    }
  })

  it('delete and close the gap by renumbering', async () => {
    const closed = entries.toSpliced(4, 1).map((entry, seq) => ({ ...entry, seq }))
    expect(await verdict(closed)).toMatchObject({ ok: false, fault: 'order', seq: 4 })
  })

  it('duplicate', async () => {
    for (let seq = 0; seq < SIZE; seq++) {
      expect(await verdict(entries.toSpliced(seq, 0, at(entries, seq)))).toMatchObject({
        ok: false,
        fault: 'order',
        seq,
      })
    }
  })

  it('reorder: two entries change places', async () => {
    const swapped = entries.with(3, at(entries, 7)).with(7, at(entries, 3))
    expect(await verdict(swapped)).toMatchObject({ ok: false, fault: 'missing', seq: 3 })
  })

  it('swap: two entries change contents under their numbers', async () => {
    const swapped = entries.with(3, { ...at(entries, 7), seq: 3 }).with(7, { ...at(entries, 3), seq: 7 })
    expect(await verdict(swapped)).toMatchObject({ ok: false, fault: 'order', seq: 3 })
  })

  it('swap: two entries change bodies', async () => {
    const { salt, data } = at(entries, 7)
    expect(await verdict(entries.with(3, { ...at(entries, 3), salt, data }))).toMatchObject({
      fault: 'body',
      seq: 3,
    })
  })

  it('truncate', async () => {
    for (let size = 0; size < SIZE; size++) {
      expect(await verdict(entries.slice(0, size))).toMatchObject({
        ok: false,
        fault: 'truncated',
        seq: size,
      })
    }
  })

  it('append what no checkpoint covers', async () => {
    expect(await verdict([...entries, sampleEntry(SIZE)])).toMatchObject({
      ok: false,
      fault: 'extra',
      seq: SIZE,
    })
  })

  it('fork: entries sealed anew, consistent in themselves', async () => {
    const got = await verdict(entries.with(6, at(forged, 6)))
    expect(got).toMatchObject({ ok: false, fault: 'root', between: { from: 0, to: SIZE } })
    expect(got).not.toHaveProperty('seq')
  })

  it('fork: earlier checkpoints narrow it down, to the entry where there are enough', async () => {
    const rewritten = [...entries.slice(0, 6), ...forged.slice(6)]
    const earlier = [3, 5, 8].map((size) => checkpointOver(entries.slice(0, size), key))
    expect(await verdict(rewritten, { earlier })).toMatchObject({
      fault: 'root',
      between: { from: 5, to: 8 },
    })
    const dense = entries.map((_, i) => checkpointOver(entries.slice(0, i + 1), key))
    expect(await verdict(rewritten, { earlier: dense })).toMatchObject({ fault: 'root', seq: 6 })
  })

  it('fork: a log that was rewritten and signed anew does not match its earlier checkpoints', async () => {
    const again = checkpointOver(forged, key)
    const earlier = [checkpointOver(entries.slice(0, 5), key)]
    const got = await verifyEntries(pagesOf(forged), again, { keys: [key], earlier })
    expect(got).toMatchObject({ ok: false, fault: 'root', between: { from: 0, to: 5 } })
  })

  it('delete a body: refused, unless the verifier allows retention, and then counted', async () => {
    const pruned = entries.with(2, { ...at(entries, 2), salt: null, data: null })
    expect(await verdict(pruned)).toMatchObject({ ok: false, fault: 'body-missing', seq: 2 })
    expect(await verdict(pruned, { missingBodies: 'count' })).toMatchObject({ ok: true, withoutBody: 1 })
    const half = entries.with(2, { ...at(entries, 2), data: null })
    expect(await verdict(half, { missingBodies: 'count' })).toMatchObject({
      ok: false,
      fault: 'body',
      seq: 2,
    })
  })

  it('change the checkpoint', async () => {
    for (const text of mutations(checkpoint)) {
      const got = await verifyEntries(pagesOf(entries), text, { keys: [key] })
      expect(got).toMatchObject({ ok: false, fault: 'checkpoint' })
    }
    const earlier = [checkpoint.replace(String(SIZE), '3')]
    expect(await verdict(entries, { earlier })).toMatchObject({ ok: false, fault: 'checkpoint' })
  })

  it('sign with another key, of the same name too', async () => {
    for (const keys of [[generateLogKey('other.example')], [generateLogKey(ORIGIN)], []]) {
      expect(await verdict(entries, { keys })).toMatchObject({ ok: false, fault: 'checkpoint' })
    }
  })

  it('show the checkpoint of another size', async () => {
    const shorter = checkpointOver(entries.slice(0, 5), key)
    expect(await verifyEntries(pagesOf(entries), shorter, { keys: [key] })).toMatchObject({
      fault: 'extra',
      seq: 5,
    })
  })
})
