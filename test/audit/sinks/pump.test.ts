import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { pace, startBench } from './bench.ts'
import { httpReceiver } from './http-receiver.ts'
import { memoryJournal } from './journal.ts'

// What the pump does by itself, whatever it sends to.

const open = async () => {
  const batches: number[][] = []
  const receiver = await httpReceiver(({ body }) => {
    batches.push((JSON.parse(body) as { seq: number }[]).map(({ seq }) => seq))
    return ''
  })
  const settings = { name: 'it', kind: 'http', format: 'array', headers: {}, ...pace } as const
  return { ...receiver, batches, settings: { ...settings, url: receiver.url } }
}

describe('the pump', () => {
  it('gathers what is written within its time into one request', async () => {
    const { batches, settings, close } = await open()
    await using bench = startBench({ ...settings, everyMs: 100 })
    await eventually(() => bench.memo.size === 0)
    for (let i = 0; i < 5; i++) bench.grow(1)
    await eventually(() => bench.next('it') === 5)
    expect(batches).toEqual([[0, 1, 2, 3, 4]])
    await bench.close()
    await close()
  })

  it('reads no further than the page that is not delivered yet', async () => {
    const { plan, settings, close } = await open()
    const held = memoryJournal()
    held.add(500)
    plan(...Array.from({ length: 8 }, () => ({ kind: 'status', status: 503 }) as const))
    await using bench = startBench(settings, held)
    await eventually(() => (bench.status().failing?.tries ?? 0) > 4)
    expect(new Set(held.reads)).toEqual(new Set([0]))
    await bench.close()
    await close()
  })

  it('passes over what is no entry, aloud, and never sends it', async () => {
    const { batches, settings, close } = await open()
    const held = memoryJournal()
    held.add(5)
    const [, spoilt, smuggled] = held.entries
    if (spoilt && smuggled) {
      held.entries[1] = { ...spoilt, leaf: '{"actor":' }
      held.entries[2] = { ...smuggled, data: '{}\n{"delete":{"_id":"1"}}' }
    }
    await using bench = startBench(settings, held)
    await eventually(() => bench.next('it') === 5)
    expect(batches.flat()).toEqual([0, 3, 4])
    expect(bench.status().refused).toMatchObject({ count: 2, last: [{ seq: 1 }, { seq: 2 }] })
    expect(bench.lines.map(({ seq }) => seq)).toEqual([1, 2])
    await bench.close()
    await close()
  })

  it('survives a journal that cannot be read or written for a while, and sends nothing into the dark', async () => {
    const { batches, settings, close } = await open()
    const held = memoryJournal()
    held.add(3)
    let broken = 3
    const { set } = held.journal.memo
    const journal = {
      ...held.journal,
      memo: {
        ...held.journal.memo,
        set: async (key: string, value: string) => {
          if (broken-- > 0) throw Object.assign(new Error('disk'), { code: 'ENOSPC' })
          await set(key, value)
        },
      },
    }
    await using bench = startBench(settings, held, { journal })
    await eventually(() => bench.next('it') === 3)
    expect(batches.flat()).toEqual([0, 1, 2])
    expect(bench.lines[0]).toMatchObject({ why: 'the journal cannot be reached (ENOSPC)' })
    await bench.close()
    await close()
  })

  it('tells nothing of what a receiver says or of the credentials it was given', async () => {
    const { plan, settings, close } = await open()
    plan({ kind: 'status', status: 401 })
    await using bench = startBench(settings)
    bench.grow(1)
    await eventually(() => bench.next('it') === 1)
    expect(bench.lines[0]).toMatchObject({ why: 'it answers 401: it refuses the credentials' })
    await bench.close()
    await close()
  })
})
