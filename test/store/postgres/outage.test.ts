import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/core/fact.ts'
import type { SharedStore } from '../../../src/core/ports.ts'
import { sessionName } from '../../../src/store/postgres/connect.ts'
import { eventually } from '../../support/eventually.ts'
import { sharedPostgres, startPostgres, withoutPostgres } from '../../support/postgres.ts'
import { startProxy, type Cut, type Proxy } from '../../support/proxy.ts'
import { outcomeOf, requested } from '../contract.ts'
import { closeAfterEach, freshDatabase, openAs, step, two } from './stores.ts'

async function query(url: string, text: string): Promise<readonly { [column: string]: unknown }[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ [column: string]: unknown }>(text)
  await client.end()
  return rows
}

/** Until it is told to stop: facts of one run, each after the one before is written. Gives those that were acknowledged. */
async function keepWriting({ store }: SharedStore, run: string, signal: AbortSignal): Promise<Set<number>> {
  const acknowledged = new Set<number>()
  for (let n = 0; !signal.aborted;) {
    const outcome = await outcomeOf(store.commit({ facts: [n === 0 ? requested(run) : step(run, n)] }))
    if (outcome === 'done') acknowledged.add(n++)
    else if (outcome === 'store.fenced') n = (await store.facts(run)).length
    else expect(outcome).toBe('store.unavailable')
    if (outcome !== 'done') await new Promise(setImmediate)
  }
  return acknowledged
}

async function behindProxy(): Promise<{ proxy: Proxy; a: SharedStore; b: SharedStore }> {
  const url = await freshDatabase()
  const { port } = await sharedPostgres()
  const proxy = await startProxy(port)
  const a = await openAs('a', url.replace(String(port), String(proxy.port)))
  return { proxy, a, b: await openAs('b', url) }
}

async function cutOne(
  what: Cut,
  run: string,
): Promise<{ outcomes: string[]; log: readonly Fact[]; heard: Fact[] }> {
  const { proxy, a, b } = await behindProxy()
  await a.store.commit({ facts: [requested(run)] })
  const heard: Fact[] = []
  a.tail((facts) => heard.push(...facts))
  proxy.cut(what)
  const outcomes = await Promise.all([
    outcomeOf(a.store.commit({ facts: [step(run, 1)] })),
    outcomeOf(a.store.memo.set('k', 'v')),
  ])
  expect(proxy.cuts()).toBe(1)
  await b.store.commit({ facts: [requested('last')] })
  await eventually(() => heard.some((fact) => fact.run === 'last'))
  await eventually(async () => (await outcomeOf(a.store.commit({ facts: [] }))) === 'done')
  const log = await b.store.log({ from: 0, limit: 10 })
  await a.store.close()
  await proxy.close()
  return { outcomes, log, heard }
}

describe.skipIf(withoutPostgres())('when PostgreSQL stops', () => {
  closeAfterEach()

  it('nothing is written, which is said at once; work goes on by itself, and nothing that was acknowledged is lost', async () => {
    const postgres = await startPostgres()
    const url = await postgres.createDatabase()
    const [a, b] = await Promise.all([openAs('a', url), openAs('b', url)])
    const heard: Fact[] = []
    b.tail((facts) => heard.push(...facts))
    const over = new AbortController()
    const writers = ['r', 's', 't'].map((run) => keepWriting(a, run, over.signal))
    await eventually(async () => (await b.store.log({ from: 0, limit: 100 })).length > 20)

    await postgres.stop()
    await eventually(async () => (await outcomeOf(a.store.commit({ facts: [] }))) === 'store.unavailable')
    const began = performance.now()
    expect(await outcomeOf(a.store.commit({ facts: [requested('no')] }))).toBe('store.unavailable')
    expect(performance.now() - began).toBeLessThan(50)
    expect(await outcomeOf(b.store.facts('r'))).toBe('store.unavailable')
    await postgres.start()

    const before = heard.length
    await eventually(() => heard.length > before + 20)
    over.abort()
    const acknowledged = await Promise.all(writers)
    const log = await a.store.log({ from: 0, limit: 100_000 })
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i))
    for (const [i, run] of ['r', 's', 't'].entries()) {
      const written = log.filter((fact) => fact.run === run).map(({ n }) => n)
      expect(written).toEqual(written.map((_, n) => n))
      expect([...(acknowledged[i] ?? [])].filter((n) => !written.includes(n))).toEqual([])
    }
    expect(log.some(({ run }) => run === 'no')).toBe(false)
    await eventually(() => heard.length === log.length)
    expect(heard).toEqual(log)
    await Promise.all([a.store.close(), b.store.close()])
    await postgres.remove()
  })

  it('a session that is ended by the server comes back', async () => {
    const { a, url } = await two()
    await query(url, 'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()')
    await eventually(async () => (await outcomeOf(a.store.commit({ facts: [requested('r')] }))) === 'done')
    expect(await a.store.facts('r')).toHaveLength(1)
  })
})

describe.skipIf(withoutPostgres())('a commit whose answer is lost', () => {
  closeAfterEach()

  it('is acknowledged when it was made, and is not heard of as if another had made it', async () => {
    const { outcomes, log, heard } = await cutOne('answer', 'r')
    expect(outcomes).toEqual(['done', 'done'])
    expect(log.map(({ type }) => type)).toEqual(['run.requested', 'step.applied', 'run.requested'])
    expect(heard.map(({ run }) => run)).toEqual(['last'])
  })

  it('is refused when it was not made', async () => {
    const { outcomes, log } = await cutOne('request', 'r')
    expect(outcomes).toEqual(['store.unavailable', 'store.unavailable'])
    expect(log.map(({ type }) => type)).toEqual(['run.requested', 'run.requested'])
  })

  it('holds up the others for two seconds at most when its process hangs, and is not made when it wakes', async () => {
    const { proxy, a, b } = await behindProxy()
    proxy.cut('hang')
    const hung = outcomeOf(a.store.commit({ facts: [requested('r')] }))
    await eventually(() => proxy.cuts() === 1)
    const began = performance.now()
    expect(await outcomeOf(b.store.commit({ facts: [requested('s')] }))).toBe('done')
    expect(performance.now() - began).toBeLessThan(3000)
    expect(await hung).toBe('store.unavailable')
    await eventually(async () => (await outcomeOf(a.store.commit({ facts: [] }))) === 'done')
    expect((await b.store.log({ from: 0, limit: 10 })).map(({ run }) => run)).toEqual(['s'])
    await a.store.close()
    await proxy.close()
  })

  it('is looked up by its transaction where it has no facts', async () => {
    const { proxy, a, b } = await behindProxy()
    proxy.cut('answer')
    expect(await outcomeOf(a.store.memo.set('k', 'v'))).toBe('done')
    proxy.cut('request')
    expect(await outcomeOf(a.store.memo.set('k', 'w'))).toBe('store.unavailable')
    expect(await b.store.memo.get('k')).toBe('v')
    await a.store.close()
    await proxy.close()
  })
})

describe.skipIf(withoutPostgres())('a server', () => {
  closeAfterEach()

  it('that forgets what it has committed is refused', async () => {
    const url = await freshDatabase()
    await query(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`)
    expect(await outcomeOf(openAs('a', url))).toBe('store.unfit-server')
  })

  it('whose journal is of a newer program is refused, and left as it is', async () => {
    const { url } = await two()
    await query(url, 'update firebreak.meta set version = 99')
    expect(await outcomeOf(openAs('c', url))).toBe('store.newer')
    expect(await query(url, 'select version from firebreak.meta')).toEqual([{ version: 99 }])
  })

  it('keeps our limits and names, whatever its address says', async () => {
    const url = await freshDatabase()
    await openAs('a', `${url}?statement_timeout=0&application_name=other&lock_timeout=1`)
    const names = await query(
      url,
      'select distinct application_name from pg_stat_activity where datname = current_database()',
    )
    expect(names.map((row) => row['application_name'])).toContain(sessionName('a'))
    expect(names.map((row) => row['application_name'])).not.toContain('other')
  })

  it('that is not there is a coded error', async () => {
    expect(await outcomeOf(openAs('a', 'postgres://postgres@127.0.0.1:1/none'))).toBe('store.unavailable')
    const url = await freshDatabase()
    expect(await outcomeOf(openAs('a', `${url}_not`))).toBe('store.unavailable')
  })
})
