import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { eventually } from './eventually.ts'
import { postgresFolder } from './postgres-folder.ts'

/** A PostgreSQL of its own, on a private port, with the durability that it ships with. */
export type Postgres = {
  readonly url: (database: string) => string
  /** A fresh database, empty or a copy of one that nobody uses; gives its address. */
  readonly createDatabase: (like?: string) => Promise<string>
  /** As by a power cut: nothing is written to the end, every session breaks off. */
  readonly stop: () => Promise<void>
  /** Again, on the same port, with the same data. */
  readonly start: () => Promise<void>
  readonly remove: () => Promise<void>
  readonly port: number
}

/** The tests that need it are skipped where it is missing, which is said; with CI set they fail. */
export function withoutPostgres(): boolean {
  const missing = postgresFolder() === undefined
  if (missing && process.env['CI']) throw new Error('PostgreSQL is not installed')
  if (missing) console.log('SKIPPED PostgreSQL: it is not installed')
  return missing
}

let shared: Promise<Postgres> | undefined

/** One server for all test files of a worker. */
export function sharedPostgres(): Promise<Postgres> {
  shared ??= startPostgres()
  return shared
}

export async function startPostgres(): Promise<Postgres> {
  const bin = postgresFolder()
  if (bin === undefined) throw new Error('PostgreSQL is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-pg-'))
  const who = unprivileged()
  if (who.uid !== undefined && who.gid !== undefined) chownSync(folder, who.uid, who.gid)
  chmodSync(folder, 0o700)
  const data = join(folder, 'data')
  const args = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]
  const made = spawnSync(join(bin, 'initdb'), args, { ...who, cwd: folder, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.error?.message ?? ''}`)

  const port = await freePort()
  let running: ChildProcess | undefined
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  const start = async () => {
    running = launch({ bin, folder, port, who })
    await eventually(() => answers(url('postgres')), { ms: 15_000, what: 'PostgreSQL' })
  }
  const stop = async () => {
    if (running?.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill('SIGQUIT')
    await gone
    running.stdin?.destroy()
  }
  await start()
  return {
    url,
    port,
    start,
    stop,
    createDatabase: (like) => createDatabase(url, like),
    remove: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Who = { readonly uid?: number; readonly gid?: number }

/** PostgreSQL refuses to run as root. Debian's package brings a user for it. */
function unprivileged(): Who {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid, gid] = users.find((line) => line.startsWith('postgres:'))?.split(':') ?? []
  if (uid === undefined || gid === undefined)
    throw new Error('there is no user postgres to run PostgreSQL as')
  return { uid: Number(uid), gid: Number(gid) }
}

type Launch = { readonly bin: string; readonly folder: string; readonly port: number; readonly who: Who }

/**
 * Under a shell that waits for our end of a pipe: however we die, PostgreSQL ends and its folder goes. Durability is left
 * as it ships; only memory and connections are kept small.
 */
function launch({ bin, folder, port, who }: Launch): ChildProcess {
  const options = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    max_connections: 200,
    shared_buffers: '32MB',
    logging_collector: 'off',
  }
  const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const script = `exec 3<&0
    "$0" "$@" < /dev/null 3<&- & child=$!
    trap 'kill -QUIT $child' QUIT TERM
    (trap - QUIT TERM; read line <&3; : > orphaned; kill -QUIT $child) 2> /dev/null & watch=$!
    while kill -0 $child 2> /dev/null; do wait $child; done
    kill $watch 2> /dev/null
    if [ -e orphaned ]; then cd /; rm -rf '${folder}'; fi`
  return spawn('/bin/sh', ['-c', script, join(bin, 'postgres'), '-D', join(folder, 'data'), ...args], {
    ...who,
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

let databases = 0

async function createDatabase(url: (database: string) => string, like?: string): Promise<string> {
  const name = `test_${++databases}`
  const template = like === undefined ? 'template0' : new URL(like).pathname.slice(1)
  const client = new Client({ connectionString: url('postgres') })
  await client.connect()
  await client.query(`create database ${name} template ${template}`)
  await client.end()
  return url(name)
}
