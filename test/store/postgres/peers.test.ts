import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { joinPeers, type Peers } from '../../../src/store/postgres/peers.ts'
import { eventually } from '../../support/eventually.ts'
import { startPostgres, withoutPostgres } from '../../support/postgres.ts'
import { outcomeOf, requested } from '../contract.ts'
import { closeAfterAll, freshDatabase, openAs } from './stores.ts'

const src = join(import.meta.dirname, '../../../src')

/** A replica in a process of its own, that ends like the program does when its lock is lost. */
type Child = { readonly process: ChildProcess; readonly said: string[] }

const children: ChildProcess[] = []
const joined: Peers[] = []

async function child(url: string, executor: string): Promise<Child> {
  const script = `
    const { joinPeers } = await import('${src}/store/postgres/peers.ts')
    const say = (line) => console.log(line)
    const peers = await joinPeers({
      url: '${url}', executor: '${executor}', protocol: 1,
      onLost: () => { say('lost'); process.exitCode = 70; setTimeout(() => process.exit(), 10) },
      onDead: async (peer) => say('dead ' + peer),
    })
    peers.leader('slack', () => say('leads'))
    say('joined')
    setInterval(() => undefined, 1000)`
  const running = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(running)
  const said: string[] = []
  createInterface(running.stdout).on('line', (line) => said.push(line))
  await eventually(() => said.includes('joined'), { what: `${executor} joins` })
  return { process: running, said }
}

type Seen = { readonly dead: string[]; readonly lost: unknown[]; readonly peers: Peers }

async function joinAs(
  url: string,
  executor: string,
  onDead?: (peer: string) => Promise<void>,
): Promise<Seen> {
  const seen = { dead: [] as string[], lost: [] as unknown[] }
  const peers = await joinPeers({
    url,
    executor,
    protocol: 1,
    onLost: (cause) => seen.lost.push(cause),
    onDead: async (peer) => {
      seen.dead.push(peer)
      await onDead?.(peer)
    },
  })
  joined.push(peers)
  return { ...seen, peers }
}

async function ask<T>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<T & object>(text)
    return rows
  } finally {
    await client.end()
  }
}

const replicas = async (url: string): Promise<string[]> =>
  (await ask<{ executor: string }>(url, 'select executor from firebreak.replicas order by 1')).map(
    ({ executor }) => executor,
  )

/** As soon as so many sessions wait for an advisory lock: the replicas watch each other. */
async function watching(url: string, count: number): Promise<void> {
  const text = `select count(*)::int as n from pg_locks l join pg_database d on d.oid = l.database
    where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`
  await eventually(async () => (await ask<{ n: number }>(url, text))[0]?.n === count, {
    what: `${count} watch`,
  })
}

describe.skipIf(withoutPostgres())('replicas', () => {
  closeAfterAll()
  // Not after each: some of these run at the same time, each on a database of its own.
  afterAll(async () => {
    for (const running of children.splice(0)) running.kill('SIGKILL')
    await Promise.all(joined.splice(0).map((peers) => peers.leave()))
  })

  it('learn at once that one was killed, and one of them takes over what it had in hand', async () => {
    const url = await freshDatabase()
    const [a, b] = await Promise.all([joinAs(url, 'a'), joinAs(url, 'b')])
    const victim = await child(url, 'victim')
    await watching(url, 6)
    const began = performance.now()
    victim.process.kill('SIGKILL')
    await eventually(() => a.dead.length + b.dead.length > 0)
    expect(performance.now() - began).toBeLessThan(500)
    await eventually(async () => (await replicas(url)).length === 2)
    expect([...a.dead, ...b.dead]).toEqual(['victim'])
  })

  it('take over again when the one that took over failed, or died over it', async () => {
    const url = await freshDatabase()
    let tries = 0
    const a = await joinAs(url, 'a', async () => {
      tries += 1
      if (tries === 1) throw new Error('not this time')
    })
    const victim = await child(url, 'victim')
    await watching(url, 2)
    victim.process.kill('SIGKILL')
    await eventually(async () => (await replicas(url)).join() === 'a')
    expect([tries, a.dead]).toEqual([2, ['victim', 'victim']])
  })

  it('put down what nobody took over, so that whoever can takes it', async () => {
    const url = await freshDatabase()
    const victim = await child(url, 'victim')
    const { store, rota } = await openAs('victim', url)
    await store.commit({ facts: [requested('r')] })
    const hold = await rota.take({ run: 'r', epoch: 0 })
    await rota.rest(hold ?? { run: '', epoch: -1, wakes: 0 }, { n: 1 })
    await rota.take({ run: 'r', epoch: 1 })
    await joinAs(url, 'a')
    const other = await openAs('a', url)
    victim.process.kill('SIGKILL')
    await eventually(async () => (await other.rota.unheld(new Date().toISOString())).length > 0)
    expect(await other.rota.heldBy('victim')).toEqual([])
    expect(await other.rota.take({ run: 'r', epoch: 2 })).toBeUndefined()
    expect((await other.rota.take({ run: 'r', epoch: 3 }))?.epoch).toBe(4)
  })

  it('are not missed when they leave in order', async () => {
    const url = await freshDatabase()
    const [a, b] = await Promise.all([joinAs(url, 'a'), joinAs(url, 'b')])
    await watching(url, 2)
    await b.peers.leave()
    await watching(url, 0)
    expect(await replicas(url)).toEqual(['a'])
    expect([a.dead, a.lost, b.lost]).toEqual([[], [], []])
  })

  it('are replaced by those of the next start, when all of them died', async () => {
    const url = await freshDatabase()
    const first = await child(url, 'first')
    first.process.kill('SIGKILL')
    await once(first.process, 'exit')
    const a = await joinAs(url, 'a')
    await eventually(async () => (await replicas(url)).join() === 'a')
    expect(a.dead).toEqual(['first'])
  })

  it('stop when PostgreSQL has lost their locks', async () => {
    const postgres = await startPostgres()
    const a = await joinAs(await postgres.createDatabase(), 'a')
    await postgres.stop()
    await eventually(() => a.lost.length > 0, { ms: 1000 })
    await postgres.remove()
    expect(a.lost).toHaveLength(1)
  })

  it('have one leader, and another one when it dies', async () => {
    const url = await freshDatabase()
    const [first, second] = [await child(url, 'first'), await child(url, 'second')]
    await eventually(() => first.said.includes('leads'))
    await watching(url, 3)
    expect(second.said).not.toContain('leads')
    first.process.kill('SIGKILL')
    await eventually(() => second.said.includes('leads'), { ms: 500 })
  })

  it.concurrent('end one that hangs, and take it over; when it wakes it learns that it is lost', async () => {
    const url = await freshDatabase()
    const a = await joinAs(url, 'a')
    const victim = await child(url, 'victim')
    await watching(url, 2)
    const began = performance.now()
    victim.process.kill('SIGSTOP')
    await eventually(() => a.dead.length > 0, { ms: 10_000 })
    expect(performance.now() - began).toBeLessThan(7000)
    expect(performance.now() - began).toBeGreaterThan(4000)
    victim.process.kill('SIGCONT')
    const [code] = (await once(victim.process, 'exit')) as [number]
    expect([code, victim.said.at(-1)]).toEqual([70, 'lost'])
    expect(a.dead).toEqual(['victim'])
    expect(a.lost).toEqual([])
  })

  it.concurrent('have names of their own', async () => {
    const url = await freshDatabase()
    await joinAs(url, 'a')
    expect(await outcomeOf(joinAs(url, 'a'))).toBe('store.same-replica')
  })

  it.concurrent('cost few transactions when nothing happens', async () => {
    const url = await freshDatabase()
    const { tail } = await openAs('a', url)
    tail(() => undefined)
    const [a, b] = await Promise.all([joinAs(url, 'a'), joinAs(url, 'b')])
    for (const { peers } of [a, b]) peers.leader('slack', () => undefined)
    await watching(url, 3)
    const count = async () => {
      const text = 'select xact_commit::int as n from pg_stat_database where datname = current_database()'
      return (await ask<{ n: number }>(url, text))[0]?.n ?? 0
    }
    // The server counts late, so that what it took to start is seen in the first seconds.
    const inASecond = async () => {
      const [began, before] = [performance.now(), await count()]
      await eventually(() => performance.now() - began > 1000)
      return (await count()) - before
    }
    await eventually(async () => (await inASecond()) / 2 < 5)
  })
})
